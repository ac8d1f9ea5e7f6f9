//! Playing the scenes: telling, running, checking, at a reader's pace.

use super::estate;
use super::scenes::{Act, SCENES, Typed};
use super::stage::{Ran, Stage};
use crate::app::{App, Output};
use crate::error::Error;
use crate::status::Status;
use crate::view;
use crate::view::json::v1::{DemoDocument, DemoStepV1};
use std::time::Duration;

/// For reading what was said, before the command.
const READING: Duration = Duration::from_millis(1_800);
/// Between a command and its output.
const TYPING: Duration = Duration::from_millis(700);
/// For each line of output.
const LINE: Duration = Duration::from_millis(60);

/// Plays all of it, and stops at the first step that does not do what it says.
///
/// # Errors
/// When the stage cannot be set or a command not be run.
pub async fn play(app: &App) -> Result<Status, Error> {
    let stage = Stage::set().await?;
    let mut player = Player { app, stage: &stage, steps: Vec::new() };
    player.tell(&view::demo::opening(&stage.variables()), READING).await;
    let done = player.scenes().await?;
    let steps = player.steps;
    if app.output == Output::Json {
        let cluster_id = stage.sandbox.with(|state| state.cluster_id.clone());
        app.answer_json(&DemoDocument::new(cluster_id, done, steps));
    }
    Ok(if done { Status::Done } else { Status::Failed })
}

struct Player<'a> {
    app: &'a App,
    stage: &'a Stage,
    steps: Vec<DemoStepV1>,
}

impl Player<'_> {
    /// Whether every step did what it says.
    async fn scenes(&mut self) -> Result<bool, Error> {
        for act in SCENES {
            let amiss = match act {
                Act::Say(words) => {
                    self.tell(&view::demo::words(words), READING).await;
                    self.steps.push(DemoStepV1::words(words));
                    None
                }
                Act::Edit { file, from, to } => self.edit(file, from, to).await?,
                Act::Happen(happen) => {
                    (!happen(&self.stage.sandbox)).then(|| "the events did not arrive".to_owned())
                }
                Act::Type(typed) => self.command(typed).await?,
            };
            if let Some(amiss) = amiss {
                self.app.term.warn(&view::demo::amiss(&amiss));
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn edit(&mut self, file: &str, from: &str, to: &str) -> Result<Option<String>, Error> {
        let edited = estate::edit(self.stage.folder(), file, from, to)
            .map_err(|source| Error::System { what: "the demo's file cannot be changed", source })?;
        self.tell(&view::demo::edit(file, from, to), READING).await;
        self.steps.push(DemoStepV1::words(&format!("{file}: {to}")));
        Ok((!edited).then(|| format!("{file} has no {from}")))
    }

    /// What is amiss with a command, if anything.
    async fn command(&mut self, typed: &Typed) -> Result<Option<String>, Error> {
        self.tell(&view::demo::command(typed.line), TYPING).await;
        let style = self.app.term.answer_style();
        let coloured = style.coloured && self.app.output == Output::Human;
        let ran = self.stage.run(typed.line, coloured).await?;
        for line in ran.output.split_inclusive('\n') {
            self.tell(line, LINE).await;
        }
        self.pause(READING).await;
        let holds = (typed.holds)(&self.stage.sandbox);
        let amiss = amiss(typed, &ran, holds);
        self.steps.push(DemoStepV1 {
            says: None,
            command: Some(typed.line.to_owned()),
            expected_status: Some(typed.status.code()),
            status: ran.status,
            output: Some(ran.output),
            effect: Some(typed.effect.to_owned()),
            holds: Some(amiss.is_none()),
        });
        Ok(amiss)
    }

    async fn tell(&self, text: &str, pause: Duration) {
        if self.app.output == Output::Human {
            self.app.term.answer(text);
            self.pause(pause).await;
        }
    }

    /// Only a person needs time to read.
    async fn pause(&self, pause: Duration) {
        if self.app.output == Output::Human && self.app.term.answer_is_watched() {
            tokio::time::sleep(pause).await;
        }
    }
}

fn amiss(typed: &Typed, ran: &Ran, holds: bool) -> Option<String> {
    let Typed { line, status, shows, effect, .. } = typed;
    if ran.status != Some(i32::from(status.code())) {
        let ended = ran.status.map_or("by a signal".to_owned(), |status| format!("with status {status}"));
        return Some(format!("`{line}` ended {ended}, and should with status {}", status.code()));
    }
    if !ran.output.contains(shows) {
        return Some(format!("`{line}` does not tell of {shows}"));
    }
    (!holds).then(|| format!("after `{line}` it is not so that {effect}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPED: Typed = Typed {
        line: "klerk plan",
        status: Status::Differs,
        shows: "to create",
        effect: "nothing was made",
        holds: |_| true,
    };

    fn ran(status: i32, output: &str) -> Ran {
        Ran { status: Some(status), output: output.to_owned() }
    }

    #[test]
    fn a_step_must_end_tell_and_do_what_it_says() {
        assert_eq!(amiss(&TYPED, &ran(2, "1 to create"), true), None);
        let told = |ran: &Ran, holds| amiss(&TYPED, ran, holds).unwrap_or_default();
        assert_eq!(
            told(&ran(0, "1 to create"), true),
            "`klerk plan` ended with status 0, and should with status 2"
        );
        assert_eq!(told(&ran(2, "nothing"), true), "`klerk plan` does not tell of to create");
        assert_eq!(
            told(&ran(2, "1 to create"), false),
            "after `klerk plan` it is not so that nothing was made"
        );
    }
}
