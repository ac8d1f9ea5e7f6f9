//! The demo's own words, between the commands.

/// What it begins with.
pub fn opening(variables: &[(&str, String)]) -> String {
    let exports: String =
        variables.iter().map(|(name, value)| format!("$ export {name}={value}\n")).collect();
    format!(
        "This demo runs on a simulated cluster and registry inside of this program: not Kafka, and gone with its end.\n\n{exports}"
    )
}

/// Words to whoever watches.
pub fn words(words: &str) -> String {
    format!("\n# {words}\n")
}

/// A change of a file.
pub fn edit(file: &str, from: &str, to: &str) -> String {
    format!("# {file}:\n#   - {from}\n#   + {to}\n")
}

/// A command, as it is typed.
pub fn command(line: &str) -> String {
    format!("\n$ {line}\n")
}

/// What keeps the demo from going on.
pub fn amiss(why: &str) -> String {
    format!("error: the demo ends here: {why}\n")
}
