//! Text with certificates and keys (RFC 7468), as settings and files hold it.

/// A block between `-----BEGIN …-----` and `-----END …-----`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// What it says that it is: `CERTIFICATE`, `ENCRYPTED PRIVATE KEY` …
    pub label: String,
    /// The block with its lines as OpenSSL wants them.
    pub text: String,
    /// Whether the block itself says that a password is needed.
    pub encrypted: bool,
}

impl Block {
    pub(super) fn is_certificate(&self) -> bool {
        matches!(self.label.as_str(), "CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CERTIFICATE")
    }

    pub(super) fn is_key(&self) -> bool {
        self.label.ends_with("PRIVATE KEY")
    }
}

/// The width of a line.
const WIDTH: usize = 64;

/// The blocks of a text, in order. What stands between them is of no meaning.
///
/// A block may stand in a single line: that is what becomes of one in a file of properties, where `\` joins lines.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some((label, after)) = after_boundary(rest, "BEGIN") {
        let ending = format!("-----END {label}-----");
        let Some((body, beyond)) = after.split_once(&ending) else { break };
        blocks.push(block(label, body));
        rest = beyond;
    }
    blocks
}

fn after_boundary<'a>(text: &'a str, kind: &str) -> Option<(&'a str, &'a str)> {
    let (_, after) = text.split_once(&format!("-----{kind} "))?;
    after.split_once("-----")
}

fn block(label: &str, body: &str) -> Block {
    // The older form of keys has headers, whose lines matter and are left as they are.
    let has_headers = body.contains(':');
    let inner = if has_headers {
        let lines = body.lines().map(str::trim);
        lines.skip_while(|line| line.is_empty()).collect::<Vec<_>>().join("\n").trim_end().to_owned()
    } else {
        let letters: Vec<char> = body.chars().filter(|letter| !letter.is_whitespace()).collect();
        let lines: Vec<String> = letters.chunks(WIDTH).map(|line| line.iter().collect()).collect();
        lines.join("\n")
    };
    Block {
        label: label.to_owned(),
        text: format!("-----BEGIN {label}-----\n{inner}\n-----END {label}-----\n"),
        encrypted: label.starts_with("ENCRYPTED") || body.contains("ENCRYPTED"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blocks_are_found_among_other_text() {
        let text = "Bag Attributes\n    friendlyName: ann\n-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n\
                    # the key\n-----BEGIN ENCRYPTED PRIVATE KEY-----\nREVG\n-----END ENCRYPTED PRIVATE KEY-----\n";
        let found = blocks(text);
        let kinds: Vec<_> =
            found.iter().map(|block| (block.is_certificate(), block.is_key(), block.encrypted)).collect();
        assert_eq!(kinds, [(true, false, false), (false, true, true)]);
        assert_eq!(found[0].text, "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n");
    }

    #[test]
    fn a_block_in_one_line_gets_its_lines_back() {
        let letters = "A".repeat(WIDTH + 3);
        let found = blocks(&format!("-----BEGIN CERTIFICATE----- {letters} -----END CERTIFICATE-----"));
        let lines: Vec<&str> = found[0].text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!((lines[1].len(), lines[2]), (WIDTH, "AAA"));
    }

    #[test]
    fn the_headers_of_an_older_key_keep_their_lines() {
        let text = "-----BEGIN RSA PRIVATE KEY-----\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: AES-128-CBC,00\r\n\r\nQUJD\r\n\
                    -----END RSA PRIVATE KEY-----\r\n";
        let found = blocks(text);
        assert!(found[0].encrypted && found[0].is_key());
        insta::assert_snapshot!(found[0].text, @r"
        -----BEGIN RSA PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,00

        QUJD
        -----END RSA PRIVATE KEY-----
        ");
    }

    proptest! {
        #[test]
        fn any_text_has_an_end(text in "(-----(BEGIN|END) (A|B)-----|[a-z \n]{0,4}){0,12}") {
            for block in blocks(&text) {
                prop_assert_eq!(blocks(&block.text), vec![block]);
            }
        }
    }
}
