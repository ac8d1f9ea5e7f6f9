use super::alone::incompatibilities;
use super::facts::{enforced_level, expectations};
use super::levels::{Bearing, bearing, level_change};
use super::{SubjectChange, removal};
use crate::plan::assess::Standing;
use crate::plan::{
    Answer, Answers, Basis, Conflict, ConflictReason, Finding, OwnVerdict, Question, RegisteredVersion, Risk,
    Severity, Verdict,
};
use crate::schema::{CompatibilityLevel, Sameness, same_schema};
use crate::topology::Subject;
use crate::values::{Known, Origin, Resource, first_few};
use crate::world::{SchemaType, SubjectView, VersionView};
use std::collections::BTreeSet;

/// How many reasons of klerk's own are told.
const OWN_REASONS: usize = 5;

/// What a change of a subject risks and rests on, or why it cannot be made. `going` is what the plan deletes.
pub(in crate::plan) fn judge(
    change: &SubjectChange,
    origin: Option<&Origin>,
    going: &BTreeSet<Resource>,
    answers: &Answers,
    basis: &Basis<'_>,
) -> Result<Standing, Conflict> {
    if let SubjectChange::Delete { .. } = change {
        return removal::judge(change, origin, going, answers, basis);
    }
    let name = change.subject();
    let case = Case {
        change,
        origin,
        answers,
        want: basis.topology.and_then(|topology| topology.subjects.get(name)),
        view: basis
            .world
            .registry
            .known()
            .and_then(|registry| registry.subjects.get(name))
            .and_then(Known::known),
    };
    let mut standing = Standing { expects: expectations(change), ..Standing::default() };
    match change {
        SubjectChange::SetCompatibility { to, .. } => case.judge_level(*to, &mut standing),
        SubjectChange::Register { from, kind, text, .. } => {
            if let Some(from) = from.filter(|from| from.version > 1) {
                case.refuse_older(from, *kind, text)?;
            }
            case.judge_schema(from.is_some(), &mut standing)?;
            // A first version is checked by nothing, and a level that the plan sets is a fact of that step.
            let sets_level = case.want.is_some_and(|want| level_change(want, case.view).is_some());
            if let Some(view) = case.view.filter(|_| from.is_some() && !sets_level) {
                standing.expects.extend(enforced_level(name, view));
            }
        }
        SubjectChange::Delete { .. } => {}
    }
    Ok(standing)
}

struct Case<'a> {
    change: &'a SubjectChange,
    origin: Option<&'a Origin>,
    answers: &'a Answers,
    want: Option<&'a Subject>,
    view: Option<&'a SubjectView>,
}

impl Case<'_> {
    /// No registry can be asked whether it would take a level, so such a step is never preflighted.
    fn judge_level(&self, to: Option<CompatibilityLevel>, standing: &mut Standing) {
        let now = self.view.and_then(|view| view.effective_level.known()).copied();
        let has_versions = self.view.is_some_and(|view| view.latest().is_some());
        let to = match (to, self.answers.get(&Question::GlobalLevel)) {
            (Some(to), _) => to,
            (None, Some(Answer::Level(global))) => {
                let note = format!("the subject follows the registry's global level: {global}");
                standing.impact.notes.push(note);
                *global
            }
            (None, other) => {
                let why = why_unanswered(other);
                standing.risks.insert(Risk::BreaksReaders);
                standing.impact.notes.push(format!(
                    "the subject follows the registry's global level, which may be looser and could not be read: {why}"
                ));
                return;
            }
        };
        if to == CompatibilityLevel::None && has_versions && now != Some(CompatibilityLevel::None) {
            standing.risks.insert(Risk::BreaksReaders);
            standing
                .impact
                .notes
                .push("nothing will be checked when the next version is registered".to_owned());
        }
    }

    /// Registering what an older version holds is answered with that version's id and changes nothing, so that the
    /// wish of the file cannot be granted.
    fn refuse_older(&self, latest: RegisteredVersion, kind: SchemaType, text: &str) -> Result<(), Conflict> {
        let question = Question::OlderVersions { subject: self.change.subject().to_owned() };
        let versions = match self.answers.get(&question) {
            Some(Answer::Versions(versions)) => versions,
            other => {
                let why = why_unanswered(other);
                let message = format!(
                    "whether an older version holds this schema could not be found out: {why}. Try again"
                );
                return Err(self.conflict(ConflictReason::NotReadable, message));
            }
        };
        let holds_it = |version: &&VersionView| {
            version.kind == kind
                && version.references.is_empty()
                && same_schema(&version.text, text) != Sameness::Different
        };
        let older: Vec<&VersionView> =
            versions.iter().filter(|version| version.version < latest.version).collect();
        let Some(equal) = older.iter().copied().rfind(holds_it) else { return Ok(()) };
        let file = self.want.map_or("the file", |want| &*want.file);
        let newer = older.iter().filter(|version| version.version > equal.version).count();
        // The registry shows the same picture whether somebody registered newer versions or the file went back. One
        // newer version is more often a producer that registered its own schema.
        Err(if newer == 0 {
            self.conflict(
                ConflictReason::RegistryAhead,
                format!(
                    "the registry is ahead of the file: {file} equals version {}, and version {} (id {}) was registered \
                     since, perhaps by a producer. Registering the older schema again would have no effect; put the \
                     schema of version {} into {file}, or delete that version",
                    equal.version, latest.version, latest.id, latest.version
                ),
            )
        } else {
            self.conflict(
                ConflictReason::EqualsOlderVersion,
                format!(
                    "{file} equals version {}, and the latest is version {} (id {}). Registering the older schema again \
                     would have no effect: the registry answers with its id and the latest stays. Put the latest schema \
                     into {file}, or change it in more than its spelling (its doc, for instance)",
                    equal.version, latest.version, latest.id
                ),
            )
        })
    }

    /// What klerk finds by itself counts at whatever level the file sets, for it was made with that in mind.
    fn judge_alone(&self, verdict: &OwnVerdict, standing: &mut Standing) -> Result<(), Conflict> {
        let level = verdict.level;
        let assumed = if verdict.assumed { ", the usual one, for no file says any" } else { "" };
        if !verdict.reasons.is_empty() {
            let reasons = verdict.reasons.join("; ");
            let message = format!(
                "klerk alone, without a registry, finds the schema incompatible with the older one at level \
                 {level}{assumed}: {reasons}. Change the schema so that both can be read"
            );
            return Err(self.conflict(ConflictReason::Incompatible, message));
        }
        standing.impact.notes.push(match level {
            CompatibilityLevel::None => "at level NONE nothing is checked".to_owned(),
            _ => format!(
                "klerk alone, without a registry, finds it compatible with the older one at level {level}{assumed}"
            ),
        });
        Ok(())
    }

    fn judge_schema(&self, has_versions: bool, standing: &mut Standing) -> Result<(), Conflict> {
        let answer = self.answers.get(&Question::Compatible(self.change.clone()));
        if let Some(Answer::OwnVerdict(verdict)) = answer {
            return self.judge_alone(verdict, standing);
        }
        let bearing =
            self.view.filter(|_| has_versions).map_or(Bearing::Same, |view| bearing(self.want, view));
        if let Bearing::Another(level) = bearing {
            return self.judge_before_the_level(level, standing);
        }
        match answer {
            Some(Answer::Verdict(Verdict { compatible: true, .. })) => standing.preflighted = true,
            Some(Answer::Verdict(Verdict { compatible: false, messages })) => match bearing {
                Bearing::Looser(CompatibilityLevel::None) => {
                    standing.risks.insert(Risk::BreaksReaders);
                    let now = self.incompatible_now(messages);
                    standing
                        .impact
                        .notes
                        .push(format!("{now}; at level NONE it will be accepted all the same"));
                }
                Bearing::Looser(level) => return self.judge_before_the_level(level, standing),
                Bearing::Same | Bearing::Another(_) => {
                    let message = format!(
                        "{}. Change the schema so that both can be read",
                        self.incompatible_now(messages)
                    );
                    return Err(self.conflict(ConflictReason::Incompatible, message));
                }
            },
            // The registry has nothing to compare with. For a subject that was seen, that is no answer.
            Some(Answer::Accepted | Answer::NotAsked(_)) if !has_versions => {}
            Some(Answer::NotAsked(why)) => {
                standing.impact.notes.push(format!("whether it is compatible is not known: {why}"));
            }
            Some(Answer::Denied(_)) => {}
            Some(Answer::Refused(failure)) => {
                let message = format!("the registry refuses the schema: {failure}");
                return Err(self.conflict(ConflictReason::RefusedByRegistry, message));
            }
            other => {
                let why = why_unanswered(other);
                let message = format!(
                    "whether the registry would accept the schema could not be found out: {why}. Try again"
                );
                return Err(self.conflict(ConflictReason::NotReadable, message));
            }
        }
        Ok(())
    }

    fn incompatible_now(&self, messages: &[String]) -> String {
        let level = match self.view.and_then(|view| view.effective_level.known()) {
            Some(level) => format!("at level {level}"),
            None => "at its present level".to_owned(),
        };
        let latest = self.view.and_then(SubjectView::latest).map_or(0, |latest| latest.version);
        let against = match self.view.and_then(|view| view.effective_level.known()) {
            Some(level) if is_transitive(*level) => "a registered version".to_owned(),
            _ => format!("version {latest}"),
        };
        let reasons = if messages.is_empty() {
            match self.own_reasons() {
                Some(own) => format!("the registry gives no reasons; klerk by itself finds: {own}"),
                None => "the registry gives no reasons".to_owned(),
            }
        } else {
            messages.join("; ")
        };
        format!("the registry calls the schema incompatible with {against} {level}: {reasons}")
    }

    /// Judges by klerk's own rules what the registry can check only once the plan has set another level. Otherwise a
    /// plan would end with that level set and the schema refused.
    fn judge_before_the_level(
        &self,
        level: CompatibilityLevel,
        standing: &mut Standing,
    ) -> Result<(), Conflict> {
        match self.own_reasons_at(level) {
            Ok(Some(reasons)) => {
                let message = format!(
                    "the plan sets the level {level} first, by which klerk finds the schema incompatible with what is \
                     registered: {reasons}. Change the schema so that both can be read, or choose another level"
                );
                return Err(self.conflict(ConflictReason::Incompatible, message));
            }
            Ok(None) if level == CompatibilityLevel::None => {
                standing.impact.notes.push("at level NONE nothing is checked".to_owned());
            }
            Ok(None) => standing.impact.notes.push(format!(
                "klerk finds it compatible at the level {level}, which the plan sets first; the registry checks it by \
                 that level only at apply"
            )),
            Err(why) => standing.findings.push(self.not_checkable(level, &why)),
        }
        Ok(())
    }

    /// What klerk finds against the schema at the present level; `None` where it finds nothing, or cannot tell.
    fn own_reasons(&self) -> Option<String> {
        self.own_reasons_at(*self.view?.effective_level.known()?).ok().flatten()
    }

    /// What klerk finds against the schema at a level, `None` where it finds nothing; or why it cannot tell.
    fn own_reasons_at(&self, level: CompatibilityLevel) -> Result<Option<String>, String> {
        let (Some(view), SubjectChange::Register { subject, from, kind, text, .. }) =
            (self.view, self.change)
        else {
            return Ok(None);
        };
        let is_first = from.is_none_or(|latest| latest.version == 1);
        let versions = match self.answers.get(&Question::OlderVersions { subject: subject.clone() }) {
            Some(Answer::Versions(versions)) if is_transitive(level) => versions,
            other if is_transitive(level) && !is_first => {
                return Err(format!("its older versions could not be read: {}", why_unanswered(other)));
            }
            _ => &view.versions,
        };
        let found = incompatibilities(*kind, text, versions, level)?;
        let told = || first_few(found.iter().map(ToString::to_string), OWN_REASONS).join("; ");
        Ok((!found.is_empty()).then(told))
    }

    fn not_checkable(&self, level: CompatibilityLevel, why: &str) -> Finding {
        Finding {
            severity: Severity::Warning,
            code: "subject/not-checkable",
            message: format!(
                "the registry can check the schema only once the level {level} is set, so not before apply, and klerk \
                 cannot tell either: {why}. It may still be refused then, with the level set already"
            ),
            resource: Resource::subject(self.change.subject()),
            origin: self.origin.cloned(),
        }
    }

    fn conflict(&self, reason: ConflictReason, message: String) -> Conflict {
        Conflict {
            resource: Resource::subject(self.change.subject()),
            reason,
            message,
            origin: self.origin.cloned(),
        }
    }
}

fn is_transitive(level: CompatibilityLevel) -> bool {
    use CompatibilityLevel::{BackwardTransitive, ForwardTransitive, FullTransitive};
    matches!(level, BackwardTransitive | ForwardTransitive | FullTransitive)
}

fn why_unanswered(answer: Option<&Answer>) -> String {
    match answer {
        Some(Answer::Denied(failure) | Answer::Failed(failure) | Answer::Refused(failure)) => {
            failure.to_string()
        }
        Some(Answer::NotAsked(why)) => why.clone(),
        Some(Answer::Accepted) => "the registry finds nothing to compare with".to_owned(),
        Some(
            Answer::LogRanges(_)
            | Answer::Holding(_)
            | Answer::Usage(_)
            | Answer::Sizes(_)
            | Answer::Rates(_)
            | Answer::Versions(_)
            | Answer::Level(_)
            | Answer::Verdict(_)
            | Answer::Referrers(_)
            | Answer::OwnVerdict(_),
        )
        | None => "the question got no answer".to_owned(),
    }
}
