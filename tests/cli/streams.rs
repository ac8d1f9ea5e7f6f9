use crate::run::Place;
use std::fs::OpenOptions;
use std::io::Read;
use std::process::Stdio;

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let place = Place::new();
    let mut child =
        place.command("explain").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
    assert_eq!((child.wait().expect("it ends").code(), said.as_str()), (Some(0), ""));
}

#[test]
fn an_answer_that_cannot_be_written_is_no_success() {
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else {
        // Only Linux has a device that is always full.
        return;
    };
    let output = Place::new().command("explain").stdout(full).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("the answer could not be written"), "{said}");
}

#[test]
fn colour_is_for_those_who_want_it() {
    let place = Place::new();
    let coloured = |line: &str| place.run(line).stderr.contains('\u{1b}');
    assert!(!coloured("explain nonsense"));
    assert!(coloured("explain nonsense --color always"));
    assert!(!coloured("explain nonsense --color never"));
}
