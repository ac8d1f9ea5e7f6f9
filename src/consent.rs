//! Consent to a plan. `--yes` answers the question whether to go on and allows no risk; a risk is allowed by its name,
//! on the command line or typed at the prompt. What is missing is refused by naming the flag that would give it.

use crate::cli;
use crate::term::Term;
use klerk_core::plan::{Plan, Risk};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What the command line has allowed beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Given {
    /// `--yes`.
    pub yes: bool,
    /// `--allow`.
    pub allow: BTreeSet<Risk>,
}

impl From<&cli::Consent> for Given {
    fn from(flags: &cli::Consent) -> Self {
        Given { yes: flags.yes, allow: flags.allow.iter().copied().collect() }
    }
}

/// How something was allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By a flag.
    Flag,
    /// Typed at the prompt.
    Prompt,
}

impl By {
    /// The word in a record.
    pub fn as_str(self) -> &'static str {
        match self {
            By::Flag => "flag",
            By::Prompt => "prompt",
        }
    }
}

/// Consent that was given, for the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// How the question whether to go on was answered.
    pub go_on: By,
    /// How each risk of the plan that needs it was allowed.
    pub risks: BTreeMap<Risk, By>,
}

/// Consent that is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is nobody to ask, and the flags do not say it all.
    #[error("{}, and there is no terminal to ask at", lacking(*.yes, .risks))]
    Unattended {
        /// Whether `--yes` is missing.
        yes: bool,
        /// The risks that are not allowed.
        risks: BTreeSet<Risk>,
    },
    /// The answer was not yes.
    #[error("declined at the prompt")]
    Declined,
    /// The name of the risk was not typed.
    #[error("the risk {0} was not allowed at the prompt")]
    NotAllowed(Risk),
}

/// Consent as a whole, or only the risks, where `--yes` was given.
fn lacking(yes: bool, risks: &BTreeSet<Risk>) -> String {
    let names: Vec<&str> = risks.iter().map(|risk| risk.as_str()).collect();
    match names.as_slice() {
        _ if yes => "consent is missing".to_owned(),
        [one] => format!("the risk {one} is not allowed"),
        several => format!("the risks {} are not allowed", several.join(", ")),
    }
}

impl Refusal {
    /// The flags that would give what is missing.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Refusal::Unattended { yes, risks } => {
                let mut flags = if *yes { vec!["--yes".to_owned()] } else { Vec::new() };
                flags.extend(risks.iter().map(|risk| format!("--allow {risk}")));
                let mut hints = vec![format!("add {}", flags.join(" "))];
                hints.extend(risks.iter().map(|risk| format!("{risk}: {}", risk.meaning())));
                hints
            }
            Refusal::Declined => Vec::new(),
            Refusal::NotAllowed(risk) => vec![format!("type its name, or add --allow {risk}")],
        }
    }
}

/// What is to be done about consent to a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The flags say it all.
    Granted(Grant),
    /// A person has to be asked.
    Ask {
        /// Whether the question whether to go on is open.
        go_on: bool,
        /// The risks whose names have to be typed.
        risks: BTreeSet<Risk>,
        /// What the flags have allowed.
        so_far: BTreeMap<Risk, By>,
    },
    /// Nobody can be asked, and the flags do not say it all.
    Refused(Refusal),
}

/// Decides without asking anybody. A plan without steps needs no consent.
pub fn decide(plan: &Plan, given: &Given, can_ask: bool) -> Decision {
    let required = plan.requires();
    let allowed: BTreeMap<Risk, By> =
        required.intersection(&given.allow).map(|risk| (*risk, By::Flag)).collect();
    let missing: BTreeSet<Risk> = required.difference(&given.allow).copied().collect();
    let go_on = !given.yes && !plan.steps.is_empty();
    match (go_on || !missing.is_empty(), can_ask) {
        (false, _) => Decision::Granted(Grant { go_on: By::Flag, risks: allowed }),
        (true, true) => Decision::Ask { go_on, risks: missing, so_far: allowed },
        (true, false) => Decision::Refused(Refusal::Unattended { yes: go_on, risks: missing }),
    }
}

/// Decides, and asks where that is needed and possible. The plan has been shown before.
///
/// # Errors
/// When consent is not given.
pub async fn obtain(plan: &Plan, given: &Given, term: &Term) -> Result<Grant, Refusal> {
    let (go_on, missing, mut risks) = match decide(plan, given, term.can_ask()) {
        Decision::Granted(grant) => return Ok(grant),
        Decision::Refused(refusal) => return Err(refusal),
        Decision::Ask { go_on, risks, so_far } => (go_on, risks, so_far),
    };
    for risk in missing {
        let question = format!("{risk}: {}.\nType {risk} to allow it: ", risk.meaning());
        if term.ask(&question).await.as_deref() != Some(risk.as_str()) {
            return Err(Refusal::NotAllowed(risk));
        }
        risks.insert(risk, By::Prompt);
    }
    if !go_on {
        return Ok(Grant { go_on: By::Flag, risks });
    }
    let mut question = String::from("Carry this out");
    if !plan.cluster_id.is_empty() {
        let _ = write!(question, " on cluster {}", plan.cluster_id);
    }
    question.push_str("? [y/N] ");
    match term.ask(&question).await {
        Some(answer) if matches!(answer.to_lowercase().as_str(), "y" | "yes") => {
            Ok(Grant { go_on: By::Prompt, risks })
        }
        _ => Err(Refusal::Declined),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plan_with_risks;
    use Risk::{LosesData, MovesKeys, SkipsRecords};

    fn given(yes: bool, allow: &[Risk]) -> Given {
        Given { yes, allow: allow.iter().copied().collect() }
    }

    #[test]
    fn the_table_of_consent() {
        let word = |risks: &[Risk], yes, allow: &[Risk], can_ask| match decide(
            &plan_with_risks(risks),
            &given(yes, allow),
            can_ask,
        ) {
            Decision::Granted(_) => "granted".to_owned(),
            Decision::Ask { go_on, risks, .. } => format!("ask {go_on} {risks:?}"),
            Decision::Refused(refusal) => refusal.hints()[0].clone(),
        };
        assert_eq!(word(&[], true, &[], false), "granted");
        assert_eq!(word(&[], false, &[], false), "add --yes");
        assert_eq!(word(&[], false, &[], true), "ask true {}");
        assert_eq!(word(&[SkipsRecords], true, &[], false), "granted");
        assert_eq!(word(&[MovesKeys], true, &[], false), "add --allow moves-keys");
        assert_eq!(word(&[MovesKeys], true, &[LosesData], true), "ask false {MovesKeys}");
        assert_eq!(word(&[MovesKeys], true, &[MovesKeys], false), "granted");
        assert_eq!(word(&[MovesKeys, LosesData], false, &[MovesKeys], false), "add --yes --allow loses-data");
    }

    #[test]
    fn a_refusal_says_what_is_missing_and_no_more() {
        let refusal = |yes, risks: &[Risk]| {
            Refusal::Unattended { yes, risks: risks.iter().copied().collect() }.to_string()
        };
        let nobody = "and there is no terminal to ask at";
        assert_eq!(refusal(true, &[MovesKeys]), format!("consent is missing, {nobody}"));
        assert_eq!(refusal(false, &[MovesKeys]), format!("the risk moves-keys is not allowed, {nobody}"));
        assert_eq!(
            refusal(false, &[MovesKeys, LosesData]),
            format!("the risks loses-data, moves-keys are not allowed, {nobody}")
        );
    }

    #[test]
    fn a_plan_without_steps_needs_no_consent() {
        let mut plan = plan_with_risks(&[]);
        plan.steps.clear();
        assert!(matches!(decide(&plan, &Given::default(), false), Decision::Granted(_)));
    }

    #[tokio::test]
    async fn the_prompt_takes_names_of_risks_and_a_yes() {
        let plan = plan_with_risks(&[MovesKeys]);
        let answers = [
            (
                &["moves-keys", "y"][..],
                Ok(Grant { go_on: By::Prompt, risks: BTreeMap::from([(MovesKeys, By::Prompt)]) }),
            ),
            (&["moves-keys", ""], Err(Refusal::Declined)),
            (&["moves-keys"], Err(Refusal::Declined)),
            (&["y"], Err(Refusal::NotAllowed(MovesKeys))),
        ];
        for (typed, expected) in answers {
            let (term, _) = Term::buffered(Some(typed));
            assert_eq!(obtain(&plan, &Given::default(), &term).await, expected, "{typed:?}");
        }
    }

    #[tokio::test]
    async fn the_question_names_the_cluster() {
        let (term, captured) = Term::buffered(Some(&["no"]));
        let refusal = obtain(&plan_with_risks(&[]), &Given::default(), &term).await;
        assert_eq!(refusal, Err(Refusal::Declined));
        assert_eq!(captured.other(), "Carry this out on cluster 4L6g3nShT-eMCtK--X86sw? [y/N] no\n");
    }
}
