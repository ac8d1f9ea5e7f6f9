use super::levels::{Bearing, bearing, level_change};
use super::{SubjectChange, removal};
use crate::plan::{
    Change, Conflict, ConflictReason, DiffOptions, Finding, Proposal, Proposed, Question, Severity,
};
use crate::schema::{Sameness, same_schema};
use crate::topology::{Subject, Topology};
use crate::values::{Known, Origin, Resource, ResourceType};
use crate::world::{SubjectView, VersionView, World};

/// Compares the subjects of a topology with those of the registry.
pub(in crate::plan) fn diff(want: &Topology, have: &World, options: &DiffOptions, proposal: &mut Proposal) {
    if !options.covers_subjects() {
        return;
    }
    let wanted = want.subjects.iter().filter(|(name, _)| options.covers_subject(name));
    let registry = match &have.registry {
        Known::Known(registry) => registry,
        missing => {
            let why = missing.missing_reason().unwrap_or_else(|| "there is none".to_owned());
            for (_, subject) in wanted {
                let message = format!("the schema registry could not be read: {why}");
                proposal.conflicts.push(conflict(subject, ConflictReason::NotReadable, message));
            }
            for (name, absent) in want.absent.subjects.iter().filter(|(name, _)| options.covers_subject(name))
            {
                proposal.conflicts.push(Conflict {
                    resource: Resource::subject(name),
                    reason: ConflictReason::NotReadable,
                    message: format!("the schema registry could not be read: {why}"),
                    origin: Some(absent.origin.clone()),
                });
            }
            return;
        }
    };
    for (name, subject) in wanted {
        let seen = registry.subjects.get(name).unwrap_or(&Known::NotAsked);
        Comparison { want: subject, proposal: &mut *proposal }.run(seen);
    }
    for (name, absent) in want.absent.subjects.iter().filter(|(name, _)| options.covers_subject(name)) {
        removal::propose(name, absent, registry, proposal);
    }
    let named = |name: &String| want.subjects.contains_key(name) || want.absent.subjects.contains_key(name);
    let unlisted = registry
        .subjects
        .iter()
        .filter(|(name, subject)| !subject.is_absent() && options.covers_subject(name) && !named(name));
    proposal.unmanaged.subjects.extend(unlisted.map(|(name, _)| name.clone()));
    if let Some(failure) = &registry.unlisted {
        proposal.findings.push(Finding {
            severity: Severity::Warning,
            code: "subject/unlisted",
            message: format!(
                "subjects that no file names are not shown, for the registry did not list them: {failure}"
            ),
            resource: Resource { kind: ResourceType::Subject, name: "*".to_owned() },
            origin: None,
        });
    }
}

struct Comparison<'a> {
    want: &'a Subject,
    proposal: &'a mut Proposal,
}

impl Comparison<'_> {
    fn run(mut self, seen: &Known<SubjectView>) {
        let view = match seen {
            Known::Known(view) => Some(view),
            Known::Absent => None,
            missing => {
                let why = missing.missing_reason().unwrap_or_default();
                return self
                    .block(ConflictReason::NotReadable, format!("the subject could not be read: {why}"));
            }
        };
        if let Some(reference) = self.want.references.first() {
            let message = format!(
                "the schema refers to subject '{}', and references are not in this version; define the type '{}' in the \
                 schema itself",
                reference.subject, reference.name
            );
            return self.block(ConflictReason::Other, message);
        }
        let before = (self.proposal.changes.len(), self.proposal.conflicts.len());
        self.level(view);
        self.schema(view);
        if before == (self.proposal.changes.len(), self.proposal.conflicts.len()) {
            self.proposal.unchanged.insert(Resource::subject(&self.want.name));
        }
    }

    fn level(&mut self, view: Option<&SubjectView>) {
        let Some(wanted) = &self.want.compatibility else { return };
        if let Some(why) = view.and_then(|view| view.level.missing_reason()) {
            let message = format!("the subject's compatibility level could not be read: {why}");
            return self.block(ConflictReason::NotReadable, message);
        }
        if let Some(change) = level_change(self.want, view) {
            self.propose(change, wanted.origin.clone());
        }
    }

    fn schema(&mut self, view: Option<&SubjectView>) {
        let latest = view.and_then(SubjectView::latest);
        match latest.map(|latest| (latest, alike(self.want, latest))) {
            Some((_, Sameness::Identical)) => {}
            Some((latest, Sameness::SameSpelling)) => self.find(
                "subject/other-spelling",
                format!(
                    "version {} holds the same schema as {} in another spelling: there is nothing to register",
                    latest.version, self.want.file
                ),
            ),
            Some((latest, Sameness::Different)) => {
                let change = self.register(Some(latest));
                if latest.version > 1 {
                    let subject = self.want.name.clone();
                    self.proposal.questions.insert(Question::OlderVersions { subject });
                }
                let telling = view.is_none_or(|view| !matches!(bearing(Some(self.want), view), Bearing::Another(_)));
                if telling {
                    self.proposal.questions.insert(Question::Compatible(change.clone()));
                }
                self.propose(change, self.want.origin.clone());
            }
            None => {
                let change = self.register(None);
                self.proposal.questions.insert(Question::Compatible(change.clone()));
                self.propose(change, self.want.origin.clone());
            }
        }
    }

    fn register(&self, latest: Option<&VersionView>) -> SubjectChange {
        SubjectChange::Register {
            subject: self.want.name.clone(),
            from: latest.map(Into::into),
            kind: self.want.kind,
            text: self.want.text.clone(),
            references: Vec::new(),
        }
    }

    fn propose(&mut self, change: SubjectChange, origin: Origin) {
        self.proposal.changes.push(Proposed::asked(Change::Subject(change), origin));
    }

    fn block(&mut self, reason: ConflictReason, message: String) {
        self.proposal.conflicts.push(conflict(self.want, reason, message));
    }

    fn find(&mut self, code: &'static str, message: String) {
        self.proposal.findings.push(Finding {
            severity: Severity::Info,
            code,
            message,
            resource: Resource::subject(&self.want.name),
            origin: Some(self.want.origin.clone()),
        });
    }
}

fn conflict(want: &Subject, reason: ConflictReason, message: String) -> Conflict {
    Conflict { resource: Resource::subject(&want.name), reason, message, origin: Some(want.origin.clone()) }
}

/// How alike the file's schema and a registered one are.
fn alike(want: &Subject, have: &VersionView) -> Sameness {
    if want.kind == have.kind && have.references.is_empty() {
        same_schema(&want.text, &have.text)
    } else {
        Sameness::Different
    }
}
