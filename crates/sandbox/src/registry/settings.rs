use super::Registry;
use super::refusal::Refusal;
use super::state::Mode;
use klerk_core::schema::CompatibilityLevel;

impl Registry {
    /// The level that is enforced for a subject.
    pub(super) fn level_of(&self, subject: &str) -> CompatibilityLevel {
        self.levels.get(subject).copied().unwrap_or(self.level)
    }

    /// The level that a subject is said to have.
    pub(super) fn told_level(&self, subject: &str, or_global: bool) -> Result<CompatibilityLevel, Refusal> {
        match self.levels.get(subject) {
            Some(level) => Ok(*level),
            None if self.manner.is_apicurio() => {
                self.subject(subject, true)?;
                Ok(if or_global { self.level } else { CompatibilityLevel::None })
            }
            None if or_global => Ok(self.level),
            None => Err(Refusal::NoLevel(subject.to_owned())),
        }
    }

    pub(super) fn read_level(&self, word: Option<&str>) -> Result<CompatibilityLevel, Refusal> {
        let refusal = || Refusal::InvalidLevel(word.map(str::to_owned));
        let word = word.ok_or_else(refusal)?;
        let word =
            if self.manner.reads_small_letters() { word.to_ascii_uppercase() } else { word.to_owned() };
        word.parse().map_err(|_| refusal())
    }

    pub(super) fn set_level(
        &mut self,
        subject: Option<&str>,
        level: CompatibilityLevel,
    ) -> Result<(), Refusal> {
        match subject {
            None => {
                self.check_all_writable()?;
                self.level = level;
            }
            Some(subject) => {
                self.check_writable(subject)?;
                // Apicurio keeps a level as a rule, and NONE is the absence of one.
                if level == CompatibilityLevel::None && self.manner.is_apicurio() {
                    self.levels.remove(subject);
                } else {
                    self.levels.insert(subject.to_owned(), level);
                }
            }
        }
        Ok(())
    }

    /// Takes a level back and says which it was.
    pub(super) fn drop_level(&mut self, subject: Option<&str>) -> Result<CompatibilityLevel, Refusal> {
        match subject {
            None => {
                self.check_all_writable()?;
                Ok(std::mem::replace(&mut self.level, self.manner.first_level()))
            }
            Some(subject) => {
                self.check_writable(subject)?;
                let told = self.told_level(subject, false);
                let told = told.map_err(|_| Refusal::NoSubject(subject.to_owned()))?;
                self.levels.remove(subject);
                Ok(told)
            }
        }
    }

    /// The mode that is enforced for a subject.
    pub(super) fn mode_of(&self, subject: &str) -> Mode {
        match self.mode {
            Mode::ReadOnlyOverride => Mode::ReadOnlyOverride,
            global => self.modes.get(subject).copied().unwrap_or(global),
        }
    }

    /// The mode that is set on a subject.
    pub(super) fn told_mode(&self, subject: &str, or_global: bool) -> Result<Mode, Refusal> {
        match self.modes.get(subject) {
            Some(mode) => Ok(*mode),
            None if or_global => Ok(self.mode),
            None => Err(Refusal::NoMode(subject.to_owned())),
        }
    }

    pub(super) fn read_mode(word: Option<&str>) -> Result<Mode, Refusal> {
        let word = word.unwrap_or_default();
        Mode::from_word(word).ok_or_else(|| Refusal::InvalidMode(word.to_owned()))
    }

    pub(super) fn set_mode(&mut self, subject: Option<&str>, mode: Mode, force: bool) -> Result<(), Refusal> {
        let occupied = match subject {
            None => self.subjects.values().any(super::Subject::is_live),
            Some(subject) => self.subject(subject, false).is_ok(),
        };
        if mode == Mode::Import && occupied && !force {
            return Err(Refusal::NotPermitted("Cannot import since found existing subjects".to_owned()));
        }
        match subject {
            None => self.mode = mode,
            Some(subject) => drop(self.modes.insert(subject.to_owned(), mode)),
        }
        Ok(())
    }

    pub(super) fn drop_mode(&mut self, subject: Option<&str>) -> Result<Mode, Refusal> {
        match subject {
            None => Ok(std::mem::take(&mut self.mode)),
            Some(subject) => {
                let mode = self.told_mode(subject, false)?;
                self.modes.remove(subject);
                Ok(mode)
            }
        }
    }

    pub(super) fn check_writable(&self, subject: &str) -> Result<(), Refusal> {
        if matches!(self.mode_of(subject), Mode::ReadOnly | Mode::ReadOnlyOverride) {
            return Err(Refusal::NotPermitted(format!("Subject {subject} is in read-only mode")));
        }
        Ok(())
    }

    fn check_all_writable(&self) -> Result<(), Refusal> {
        if matches!(self.mode, Mode::ReadOnly | Mode::ReadOnlyOverride) {
            return Err(Refusal::NotPermitted("The registry is in read-only mode".to_owned()));
        }
        Ok(())
    }
}
