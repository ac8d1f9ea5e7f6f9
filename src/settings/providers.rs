//! References to values that stand elsewhere, `${file:/run/secrets/kafka.properties:password}`, as Java's clients resolve them
//! (KIP-421, KIP-632, KIP-887). Those that need no declaration there do not need one here either: nobody's password looks so.

use super::{Environment, Property, parse_properties};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What a reference comes to when it cannot be followed. It names what was referred to, which is no secret.
#[derive(Debug, thiserror::Error)]
pub enum ProviderFault {
    /// Nobody said what the provider is.
    #[error("there is no config provider '{0}'")]
    Undeclared(String),
    /// A class that klerk does not run.
    #[error("the config provider '{name}' is the Java class {class}, which klerk does not run")]
    Class {
        /// The provider.
        name: String,
        /// Its class.
        class: String,
    },
    /// A file that cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that is no properties file.
    #[error("{} is not a properties file: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: super::MalformedProperties,
    },
    /// A key that the file does not have.
    #[error("{} has no key '{key}'", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
        /// The key.
        key: String,
    },
    /// A variable that is not set.
    #[error("the variable {0} is not set")]
    NoVariable(String),
    /// A reference without the part that its provider needs.
    #[error("${{{0}:…}} needs a path and a key: ${{{0}:PATH:KEY}}")]
    NoPath(String),
}

/// What a provider reads.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// A key of a properties file.
    File,
    /// A whole file of a folder.
    Directory,
    /// A variable.
    Variable,
    /// Something that only Java knows.
    Foreign(String),
}

/// The providers of a file of properties.
pub(super) struct Providers<'e> {
    kinds: BTreeMap<String, Kind>,
    environment: &'e Environment,
    /// The folder that relative paths start from.
    folder: PathBuf,
}

/// A value with its references followed.
pub(super) struct Followed {
    pub value: String,
    /// The files that were read for it.
    pub files: Vec<PathBuf>,
}

impl<'e> Providers<'e> {
    /// The providers that the properties declare, over those that everybody has.
    pub(super) fn declared(properties: &[Property], environment: &'e Environment, folder: &Path) -> Self {
        let usual = [("file", Kind::File), ("directory", Kind::Directory), ("env", Kind::Variable)];
        let mut kinds: BTreeMap<String, Kind> =
            usual.into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect();
        for property in properties {
            let class_of =
                property.key.strip_prefix("config.providers.").and_then(|rest| rest.strip_suffix(".class"));
            if let Some(name) = class_of {
                let class = property.value.trim();
                let kind = match class.strip_prefix("org.apache.kafka.common.config.provider.") {
                    Some("FileConfigProvider") => Kind::File,
                    Some("DirectoryConfigProvider") => Kind::Directory,
                    Some("EnvVarConfigProvider") => Kind::Variable,
                    _ => Kind::Foreign(class.to_owned()),
                };
                kinds.insert(name.to_owned(), kind);
            }
        }
        Providers { kinds, environment, folder: folder.to_owned() }
    }

    /// The value with every `${PROVIDER:[PATH:]KEY}` replaced by what it refers to. What was put in is not read again.
    ///
    /// # Errors
    /// When a reference cannot be followed.
    pub(super) fn follow(&self, value: &str) -> Result<Followed, ProviderFault> {
        let mut followed = Followed { value: String::new(), files: Vec::new() };
        let mut rest = value;
        while let Some((before, reference, after)) = next_reference(rest) {
            followed.value.push_str(before);
            followed.value.push_str(&self.read(reference, &mut followed.files)?);
            rest = after;
        }
        followed.value.push_str(rest);
        Ok(followed)
    }

    fn read(&self, reference: Reference<'_>, files: &mut Vec<PathBuf>) -> Result<String, ProviderFault> {
        let Reference { provider, path, key } = reference;
        let at = |path: &str| self.folder.join(path);
        let open = |path: &Path| {
            fs::read_to_string(path)
                .map_err(|source| ProviderFault::Unreadable { path: path.to_owned(), source })
        };
        let path = || path.ok_or_else(|| ProviderFault::NoPath(provider.to_owned()));
        match self.kinds.get(provider) {
            None => Err(ProviderFault::Undeclared(provider.to_owned())),
            Some(Kind::Foreign(class)) => {
                Err(ProviderFault::Class { name: provider.to_owned(), class: class.clone() })
            }
            Some(Kind::Variable) => {
                let value = self.environment.named(key).map(|value| value.expose().to_owned());
                value.ok_or_else(|| ProviderFault::NoVariable(key.to_owned()))
            }
            Some(Kind::Directory) => {
                let path = at(path()?).join(key);
                let text = open(&path)?;
                files.push(path);
                Ok(text.trim_end_matches(['\n', '\r']).to_owned())
            }
            Some(Kind::File) => {
                let path = at(path()?);
                let properties = parse_properties(&open(&path)?)
                    .map_err(|problem| ProviderFault::Malformed { path: path.clone(), problem })?;
                files.push(path.clone());
                let found = properties.into_iter().rev().find(|property| property.key == key);
                found.map(|property| property.value).ok_or(ProviderFault::NoKey { path, key: key.to_owned() })
            }
        }
    }
}

/// What stands between `${` and `}`.
#[derive(Debug, PartialEq, Eq)]
struct Reference<'t> {
    provider: &'t str,
    path: Option<&'t str>,
    key: &'t str,
}

/// The first reference, with what stands before and after it.
fn next_reference(text: &str) -> Option<(&str, Reference<'_>, &str)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("${")?;
        let inner = &text[start + 2..];
        let end = inner.find('}')?;
        if let Some((provider, rest)) = inner[..end].split_once(':') {
            let (path, key) = match rest.split_once(':') {
                Some((path, key)) => (Some(path), key),
                None => (None, rest),
            };
            return Some((&text[..start], Reference { provider, path, key }, &inner[end + 1..]));
        }
        from = start + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn property(key: &str, value: &str) -> Property {
        Property { key: key.to_owned(), value: value.to_owned(), line: 1, is_ascii: value.is_ascii() }
    }

    #[test]
    fn references_lead_to_files_folders_and_variables() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secrets.properties"), "a=1\npassword = hunter2\na=${env:NOT}").unwrap();
        fs::write(folder.path().join("token"), "t0k3n\n").unwrap();
        let environment = Environment::of([("KAFKA_PASSWORD".to_owned(), "pass".to_owned())]);
        let declared = [
            property("config.providers", "f,v"),
            property(
                "config.providers.f.class",
                "org.apache.kafka.common.config.provider.FileConfigProvider",
            ),
            property("config.providers.v.class", "com.example.VaultConfigProvider"),
        ];
        let providers = Providers::declared(&declared, &environment, folder.path());
        let told = |value: &str| match providers.follow(value) {
            Ok(followed) => followed.value,
            Err(fault) => fault.to_string().replace(&folder.path().display().to_string(), "FOLDER"),
        };
        let absolute = format!("${{directory:{}:token}}", folder.path().display());
        insta::assert_snapshot!(
            [
                told("plain ${x} $ } {a:b}"),
                told("\"${file:secrets.properties:password}\" and ${f:secrets.properties:a}"),
                told(&absolute),
                told("${env:KAFKA_PASSWORD}"),
                told("${env:NOT}"),
                told("${file:secrets.properties:b}"),
                told("${file:none:b}"),
                told("${file:b}"),
                told("${v:a:b}"),
                told("${vault:a:b}"),
            ]
            .join("\n"),
            @r#"
        plain ${x} $ } {a:b}
        "hunter2" and ${env:NOT}
        t0k3n
        pass
        the variable NOT is not set
        FOLDER/secrets.properties has no key 'b'
        FOLDER/none cannot be read: No such file or directory (os error 2)
        ${file:…} needs a path and a key: ${file:PATH:KEY}
        the config provider 'v' is the Java class com.example.VaultConfigProvider, which klerk does not run
        there is no config provider 'vault'
        "#
        );
    }
}
