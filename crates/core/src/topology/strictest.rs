use super::model::{Contract, Terms, Topology};

/// The protection of several environments taken together: what is protected in one of them is protected. For commands
/// that find a topology by themselves and do not know which of its environments they are in.
pub fn strictest(topologies: impl IntoIterator<Item = Topology>) -> Topology {
    let mut strictest = Topology::default();
    let mut terms_of_others: Vec<(Terms, Vec<String>)> = Vec::new();
    for (number, topology) in topologies.into_iter().enumerate() {
        match number {
            0 => strictest.policy = topology.policy,
            _ => strictest.policy.tighten(topology.policy),
        }
        strictest.files.clone_from(&topology.files);
        for (name, topic) in topology.topics {
            let known = strictest.topics.entry(name).or_insert_with(|| topic.clone());
            known.protected |= topic.protected;
        }
        for (name, absent) in topology.absent.topics {
            let known = strictest.absent.topics.entry(name).or_insert_with(|| absent.clone());
            known.protected |= absent.protected;
        }
        let declared = topology.groups.keys().cloned().collect();
        terms_of_others.push((topology.all_groups, declared));
        for (name, contract) in topology.groups {
            match strictest.groups.get_mut(&name) {
                Some(known) => protect(&mut known.terms, &contract.terms),
                None => {
                    strictest.groups.insert(name, contract);
                }
            }
        }
    }
    // A group that one environment names may be any other group in the next one.
    for (terms, declared) in &terms_of_others {
        protect(&mut strictest.all_groups, terms);
        let others = |contract: &&mut Contract| !declared.contains(&contract.group);
        for contract in strictest.groups.values_mut().filter(others) {
            protect(&mut contract.terms, terms);
        }
    }
    strictest
}

fn protect(terms: &mut Terms, other: &Terms) {
    if other.is_protected() {
        terms.protected.clone_from(&other.protected);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::{Files, parse, resolve_all};

    #[test]
    fn a_topic_that_is_protected_anywhere_is_protected() {
        let text = "klerk: 1
topics: { a: {}, b: { protected: true }, c: { protected: true } }
environments:
  dev: { override: { protected: false } }
  prod: { topics: { a: { protected: true }, c: { state: absent } } }
";
        let draft = parse([("t.yaml".to_owned(), text.to_owned())]);
        let all = resolve_all(&draft, &Files::new()).unwrap();
        let strictest = strictest(all.into_iter().filter(|topology| topology.environment.is_some()));
        assert_eq!(
            ["a", "b", "c", "d"].map(|name| strictest.protects_topic(name)),
            [true, true, true, false]
        );
    }

    #[test]
    fn what_is_protected_anywhere_is_protected() {
        let text = "klerk: 1
groups: { a: { protected: true }, b: {}, c: { protected: true } }
environments:
  dev: { groups: { a: { protected: false }, c: { protected: false }, d: { protected: true } } }
  test: { groups: { all: { protected: true }, a: { protected: false }, b: { protected: false } } }
  prod: { groups: { c: { protected: false } } }
";
        let draft = parse([("t.yaml".to_owned(), text.to_owned())]);
        let of = |names: &[&str]| {
            let all = resolve_all(&draft, &Files::new()).unwrap();
            let named = |topology: &Topology| {
                topology
                    .environment
                    .as_ref()
                    .is_some_and(|environment| names.contains(&environment.name.as_str()))
            };
            let strictest = strictest(all.into_iter().filter(named));
            ["a", "b", "c", "d", "e"].map(|group| strictest.terms(group).is_protected())
        };
        assert_eq!(of(&["dev"]), [false, false, false, true, false]);
        assert_eq!(of(&["prod", "dev"]), [true, false, false, true, false]);
        assert_eq!(of(&["test"]), [false, false, true, true, true]);
        assert_eq!(of(&["dev", "test", "prod"]), [true, false, true, true, true]);
    }
}
