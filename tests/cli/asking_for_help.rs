use crate::run::Place;

#[test]
fn the_version_is_one_line() {
    let place = Place::new();
    let ran = place.run("--version");
    assert_eq!(ran.all(), format!("status 0\n--- stdout\nklerk {}\n--- stderr\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(place.run("--version -o json").json()["text"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_help_lists_what_can_be_done() {
    insta::assert_snapshot!(Place::new().run("-h").all(), @r"
    status 0
    --- stdout
    The Kafka operator's command line: plan, apply, look and reset without harm

    Usage: klerk [OPTIONS] <COMMAND>

    Commands:
      validate     Check topology and schema files without a cluster
      plan         Compare the topology with the cluster and the registry; change nothing
      apply        Plan, ask, carry out, and report the fate of every step
      undo         Plan the way back of an apply or a reset, show it, ask, do it
      history      List the records of what was changed on this cluster, newest first
      diff         Show what differs between two environments of a topology, without a cluster
      export       Write what is on the cluster and in the registry as a topology of which the plan is
                   empty
      cluster      Look at the cluster itself, set configs of its brokers, bring leaders back
      topic        Delete topics, or their first records
      acl          Look at access control entries
      quota        Look at the quotas that clients are held to
      user         Look at the users that the cluster lets log in
      group        Look at consumer groups, and move their committed offsets
      config       Show every setting with where it came from, and the files that klerk reads and writes
      sandbox      Run a simulated cluster and registry on loopback until Ctrl-C
      demo         Show klerk's whole job on a sandbox, narrated
      explain      Say what a code means: of a fault, a finding, a risk, a status, a Kafka error
      completions  Print a completion script
      man          Write the manual, a page for each command

    Options:
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version

    Connection:
      -b, --bootstrap <HOST:PORT,…>  Brokers to ask first [variables: KLERK_BOOTSTRAP,
                                     KAFKA_BOOTSTRAP_SERVERS]
          --registry <URL,…>         Schema registry; several URLs are one registry [variables:
                                     KLERK_REGISTRY, SCHEMA_REGISTRY_URL]
          --command-config <FILE>    A client.properties file as Java clients read it [variable:
                                     KLERK_COMMAND_CONFIG]
      -X <KEY=VALUE>                 One client property, over the file; repeatable
      -c, --context <NAME>           A named cluster of config.toml: where it is, and how to log in
                                     [variable: KLERK_CONTEXT]
      -e, --env <NAME>               Environment of the topology, which says where the cluster is and
                                     what differs there
          --timeout <DURATION>       Bound for the whole command, such as 90s; without one it has none
                                     [variable: KLERK_TIMEOUT]

    Output:
      -o, --output <human|json>        The form of the answer on standard output
          --color <auto|always|never>  When to colour; NO_COLOR and TERM=dumb are heeded
      -q, --quiet                      No progress and no notes; errors and warnings stay
      -v, --verbose...                 Trace requests on standard error; twice for more
          --explain-requests           End standard error with the number of requests by API

    Examples:
      klerk demo                                the whole job on a simulated cluster, narrated
      klerk export -b localhost:9092 > topology.yaml
      klerk plan -b localhost:9092              what differs from topology.yaml
      klerk apply -b localhost:9092
      klerk group lag -b localhost:9092

    Exit status: 0 done, 1 error, 2 changes (with --detailed-exitcode), 3 partly, 4 refused, 64 usage.
    `klerk explain status` tells all of them.
    --- stderr
    ");
}

#[test]
fn the_help_of_plan() {
    insta::assert_snapshot!(Place::new().run("plan -h").all(), @r"
    status 0
    --- stdout
    Compare the topology with the cluster and the registry; change nothing

    Usage: klerk plan [OPTIONS]

    Options:
      -f, --file <PATH>         A topology file, a folder of them, or - for standard input; repeatable
                                [default: topology.yaml]
          --only <FAMILY,…>     Only these of topics, schemas, groups and access; without schemas the
                                registry is not asked at all
          --match <GLOB>        Only names that match; * stands for any run of characters
          --against <git:REV>   Compare with the files of a git revision instead of the cluster; nothing
                                is asked, and the plan cannot be applied
          --out <FILE>          Save the plan in a file for klerk apply FILE
          --rotate-user <USER>  Give a user of the file the password of its file, also where it has one;
                                repeatable
          --detailed-exitcode   Status 2 when the plan has changes
          --throttle <RATE>     The most that each broker may send, and may receive, for copies of
                                replicas, such as 50MB/s or 400KiB/s; a number without a unit counts
                                bytes a second
          --strict              Refuse (status 4) when there is a warning
          --full                Show every resource by itself, however many there are, and the line of
                                every value
      -h, --help                Print help (see more with '--help')

    Output:
      -o, --output <human|json|markdown>  The form of the answer on standard output
          --color <auto|always|never>     When to colour; NO_COLOR and TERM=dumb are heeded
      -q, --quiet                         No progress and no notes; errors and warnings stay
      -v, --verbose...                    Trace requests on standard error; twice for more
          --explain-requests              End standard error with the number of requests by API

    Connection:
      -b, --bootstrap <HOST:PORT,…>  Brokers to ask first [variables: KLERK_BOOTSTRAP,
                                     KAFKA_BOOTSTRAP_SERVERS]
          --registry <URL,…>         Schema registry; several URLs are one registry [variables:
                                     KLERK_REGISTRY, SCHEMA_REGISTRY_URL]
          --command-config <FILE>    A client.properties file as Java clients read it [variable:
                                     KLERK_COMMAND_CONFIG]
      -X <KEY=VALUE>                 One client property, over the file; repeatable
      -c, --context <NAME>           A named cluster of config.toml: where it is, and how to log in
                                     [variable: KLERK_CONTEXT]
      -e, --env <NAME>               Environment of the topology, which says where the cluster is and
                                     what differs there
          --timeout <DURATION>       Bound for the whole command, such as 90s; without one it has none
                                     [variable: KLERK_TIMEOUT]

    Examples:
      klerk plan -b localhost:9092
      klerk plan --detailed-exitcode -o json    status 0: nothing to do, 2: changes
      klerk plan --out plan.json                for klerk apply plan.json
      klerk plan -e prod -o markdown            a comment for a pull request
      klerk plan --against git:main             what this branch asks for, without a cluster
    --- stderr
    ");
}

#[test]
fn the_help_of_a_reset() {
    insta::assert_snapshot!(Place::new().run("group reset -h").all(), @r"
    status 0
    --- stdout
    Move the committed offsets of groups: show old, new and delta per partition, ask, record, commit,
    look again

    Usage: klerk group reset [OPTIONS] <SCOPE> <STRATEGY> <GROUP>...

    Arguments:
      <GROUP>...  The groups

    Options:
      -f, --file <PATH>              A topology file, a folder of them, or - for standard input;
                                     repeatable [default: topology.yaml]
          --wait-empty[=<DURATION>]  Wait until the group has no members, at most this long
          --settle <DURATION>        How long commits must stand still before an empty group is believed
                                     [default: 6s]
          --strict                   Refuse when a target had to be clamped or a wish cannot be met
                                     exactly
          --new-group                Seed a group that does not exist
          --isolation <ISOLATION>    What counts as the end of the log [possible values: uncommitted,
                                     committed]
          --tz <ZONE>                Time zone of a --to-datetime without one, such as Europe/Berlin
      -h, --help                     Print help (see more with '--help')

    Scope (one is needed):
          --topic <TOPIC[:P,P-P…]>  A topic, or some of its partitions; repeatable
          --all-topics              Every topic that the group has a commit for

    Strategy (one is needed):
          --to-earliest             The first record that is still there
          --to-latest               The end: only records still to come
          --to-offset <N>           This offset
          --shift-by <±N>           The present commit and N records more, or fewer
          --to-datetime <TIME>      The first record at or after a time, such as 2026-11-21T10:00:00Z
          --by-duration <DURATION>  The first record at or after this long ago, such as 90m or PT90M
          --to-current              The present commit; the end where there is none
          --from-file <FILE>        Offsets from a CSV file, as Kafka's own tool exports it
          --from-group <GROUP>      The commits of another group

    Consent:
      -y, --yes            Answer the question whether to go on; allows no risk
          --allow <NAME>   Allow a risk, or a kind of change that the policy guards, by its name as the
                           plan lists it; repeatable. protected stands for both: what the topology marks
                           as protected, and a protected context, whose name is then not asked for
          --dry-run        Show the plan and stop
          --out <FILE>     Show the plan, save it in a file for klerk apply FILE, and stop
          --record <FILE>  Write the record here instead of the state folder
          --full           Show every resource of the plan and every step of the report by itself,
                           however many there are

    Connection:
      -b, --bootstrap <HOST:PORT,…>  Brokers to ask first [variables: KLERK_BOOTSTRAP,
                                     KAFKA_BOOTSTRAP_SERVERS]
          --registry <URL,…>         Schema registry; several URLs are one registry [variables:
                                     KLERK_REGISTRY, SCHEMA_REGISTRY_URL]
          --command-config <FILE>    A client.properties file as Java clients read it [variable:
                                     KLERK_COMMAND_CONFIG]
      -X <KEY=VALUE>                 One client property, over the file; repeatable
      -c, --context <NAME>           A named cluster of config.toml: where it is, and how to log in
                                     [variable: KLERK_CONTEXT]
      -e, --env <NAME>               Environment of the topology, which says where the cluster is and
                                     what differs there
          --timeout <DURATION>       Bound for the whole command, such as 90s; without one it has none
                                     [variable: KLERK_TIMEOUT]

    Output:
      -o, --output <human|json>        The form of the answer on standard output
          --color <auto|always|never>  When to colour; NO_COLOR and TERM=dumb are heeded
      -q, --quiet                      No progress and no notes; errors and warnings stay
      -v, --verbose...                 Trace requests on standard error; twice for more
          --explain-requests           End standard error with the number of requests by API

    Examples:
      klerk group reset pf-settlement-cg --all-topics --to-earliest --dry-run
      klerk group reset pf-settlement-cg --topic escrow.released:0,2-4 --shift-by -10
      klerk group reset pf-settlement-cg --topic escrow.released --to-datetime 2026-11-21T10:00:00Z
      --yes
    --- stderr
    ");
}

#[test]
fn every_command_explains_itself() {
    let place = Place::new();
    let commands = [
        "validate",
        "plan",
        "apply",
        "undo",
        "export",
        "history",
        "group",
        "group list",
        "group describe",
        "group lag",
        "group reset",
        "config",
        "config show",
        "config path",
        "explain",
        "completions",
        "man",
    ];
    for command in commands {
        let ran = place.run(&format!("{command} --help"));
        assert!(
            ran.status == 0 && ran.stdout.contains("Usage: klerk") && ran.stderr.is_empty(),
            "{command}: {ran:?}"
        );
        assert_eq!(
            place.run(&format!("{command} --help -o json")).json()["format"],
            "klerk.help",
            "{command}"
        );
    }
}

#[test]
fn completions_and_pages_are_made_for_what_there_is() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = place.run(&format!("completions {shell}"));
        assert!(ran.status == 0 && ran.stdout.contains("validate") && !ran.stdout.contains("dlq"), "{shell}");
        assert_eq!(place.run(&format!("completions {shell} -o json")).json()["text"], ran.stdout, "{shell}");
    }
    let ran = place.run("man pages");
    assert_eq!(ran.status, 0);
    let files: Vec<&str> = ran.stdout.lines().collect();
    assert!(files.contains(&"pages/klerk.1") && files.contains(&"pages/klerk-group-reset.1"), "{files:?}");
    for file in files {
        let page = std::fs::read_to_string(place.path().join(file)).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{file}");
    }
    assert_eq!(place.run("man pages -o json").json()["format"], "klerk.files");
}
