//! Consent to a plan. `--yes` answers the question whether to go on and allows no risk; a risk is allowed by its name,
//! on the command line or typed at the prompt, and so is a kind of change that the policy guards. What the policy wants
//! done by hand no flag allows. What is missing is refused by naming the flag that would give it.

use crate::cli;
use crate::term::Term;
use klerk_core::plan::{Permission, Plan, Risk};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What the command line has allowed beforehand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Given {
    /// `--yes`.
    pub yes: bool,
    /// `--allow`.
    pub allow: BTreeSet<Permission>,
    /// The context, where it is protected: whoever changes something there types its name.
    pub protected: Option<String>,
}

impl From<&cli::Consent> for Given {
    fn from(flags: &cli::Consent) -> Self {
        Given { yes: flags.yes, allow: flags.allow.iter().copied().collect(), protected: None }
    }
}

/// How something was allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By a flag.
    Flag,
    /// Typed at the prompt.
    Prompt,
    /// There was nothing to ask about.
    Unasked,
}

impl By {
    /// The word in a record.
    pub fn as_str(self) -> &'static str {
        match self {
            By::Flag => "flag",
            By::Prompt => "prompt",
            By::Unasked => "unasked",
        }
    }
}

/// Consent that was given, for the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// How the question whether to go on was answered.
    pub go_on: By,
    /// How each name that the plan requires was allowed.
    pub allowed: BTreeMap<Permission, By>,
}

/// Consent that is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is nobody to ask, and the flags do not say it all.
    #[error("{}{}, and there is no terminal to ask at", guarded(.context.as_deref()), lacking(*.yes, .names))]
    Unattended {
        /// Whether `--yes` is missing.
        yes: bool,
        /// What is not allowed.
        names: BTreeSet<Permission>,
        /// The context, where that is protected.
        context: Option<String>,
    },
    /// The policy wants it done by hand, and there is no hand.
    #[error("the policy wants {} done by hand, and there is no terminal to do it at", listed(.0))]
    NoHand(BTreeSet<Permission>),
    /// The policy wants it done by hand, and this is not its own command.
    #[error("the policy wants {} done by hand, and a step of apply is not", listed(.0))]
    NotByHand(BTreeSet<Permission>),
    /// The answer was not yes.
    #[error("declined at the prompt")]
    Declined,
    /// The name was not typed.
    #[error("{} was not allowed at the prompt", named(*.0))]
    NotAllowed(Permission),
    /// The name of what the policy wants done by hand was not typed.
    #[error("{} was not allowed at the prompt", named(*.0))]
    NotTyped(Permission),
    /// The name of the protected context was not typed.
    #[error("the context {0} is protected, and its name was not typed")]
    NotNamed(String),
}

/// What is said first where a context is protected.
fn guarded(context: Option<&str>) -> String {
    context.map_or_else(String::new, |name| format!("the context {name} is protected, "))
}

/// Consent as a whole, or only the names, where `--yes` was given.
fn lacking(yes: bool, names: &BTreeSet<Permission>) -> String {
    if yes {
        return "consent is missing".to_owned();
    }
    match names.iter().collect::<Vec<_>>().as_slice() {
        [one] => format!("{} is not allowed", named(**one)),
        several if several.iter().all(|name| matches!(name, Permission::Risk(_))) => {
            format!("the risks {} are not allowed", listed(names))
        }
        _ => format!("{} are not allowed", listed(names)),
    }
}

fn named(permission: Permission) -> String {
    match permission {
        Permission::Risk(risk) => format!("the risk {risk}"),
        Permission::Kind(kind) => format!("the change {kind}"),
        Permission::ChangeShare => format!("a change of more than {permission}"),
    }
}

fn listed(names: &BTreeSet<Permission>) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}

impl Refusal {
    /// The flags that would give what is missing, or where it is to be done instead.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Refusal::Unattended { yes, names, .. } => {
                let mut flags = if *yes { vec!["--yes".to_owned()] } else { Vec::new() };
                flags.extend(names.iter().map(|name| format!("--allow {name}")));
                let mut hints = vec![format!("add {}", flags.join(" "))];
                hints.extend(names.iter().map(|name| format!("{name}: {}", name.meaning())));
                hints
            }
            Refusal::NoHand(_) => vec!["run it at a terminal, and type the name when it asks".to_owned()],
            Refusal::NotByHand(names) => names.iter().map(|name| by_hand(*name)).collect(),
            Refusal::Declined => Vec::new(),
            Refusal::NotNamed(name) => {
                vec![format!("type {name} when it asks, or add --allow protected where nobody can be asked")]
            }
            Refusal::NotAllowed(name) => vec![format!("type its name, or add --allow {name}")],
            Refusal::NotTyped(name) => {
                vec![format!(
                    "type {name} when it asks: the policy wants it done by hand, and no flag stands for that"
                )]
            }
        }
    }
}

/// Where something is done by hand.
fn by_hand(permission: Permission) -> String {
    let command = match permission {
        Permission::Kind(kind) => kind.own_command(),
        Permission::Risk(_) | Permission::ChangeShare => {
            return format!("{permission}: make the change with the command of its own, at a terminal");
        }
    };
    match command {
        Some(command) => format!("{permission}: klerk {command} does it, at a terminal"),
        None => format!(
            "{permission}: there is no command that does this by itself, so the policy forbids it; let it say approve \
             where it is meant"
        ),
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
        /// What has to be typed.
        names: BTreeSet<Permission>,
        /// What the flags have allowed.
        so_far: BTreeMap<Permission, By>,
        /// The protected context whose name has to be typed.
        context: Option<String>,
    },
    /// Nobody can be asked, and the flags do not say it all; or no answer would do.
    Refused(Refusal),
}

/// The command that carries out what a whole topology asks for, and so nothing that is to be done by hand.
const APPLY: &str = "apply";

/// What a flag allows where a context is protected, as where a topic or a group is.
const PROTECTED: Permission = Permission::Risk(Risk::Protected);

/// Why a plan is not for `klerk apply`, whatever anybody consents to: its policy wants some of it done by hand.
pub fn not_for_apply(plan: &Plan) -> Option<Refusal> {
    Some(plan.by_hand()).filter(|names| !names.is_empty()).map(Refusal::NotByHand)
}

/// Decides without asking anybody. A plan without steps needs no consent.
pub fn decide(plan: &Plan, given: &Given, can_ask: bool) -> Decision {
    let (required, by_hand) = (plan.requires(), plan.by_hand());
    if let Some(refusal) = not_for_apply(plan).filter(|_| plan.command == APPLY) {
        return Decision::Refused(refusal);
    }
    if !by_hand.is_empty() && !can_ask {
        return Decision::Refused(Refusal::NoHand(by_hand));
    }
    let by_flag = |name: &&Permission| given.allow.contains(*name) && !by_hand.contains(*name);
    let mut allowed: BTreeMap<Permission, By> =
        required.iter().filter(by_flag).map(|name| (*name, By::Flag)).collect();
    let mut missing: BTreeSet<Permission> =
        required.into_iter().filter(|name| !allowed.contains_key(name)).collect();
    let go_on = !given.yes && !plan.steps.is_empty();
    let mut context = given.protected.clone().filter(|_| !plan.steps.is_empty());
    if context.is_some() && given.allow.contains(&PROTECTED) {
        allowed.insert(PROTECTED, By::Flag);
        context = None;
    }
    match (go_on || !missing.is_empty() || context.is_some(), can_ask) {
        (false, _) => Decision::Granted(Grant { go_on: By::Flag, allowed }),
        (true, true) => Decision::Ask { go_on, names: missing, so_far: allowed, context },
        (true, false) => {
            missing.extend(context.is_some().then_some(PROTECTED));
            Decision::Refused(Refusal::Unattended { yes: go_on, names: missing, context })
        }
    }
}

/// Decides, and asks where that is needed and possible. The plan has been shown before.
///
/// # Errors
/// When consent is not given.
pub async fn obtain(plan: &Plan, given: &Given, term: &Term) -> Result<Grant, Refusal> {
    let (go_on, missing, mut allowed, context) = match decide(plan, given, term.can_ask()) {
        Decision::Granted(grant) => return Ok(grant),
        Decision::Refused(refusal) => return Err(refusal),
        Decision::Ask { go_on, names, so_far, context } => (go_on, names, so_far, context),
    };
    if let Some(name) = context {
        let question = format!("The context {name} is protected.\nType {name} to change something there: ");
        if term.ask(&question).await.as_deref().map(str::trim) != Some(name.as_str()) {
            return Err(Refusal::NotNamed(name));
        }
        allowed.insert(PROTECTED, By::Prompt);
    }
    let by_hand = plan.by_hand();
    for name in missing {
        let question = format!("{name}: {}.\nType {name} to allow it: ", name.meaning());
        if term.ask(&question).await.as_deref() != Some(name.as_str()) {
            return Err(match by_hand.contains(&name) {
                true => Refusal::NotTyped(name),
                false => Refusal::NotAllowed(name),
            });
        }
        allowed.insert(name, By::Prompt);
    }
    if !go_on {
        return Ok(Grant { go_on: By::Flag, allowed });
    }
    let mut question = String::from("Carry this out");
    if let Some(environment) = &plan.environment {
        let _ = write!(question, " in environment {environment}");
    }
    if !plan.cluster_id.is_empty() {
        let _ = write!(question, " on cluster {}", plan.cluster_id);
    }
    if plan.left_out() > 0 {
        let _ = write!(question, ", without the {} that are blocked", plan.left_out());
    }
    question.push_str("? [y/N] ");
    match term.ask(&question).await {
        Some(answer) if matches!(answer.to_lowercase().as_str(), "y" | "yes") => {
            Ok(Grant { go_on: By::Prompt, allowed })
        }
        _ => Err(Refusal::Declined),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plan_with_risks;
    use Risk::{LosesData, MovesKeys, SkipsRecords};
    use klerk_core::plan::{Kind, Level};

    fn given(yes: bool, allow: &[Risk]) -> Given {
        Given { yes, allow: allow.iter().copied().map(Permission::Risk).collect(), protected: None }
    }

    /// A plan that adds partitions, with levels of a policy.
    fn levelled(command: &str, levels: &[(&str, Level)]) -> Plan {
        let mut plan = plan_with_risks(&[MovesKeys]);
        plan.command = command.to_owned();
        let levels = levels.iter().map(|(name, level)| (name.parse().unwrap(), *level));
        plan.bounds.levels = levels.collect();
        plan
    }

    #[test]
    fn a_policy_asks_for_kinds_of_changes_by_name() {
        let word = |levels: &[(&str, Level)], command: &str, allow: &[&str], can_ask| {
            let allow = allow.iter().map(|name| name.parse().unwrap()).collect();
            match decide(&levelled(command, levels), &Given { yes: true, allow, protected: None }, can_ask) {
                Decision::Granted(grant) => format!("granted {:?}", grant.allowed.len()),
                Decision::Ask { names, .. } => format!("ask {}", listed(&names)),
                Decision::Refused(refusal) => format!("{refusal} → {}", refusal.hints()[0]),
            }
        };
        let approve = &[("add-partitions", Level::Approve)][..];
        let by_hand = &[("moves-keys", Level::ByHand)][..];
        let told = [
            word(&[("add-partitions", Level::Auto)], "apply", &["moves-keys"], false),
            word(&[("set-config", Level::ByHand)], "apply", &["moves-keys"], false),
            word(approve, "apply", &["moves-keys"], false),
            word(approve, "apply", &["add-partitions"], false),
            word(approve, "apply", &[], false),
            word(approve, "apply", &["moves-keys", "add-partitions"], false),
            word(approve, "apply", &["moves-keys"], true),
            word(by_hand, "apply", &["moves-keys"], true),
            word(by_hand, "topic grow", &["moves-keys"], true),
            word(by_hand, "topic grow", &["moves-keys"], false),
            word(&[("add-partitions", Level::ByHand)], "apply", &["moves-keys", "add-partitions"], true),
        ];
        insta::assert_snapshot!(told.join("\n"), @r"
        granted 1
        granted 1
        the change add-partitions is not allowed, and there is no terminal to ask at → add --allow add-partitions
        the risk moves-keys is not allowed, and there is no terminal to ask at → add --allow moves-keys
        moves-keys, add-partitions are not allowed, and there is no terminal to ask at → add --allow moves-keys --allow add-partitions
        granted 2
        ask add-partitions
        the policy wants moves-keys done by hand, and a step of apply is not → moves-keys: make the change with the command of its own, at a terminal
        ask moves-keys
        the policy wants moves-keys done by hand, and there is no terminal to do it at → run it at a terminal, and type the name when it asks
        the policy wants add-partitions done by hand, and a step of apply is not → add-partitions: there is no command that does this by itself, so the policy forbids it; let it say approve where it is meant
        ");
    }

    #[tokio::test]
    async fn what_is_done_by_hand_is_typed_whatever_the_flags_say() {
        let plan = levelled("topic grow", &[("moves-keys", Level::ByHand)]);
        let all = Given { yes: true, allow: Permission::all().collect(), protected: None };
        let (term, _) = Term::buffered(Some(&["moves-keys"]));
        let allowed = BTreeMap::from([(Permission::Risk(MovesKeys), By::Prompt)]);
        assert_eq!(obtain(&plan, &all, &term).await, Ok(Grant { go_on: By::Flag, allowed }));
        let (term, _) = Term::buffered(Some(&["y"]));
        let refusal = Refusal::NotTyped(MovesKeys.into());
        assert_eq!(obtain(&plan, &all, &term).await, Err(refusal.clone()));
        let hint =
            "type moves-keys when it asks: the policy wants it done by hand, and no flag stands for that";
        assert_eq!(refusal.hints(), [hint]);
    }

    #[test]
    fn a_kind_that_is_allowed_grants_no_risk() {
        let kinds = Kind::all().map(Permission::Kind).collect();
        let plan = plan_with_risks(&[MovesKeys]);
        let Decision::Refused(refusal) =
            decide(&plan, &Given { yes: true, allow: kinds, protected: None }, false)
        else {
            panic!("granted");
        };
        assert_eq!(refusal.hints()[0], "add --allow moves-keys");
    }

    #[test]
    fn the_table_of_consent() {
        let word = |risks: &[Risk], yes, allow: &[Risk], can_ask| match decide(
            &plan_with_risks(risks),
            &given(yes, allow),
            can_ask,
        ) {
            Decision::Granted(_) => "granted".to_owned(),
            Decision::Ask { go_on, names, .. } => format!("ask {go_on} {}", listed(&names)),
            Decision::Refused(refusal) => refusal.hints()[0].clone(),
        };
        assert_eq!(word(&[], true, &[], false), "granted");
        assert_eq!(word(&[], false, &[], false), "add --yes");
        assert_eq!(word(&[], false, &[], true), "ask true ");
        assert_eq!(word(&[SkipsRecords], true, &[], false), "granted");
        assert_eq!(word(&[MovesKeys], true, &[], false), "add --allow moves-keys");
        assert_eq!(word(&[MovesKeys], true, &[LosesData], true), "ask false moves-keys");
        assert_eq!(word(&[MovesKeys], true, &[MovesKeys], false), "granted");
        assert_eq!(word(&[MovesKeys, LosesData], false, &[MovesKeys], false), "add --yes --allow loses-data");
    }

    #[test]
    fn a_refusal_says_what_is_missing_and_no_more() {
        let refusal = |yes, risks: &[Risk]| {
            Refusal::Unattended {
                yes,
                names: risks.iter().copied().map(Permission::Risk).collect(),
                context: None,
            }
            .to_string()
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
                Ok(Grant {
                    go_on: By::Prompt,
                    allowed: BTreeMap::from([(Permission::Risk(MovesKeys), By::Prompt)]),
                }),
            ),
            (&["moves-keys", ""], Err(Refusal::Declined)),
            (&["moves-keys"], Err(Refusal::Declined)),
            (&["y"], Err(Refusal::NotAllowed(MovesKeys.into()))),
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

    #[tokio::test]
    async fn a_protected_context_wants_its_name() {
        let guarded = |yes, allow: &[Risk]| Given { protected: Some("prod".to_owned()), ..given(yes, allow) };
        let plan = plan_with_risks(&[]);
        let told = |decision| match decision {
            Decision::Granted(grant) => format!("granted {:?}", grant.allowed),
            Decision::Ask { context, .. } => format!("ask {context:?}"),
            Decision::Refused(refusal) => format!("{refusal} → {}", refusal.hints()[0]),
        };
        insta::assert_snapshot!(
            [
                told(decide(&plan, &guarded(true, &[]), false)),
                told(decide(&plan, &guarded(false, &[]), false)),
                told(decide(&plan, &guarded(true, &[Risk::Protected]), false)),
                told(decide(&plan, &guarded(true, &[]), true)),
                told(decide(&plan, &guarded(true, &[Risk::Protected]), true)),
            ]
            .join("\n"),
            @r#"
        the context prod is protected, the risk protected is not allowed, and there is no terminal to ask at → add --allow protected
        the context prod is protected, consent is missing, and there is no terminal to ask at → add --yes --allow protected
        granted {Risk(Protected): Flag}
        ask Some("prod")
        granted {Risk(Protected): Flag}
        "#
        );
        let (term, captured) = Term::buffered(Some(&["prod"]));
        let allowed = BTreeMap::from([(PROTECTED, By::Prompt)]);
        assert_eq!(obtain(&plan, &guarded(true, &[]), &term).await, Ok(Grant { go_on: By::Flag, allowed }));
        assert!(captured.other().starts_with("The context prod is protected."), "{}", captured.other());
        let (term, _) = Term::buffered(Some(&["y"]));
        assert_eq!(
            obtain(&plan, &guarded(true, &[]), &term).await,
            Err(Refusal::NotNamed("prod".to_owned()))
        );
    }
}
