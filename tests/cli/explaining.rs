use crate::run::Place;

#[test]
fn a_code_is_explained_by_any_of_its_names() {
    let place = Place::new();
    insta::assert_snapshot!(place.run("explain 36").all(), @r"
    status 0
    --- stdout
    Kafka error
    TOPIC_ALREADY_EXISTS (36)
        A topic of this name exists already.
    --- stderr
    ");
    assert_eq!(place.run("explain TOPIC_ALREADY_EXISTS").stdout, place.run("explain 36").stdout);
    let document = place.run("explain moves-keys -o json").json();
    assert_eq!(document["entries"][0]["subject"], "risk");
}

#[test]
fn a_code_that_nobody_knows() {
    let place = Place::new();
    insta::assert_snapshot!(place.run("explain nonsense").all(), @r"
    status 1
    --- stdout
    --- stderr
    error: 'nonsense' is no code that klerk knows
      → `klerk explain` without a code lists everything that can be explained
    ");
    assert_eq!(place.run("explain nonsense -o json").json()["error"]["kind"], "not-found");
}
