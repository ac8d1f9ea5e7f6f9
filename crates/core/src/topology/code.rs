use super::Severity;
use std::fmt;

/// Declares the table of fault codes: each with its stable name and what it means.
macro_rules! codes {
    ($($variant:ident $name:literal $meaning:literal;)*) => {
        /// The kinds of faults, each with a stable code and a meaning that stands on its own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$variant => $name,)*
                }
            }

            /// What it means and what to do about it, in a sentence or two.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Code::$variant => $meaning,)*
                }
            }
        }
    };
}

codes! {
    Syntax "topology/syntax"
        "The text is not YAML as this file format uses it. What follows the place in the same file has not been read.";
    Alias "topology/alias"
        "A plain `*` begins a YAML alias. Put quotes around names that begin with one.";
    Tag "topology/tag"
        "A plain `!` begins a YAML tag. Put quotes around values that begin with one.";
    TooLarge "topology/too-large"
        "The file is nested too deeply, or its aliases expand to more than any real topology holds.";
    SeveralDocuments "topology/several-documents"
        "A file holds one YAML document. Put each document into a file of its own; sections merge by name across files.";
    Version "topology/version"
        "Each file says `klerk: 1`, the version of the format.";
    WrongShape "topology/wrong-shape"
        "A map stands where a plain value belongs, or the other way round.";
    UnknownKey "topology/unknown-key"
        "The format has no such key. It is refused, because ignoring it would mean ignoring a wish.";
    StrayKey "topology/stray-key"
        "A comma in a map between braces ended the value, so that its second half was read as a key. Put it in quotes or in brackets.";
    NotYet "topology/not-yet"
        "The key belongs to the format, but this version does not carry it out yet. It is refused, because ignoring it would mean ignoring a wish.";
    Duplicate "topology/duplicate"
        "The same thing is said twice, in one file or in two. Only one place may say it.";
    Null "topology/null"
        "There is no value, and nothing is not a value: write `unset` to follow the broker, or leave the key out.";
    EmptyValue "topology/empty-value"
        "The value is an empty text.";
    BadValue "topology/bad-value"
        "The value cannot be read as what the key takes.";
    BadDuration "topology/bad-duration"
        "Durations are numbers with ms, s, m, h, d or w, such as 7d or 1h30m, or `forever`; a bare number counts milliseconds.";
    BadSize "topology/bad-size"
        "Sizes are numbers with kB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers of 1024); a bare number counts bytes.";
    TopicName "topology/topic-name"
        "Kafka takes topic names of 1 to 249 characters from a-z, A-Z, 0-9, `.`, `_` and `-`, but neither `.` nor `..`.";
    TopicCollision "topology/topic-collision"
        "Kafka refuses topics whose names differ only in `.` and `_`, because its metrics could not tell them apart.";
    GroupName "topology/group-name"
        "A group id is a text that is not empty.";
    SubjectName "topology/subject-name"
        "A subject name is a text that is not empty and has no control characters.";
    Naming "topology/naming"
        "The name does not have the form that the section `naming` asks for.";
    BadPattern "topology/bad-pattern"
        "The pattern of names cannot be used as written.";
    UnknownClass "topology/unknown-class"
        "The topic names a class that the section `classes` does not have.";
    EnvironmentName "topology/environment-name"
        "The name of an environment is a text that is not empty.";
    UnknownEnvironment "topology/unknown-environment"
        "`only` or `extends` names an environment that the section `environments` does not have.";
    EnvironmentCycle "topology/environment-cycle"
        "An environment extends itself, by way of others or at once, so there is nothing that it begins with.";
    OnlyElsewhere "topology/only-elsewhere"
        "An environment says something of what `only` keeps out of it, so that it would have no effect.";
    AbsentSaysMore "topology/absent-says-more"
        "A topic that is not to be there has no partitions, configs or schemas. It may have a description, an owner, `only` and `protected`.";
    BadAddress "topology/bad-address"
        "Brokers are written as HOST:PORT, and a schema registry as http://HOST:PORT, without user and password.";
    UnknownTopic "topology/unknown-topic"
        "A contract or a role names a topic that is neither in the files nor in the section `external`, or that does not exist in the contract's environment.";
    UnknownGroup "topology/unknown-group"
        "A role names a group that is neither in the section `groups` nor in the section `external`, so that nobody can tell what its members read.";
    Principal "topology/principal"
        "Kafka writes a principal as its type and its name, such as `User:billing`. In the section `access` the type is added to a plain name, and `principal` takes both.";
    PolicyLoosens "topology/policy-loosens"
        "A policy can only ask for more than a risk takes by itself, and an environment for more of a risk and for fewer topics than the file does for all. Kinds of changes an environment may set either way.";
    PolicyElsewhere "topology/policy-elsewhere"
        "The policy stands in one file only, with what environments say of it, so that it can be read whole and no second file undoes it.";
    OutOfScope "topology/out-of-scope"
        "The topic lies outside the scope that the policy sets for this estate, which may touch no other topics.";
    KeyRequired "topology/key-required"
        "The policy requires every topic to say this key, and no layer of this topic does. What follows the broker is not said.";
    ValueNotAllowed "topology/value-not-allowed"
        "The policy names the values that this key may have, and the topic has another one. Values are compared as Kafka reads them.";
    ExternalConflict "topology/external-conflict"
        "The same name is declared here and said to be owned elsewhere.";
    FileMissing "topology/file-missing"
        "A file that the topology names cannot be read. Paths are relative to the file that names them.";
    SchemaType "topology/schema-type"
        "The schema's language is not carried out by this version, or cannot be told from the file's name.";
    SchemaSyntax "topology/schema-syntax"
        "The schema file does not hold a schema.";
}

impl Code {
    /// The code of that stable name.
    pub fn find(name: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.as_str() == name)
    }

    /// How bad it is. Everything in the table keeps a file from being used.
    pub fn severity(self) -> Severity {
        Severity::Error
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_distinct_and_explained() {
        let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(Code::find(code.as_str()), Some(*code));
            assert!(code.as_str().starts_with("topology/"));
            assert!(code.meaning().ends_with('.'), "{code}");
        }
    }
}
