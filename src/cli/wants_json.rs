use std::ffi::OsString;

/// Whether the arguments, however wrong, ask for a JSON answer: `-o json`, `-ojson`, `-qo=json`, `--output json`,
/// `--output=json`. A usage error is then a JSON document too, although the parser has not got as far as reading them.
pub fn wants_json(args: &[OsString]) -> bool {
    let mut args = args.iter().skip(1).map(|arg| arg.to_string_lossy());
    let mut wanted = false;
    while let Some(arg) = args.next() {
        if arg == "--" {
            break;
        }
        let value = match arg.strip_prefix("--") {
            Some("output") => args.next().map(|value| value.into_owned()),
            Some(long) => long.strip_prefix("output=").map(str::to_owned),
            None => match short_output(&arg) {
                Some("") => args.next().map(|value| value.into_owned()),
                Some(value) => Some(value.strip_prefix('=').unwrap_or(value).to_owned()),
                None => None,
            },
        };
        if let Some(value) = value {
            wanted = value == "json";
        }
    }
    wanted
}

/// What follows `o` in a cluster of short flags, where only flags without a value stand before it.
fn short_output(arg: &str) -> Option<&str> {
    let cluster = arg.strip_prefix('-')?.trim_start_matches(['q', 'v', 'h', 'y']);
    cluster.strip_prefix('o')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(line: &str) -> bool {
        wants_json(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn json_is_recognised_in_every_spelling() {
        for line in [
            "klerk -o json plan",
            "klerk plan -ojson",
            "klerk plan -o=json",
            "klerk plan --output json",
            "klerk plan --nonsense --output=json",
            "klerk -qvo json",
            "klerk -o human plan -o json",
        ] {
            assert!(asks(line), "{line}");
        }
        for line in [
            "klerk plan",
            "klerk json",
            "klerk plan -o",
            "klerk plan -o human",
            "klerk explain -- -o json",
            "klerk --only json",
        ] {
            assert!(!asks(line), "{line}");
        }
    }
}
