use super::Registry;
use super::refusal::Refusal;
use super::state::Version;

impl Registry {
    /// Deletes a subject, first softly and then for good, and says which versions that were.
    pub(super) fn remove_subject(&mut self, name: &str, permanent: bool) -> Result<Vec<i32>, Refusal> {
        self.check_writable(name)?;
        let subject = self.subject(name, true)?;
        let gone: Vec<Version> =
            if permanent { subject.versions.clone() } else { subject.live().copied().collect() };
        if gone.is_empty() {
            return Err(Refusal::SubjectSoftDeleted(name.to_owned()));
        }
        self.check_unreferenced(name, &gone)?;
        if permanent && gone.iter().any(|version| !version.deleted) {
            return Err(Refusal::SubjectNotSoftDeleted(name.to_owned()));
        }
        if permanent {
            self.subjects.remove(name);
            self.drop_unused();
        } else if let Some(subject) = self.subjects.get_mut(name) {
            subject.versions.iter_mut().for_each(|version| version.deleted = true);
        }
        if permanent || self.manner.forgets_level_at_soft_delete() {
            self.levels.remove(name);
            self.modes.remove(name);
        }
        Ok(gone.into_iter().map(|version| version.number).collect())
    }

    /// Deletes a version, first softly and then for good, and says which it was.
    pub(super) fn remove_version(&mut self, name: &str, word: &str, permanent: bool) -> Result<i32, Refusal> {
        self.check_writable(name)?;
        let (version, _) = self.version(name, word, true)?;
        let number = version.number;
        if version.deleted && !permanent {
            return Err(Refusal::VersionSoftDeleted { subject: name.to_owned(), version: number });
        }
        self.check_unreferenced(name, &[version])?;
        if permanent && !version.deleted {
            return Err(Refusal::VersionNotSoftDeleted { subject: name.to_owned(), version: number });
        }
        if let Some(subject) = self.subjects.get_mut(name) {
            if permanent {
                subject.versions.retain(|version| version.number != number);
            } else {
                let same = subject.versions.iter_mut().filter(|version| version.number == number);
                same.for_each(|version| version.deleted = true);
            }
        }
        if permanent {
            self.subjects.retain(|_, subject| !subject.versions.is_empty());
            self.drop_unused();
        }
        Ok(number)
    }

    fn check_unreferenced(&self, name: &str, versions: &[Version]) -> Result<(), Refusal> {
        let referenced = versions.iter().find(|one| !self.referenced_by(name, one.number).is_empty());
        match referenced {
            Some(version) => Err(Refusal::Referenced { subject: name.to_owned(), version: version.number }),
            None => Ok(()),
        }
    }

    /// A schema goes with the last version that holds it.
    fn drop_unused(&mut self) {
        let versions = self.subjects.values().flat_map(|subject| &subject.versions);
        let used: std::collections::BTreeSet<i32> = versions.map(|version| version.id).collect();
        self.contents.retain(|id, _| used.contains(id));
    }
}
