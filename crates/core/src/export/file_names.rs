use std::collections::BTreeSet;

/// The longest name without its end that every file system takes.
const LONGEST: usize = 200;

/// Names of files in one folder, no two of which a file system takes for one.
#[derive(Debug, Default)]
pub(super) struct FileNames {
    /// In lower case, for some file systems tell no cases apart.
    taken: BTreeSet<String>,
}

impl FileNames {
    /// A name for the file of something that is called so, as far as files may bear that; `end` comes last, with its dot.
    pub fn name(&mut self, of: &str, end: &str) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' };
        let mut name: String = of.chars().map(plain).take(LONGEST).collect();
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            name.insert(0, '_');
        }
        let mut number = 1;
        loop {
            let numbered = if number == 1 { format!("{name}{end}") } else { format!("{name}-{number}{end}") };
            if self.taken.insert(numbered.to_lowercase()) {
                return numbered;
            }
            number += 1;
        }
    }
}
