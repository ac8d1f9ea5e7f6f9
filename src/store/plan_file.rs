//! Saved plans: the `klerk.plan` document in a file, for `klerk apply FILE`.

use super::StoreError;
use crate::view::json::v1::{self, InvalidDocument, PlanDocument};
use klerk_core::plan::{AccessChange, Change, Plan, sound};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// A plan that was read from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPlan {
    /// The plan.
    pub plan: Plan,
    /// Whether it has a digest, so that it is known to be as it was saved. The first klerks wrote none.
    pub sealed: bool,
}

/// Saves a plan, whole or not at all. An older plan in the file gives way; anything else is left alone, for a slip of
/// the hand must not cost a topology.
///
/// # Errors
/// When the file holds something else, or cannot be written.
pub fn save_plan(path: &Path, plan: &Plan) -> Result<(), StoreError> {
    match fs::read_to_string(path) {
        Ok(text) if text.trim().is_empty() || says_it_is_a_plan(&text) => {}
        Ok(_) => return Err(StoreError::NotAPlan { path: path.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(StoreError::NotAPlan { path: path.to_owned() });
        }
        Err(source) => return Err(StoreError::PlanNotSaved { path: path.to_owned(), source }),
    }
    let not_saved = |source| StoreError::PlanNotSaved { path: path.to_owned(), source };
    let text = v1::print(&PlanDocument::sealed(&from_anywhere(plan).map_err(not_saved)?));
    replace(path, &text).map_err(not_saved)
}

/// The plan as it can be carried out from any folder: a file that holds a password is named by its whole path, lest another
/// one of that name be sent.
///
/// # Errors
/// When nobody can tell which folder this is.
pub fn from_anywhere(plan: &Plan) -> io::Result<Plan> {
    let mut plan = plan.clone();
    for step in &mut plan.steps {
        if let Change::Access(AccessChange::SetUser { password_file, .. }) = &mut step.change {
            *password_file = std::path::absolute(&*password_file)?.display().to_string();
        }
    }
    Ok(plan)
}

/// Reads a saved plan.
///
/// # Errors
/// When the file cannot be read, is no plan, was made without a cluster, or is one of a later version; and when it was edited
/// or damaged since.
pub fn read_plan(path: &Path) -> Result<SavedPlan, StoreError> {
    let text = fs::read_to_string(path)
        .map_err(|source| StoreError::PlanUnreadable { path: path.to_owned(), source })?;
    let unreadable = |source| match source {
        InvalidDocument::Changed => StoreError::PlanChanged { path: path.to_owned() },
        source => StoreError::PlanMalformed { path: path.to_owned(), source },
    };
    let document = PlanDocument::parse(&text).map_err(unreadable)?;
    let plan = document.to_core().map_err(unreadable)?;
    if let Some(against) = &plan.against {
        return Err(StoreError::PlanAgainst { path: path.to_owned(), against: against.clone() });
    }
    sound(&plan).map_err(|source| StoreError::PlanUnsound { path: path.to_owned(), source })?;
    Ok(SavedPlan { plan, sealed: document.is_sealed() })
}

/// Whether a text calls itself a saved plan, sound or not.
pub fn says_it_is_a_plan(text: &str) -> bool {
    let value: Option<serde_json::Value> = serde_json::from_str(text).ok();
    value.is_some_and(|value| value.get("format").and_then(serde_json::Value::as_str) == Some("klerk.plan"))
}

/// Writes beside the file and then moves it into its place, so that nobody ever reads half a plan.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut name = OsString::from(".");
    name.push(path.file_name().ok_or_else(|| io::Error::other("it is no file name"))?);
    name.push(format!(".{}", std::process::id()));
    let beside = path.with_file_name(name);
    let write = || -> io::Result<()> {
        let mut file = File::create_new(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    let written = write();
    if written.is_err() {
        // What is left of a failed attempt is of no use to anybody.
        fs::remove_file(&beside).ok();
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use klerk_core::plan::{Bounds, Preflight, Unmanaged};
    use std::collections::BTreeSet;

    fn empty_plan(cluster_id: &str) -> Plan {
        Plan {
            command: "plan".to_owned(),
            cluster_id: cluster_id.to_owned(),
            environment: None,
            steps: Vec::new(),
            conflicts: Vec::new(),
            unmanaged: Unmanaged::default(),
            findings: Vec::new(),
            preflight: Preflight::Full,
            unchanged: BTreeSet::new(),
            bounds: Bounds::default(),
            skips_blocked: false,
            against: None,
            visible_only: None,
        }
    }

    #[test]
    fn a_plan_is_read_back_and_takes_the_place_of_an_older_one() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("plan.json");
        save_plan(&path, &empty_plan("a"))?;
        save_plan(&path, &empty_plan("b"))?;
        assert_eq!(read_plan(&path)?, SavedPlan { plan: empty_plan("b"), sealed: true });
        assert_eq!(fs::read_dir(folder.path())?.count(), 1);
        Ok(())
    }

    #[test]
    fn what_is_no_plan_is_left_alone() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("topology.yaml");
        for text in ["klerk: 1\n", r#"{"format":"klerk.report"}"#] {
            fs::write(&path, text)?;
            let refused = save_plan(&path, &empty_plan("a"));
            assert!(matches!(refused, Err(StoreError::NotAPlan { .. })), "{refused:?}");
            assert_eq!(fs::read_to_string(&path)?, text);
        }
        fs::write(&path, b"\xff\xfe")?;
        assert!(matches!(save_plan(&path, &empty_plan("a")), Err(StoreError::NotAPlan { .. })));
        Ok(())
    }

    #[test]
    fn a_plan_of_a_later_klerk_is_refused_by_its_version() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("plan.json");
        fs::write(&path, r#"{"format":"klerk.plan","version":99}"#)?;
        let error = read_plan(&path).expect_err("too new").to_string();
        assert!(error.contains("version 99 of klerk.plan"), "{error}");
        fs::write(&path, "klerk: 1\n")?;
        assert!(matches!(read_plan(&path), Err(StoreError::PlanMalformed { .. })));
        Ok(())
    }
}
