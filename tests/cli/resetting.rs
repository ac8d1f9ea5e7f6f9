use crate::run::Place;

/// What is wrong with a reset before any broker is asked: nothing listens where it would connect to.
fn refused(place: &Place, args: &str) -> String {
    let ran = place.run(&format!("group reset g -b 127.0.0.1:1 {args}"));
    assert_eq!(ran.stdout, "");
    format!("status {}\n{}", ran.status, ran.stderr)
}

#[test]
fn a_time_needs_one_zone() {
    let place = Place::new();
    insta::assert_snapshot!(refused(&place, "--all-topics --to-datetime 2026-11-21T10:00:00"), @r"
    status 64
    error: --to-datetime: '2026-11-21T10:00:00' has no time zone: end it with Z or an offset such as +02:00, or name the zone with --tz
    ");
    insta::assert_snapshot!(refused(&place, "--all-topics --to-datetime 2026-11-21T10:00:00Z --tz UTC"), @r"
    status 64
    error: --to-datetime: '2026-11-21T10:00:00Z' has a zone of its own: leave --tz out
    ");
    insta::assert_snapshot!(refused(&place, "--all-topics --to-datetime yesterday"), @r"
    status 64
    error: --to-datetime: 'yesterday' is not a date and time such as 2026-11-21T10:00:00Z: the year is to come first, in four digits
    ");
}

#[test]
fn scope_and_strategy_are_both_needed_and_each_once() {
    let place = Place::new();
    insta::assert_snapshot!(refused(&place, "--to-latest"), @r"
    status 64
    error: the following required arguments were not provided: <--topic <TOPIC[:P,P-P…]>|--all-topics>
      → usage: klerk group reset [OPTIONS] <SCOPE> <STRATEGY> <GROUP>...
    ");
    insta::assert_snapshot!(refused(&place, "--all-topics"), @r"
    status 64
    error: the following required arguments were not provided: <--to-earliest|--to-latest|--to-offset <N>|--shift-by <±N>|--to-datetime <TIME>|--by-duration <DURATION>|--to-current|--from-file <FILE>|--from-group <GROUP>>
      → usage: klerk group reset [OPTIONS] <SCOPE> <STRATEGY> <GROUP>...
    ");
    insta::assert_snapshot!(refused(&place, "--all-topics --to-latest --to-earliest"), @r"
    status 64
    error: the argument '--to-latest' cannot be used with '--to-earliest'
      → usage: klerk group reset [OPTIONS] <SCOPE> <STRATEGY> <GROUP>...
    ");
    insta::assert_snapshot!(refused(&place, "--topic orders:3-1 --to-latest"), @r"
    status 64
    error: invalid value 'orders:3-1' for '--topic <TOPIC[:P,P-P…]>': the range '3-1' in 'orders:3-1' ends before it begins
    ");
    insta::assert_snapshot!(refused(&place, "--all-topics --from-group g"), @r"
    status 64
    error: --from-group g is the group that is reset
      → --to-current leaves a group where it is
    ");
}

#[test]
fn every_bad_line_of_an_offsets_file_is_named() {
    let place = Place::new().file("offsets.csv", "orders,0,1\norders,one,2\norders,0,7\n");
    insta::assert_snapshot!(refused(&place, "--all-topics --from-file offsets.csv"), @r"
    status 1
    error: offsets.csv cannot be used: 2 of its lines are not as they should be
      because line 2, column 8: the partition 'one' is not a whole number
      because line 3, column 1: orders-0 stands in line 1 already: keep one of them
      → lines of topic,partition,offset are expected, or of group,topic,partition,offset, as Kafka's tool exports them
    ");
    insta::assert_snapshot!(refused(&place, "--all-topics --from-file missing.csv"), @r"
    status 1
    error: missing.csv cannot be read: No such file or directory (os error 2)
    ");
}

#[test]
fn what_this_version_lacks_is_refused_by_name() {
    let place = Place::new();
    insta::assert_snapshot!(place.run("group lag --watch").all(), @r"
    status 64
    --- stdout
    --- stderr
    error: --watch of klerk group lag is not in this version
      → `klerk --help` lists what this version does
    ");
    insta::assert_snapshot!(place.run("group list -o csv").all(), @r"
    status 64
    --- stdout
    --- stderr
    error: --output csv is not a form of this answer
      → klerk group lag gives it
    ");
}
