//! What every command is handed, and the way from arguments to an exit status.

use crate::cli::{self, Cli, Needs, OutputArg, Parsed, UsageError};
use crate::clock::Clock;
use crate::commands;
use crate::consent::Grant;
use crate::error::Error;
use crate::secure::exposed;
use crate::session::Requests;
use crate::settings::{ChosenBy, Environment, SettingOrigin, Settings, state_folder};
use crate::sources::{self, EnvironmentError, Loaded};
use crate::status::Status;
use crate::stop::{Stop, Stopper};
use crate::store::{self, Header, Held, Record, Recorded, StandingThrottle};
use crate::term::{Term, TermOptions};
use crate::trace;
use crate::view;
use crate::view::json::v1::{self, ErrorDocument, PlanDocument, ReportDocument, TextDocument};
use crate::view::plan::{ApplyLine, Telling};
use klerk_core::apply::Report;
use klerk_core::placement::Throttle;
use klerk_core::plan::{Plan, SentMoves};
use klerk_core::topology::Topology;
use serde::Serialize;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::future::Future;
use std::path::{Path, PathBuf};

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    /// For people.
    #[default]
    Human,
    /// One JSON document.
    Json,
    /// Comma separated values; only for tables.
    Csv,
    /// The text format of Prometheus; only for numbers.
    Prometheus,
    /// Markdown for a pull request; only for plans.
    Markdown,
    /// The XML of JUnit; only for checks.
    Junit,
    /// GitHub's workflow commands; only for checks.
    Github,
}

/// Everything that a command may use of the world outside, apart from the servers.
#[derive(Debug, Clone)]
pub struct App {
    /// Where to connect, and how.
    pub settings: Settings,
    /// The environments of the topology that were named.
    pub environments: Vec<String>,
    /// The topology files that were named.
    pub files: Vec<PathBuf>,
    /// The environment, for what is no setting.
    pub environment: Environment,
    /// The streams.
    pub term: Term,
    /// The form of the answer.
    pub output: Output,
    /// The time.
    pub clock: Clock,
    /// Whether to stop.
    pub stop: Stop,
    /// What counts the requests of the command.
    pub requests: Requests,
}

/// Does what the arguments say, and returns the status to end with. Everything that is to be printed has been printed.
pub fn run(args: Vec<OsString>, environment: Environment) -> Status {
    let json = cli::wants_json(&args);
    let output = if json { Output::Json } else { Output::Human };
    let term = |options| Term::of_process(&environment, options);
    let requests = Requests::default();
    match cli::parse(args) {
        Ok(Parsed::Help(text)) => {
            let term = term(TermOptions::default());
            term.answer(&if json { v1::print(&TextDocument::help(text)) } else { text });
            finish(&term, Status::Done)
        }
        Ok(Parsed::Version) => {
            let term = term(TermOptions::default());
            let text = concat!("klerk ", env!("CARGO_PKG_VERSION"), "\n");
            term.answer(&if json { v1::print(&TextDocument::version()) } else { text.to_owned() });
            finish(&term, Status::Done)
        }
        Ok(Parsed::Run(cli)) => {
            let term = term(term_options(&cli));
            trace::install(cli.output.verbose, &term);
            let status = start(&cli, environment, term.clone(), requests.clone())
                .unwrap_or_else(|error| fail(&term, output, &error));
            if cli.output.explain_requests {
                term.warn(&view::requests::human(&requests.counts()));
            }
            finish(&term, status)
        }
        Err(usage) => {
            let term = term(TermOptions::default());
            let status = match (&usage, output) {
                (UsageError::NoSubcommand { help }, Output::Human) => {
                    term.warn(help);
                    Status::Usage
                }
                _ => fail(&term, output, &Error::from(usage)),
            };
            finish(&term, status)
        }
    }
}

/// Reads the settings and hands over to the command.
fn start(cli: &Cli, environment: Environment, term: Term, requests: Requests) -> Result<Status, Error> {
    let (stopper, stop) = Stop::channel();
    let app = App {
        settings: match cli.command.needs() {
            Needs::Settings => Settings::read(&cli.connection, &environment)?,
            Needs::Limit => Settings::of_limit(&cli.connection, &environment)?,
            Needs::Nothing => Settings::default(),
        },
        environments: cli.connection.env.clone(),
        files: cli.command.sources().map(|sources| sources.file.clone()).unwrap_or_default(),
        environment,
        term,
        output: match cli.output.output {
            Some(OutputArg::Json) => Output::Json,
            Some(OutputArg::Csv) => Output::Csv,
            Some(OutputArg::Prometheus) => Output::Prometheus,
            Some(OutputArg::Markdown) => Output::Markdown,
            Some(OutputArg::Junit) => Output::Junit,
            Some(OutputArg::Github) => Output::Github,
            _ => Output::Human,
        },
        clock: Clock::System,
        stop,
        requests,
    };
    commands::dispatch(&app, &cli.command, stopper)
}

fn term_options(cli: &Cli) -> TermOptions {
    TermOptions {
        color: cli.output.color.unwrap_or_default(),
        quiet: cli.output.quiet,
        stdin_is_taken: cli
            .command
            .sources()
            .is_some_and(|sources| sources.file.iter().any(|path| path == Path::new("-"))),
    }
}

/// Prints an error in the form that was asked for.
fn fail(term: &Term, output: Output, error: &Error) -> Status {
    let explained = error.explain();
    match (error, output) {
        (_, Output::Json) => term.answer(&v1::print(&ErrorDocument::from(&explained))),
        (Error::Faults(faults), _) => {
            term.warn(&view::faults::human(faults, term.other_style().coloured));
        }
        (_, _) => term.warn(&view::error::human(&explained, &term.other_style())),
    }
    explained.status
}

/// An answer that could not be written whole is no success, whatever it would have said.
fn finish(term: &Term, status: Status) -> Status {
    match term.broken_answer() {
        Some(why) => {
            term.warn(&format!("error: the answer could not be written: {why}\n"));
            if status == Status::Done { Status::Partly } else { status }
        }
        None => status,
    }
}

impl App {
    /// Prints an answer in the form that was asked for.
    pub fn answer<D: Serialize>(&self, human: impl FnOnce() -> String, document: impl FnOnce() -> D) {
        match self.output {
            Output::Json => self.answer_json(&document()),
            Output::Human
            | Output::Csv
            | Output::Prometheus
            | Output::Markdown
            | Output::Junit
            | Output::Github => self.term.answer(&human()),
        }
    }

    /// Prints a document to standard output.
    pub fn answer_json(&self, document: &impl Serialize) {
        self.term.answer(&v1::print(document));
    }

    /// Says of a pattern that it fits nothing there is, which else looks like an answer about nothing.
    pub fn note_no_match(&self, what: &str, pattern: &str) {
        self.term.note(&format!("no {what} matches '{pattern}'\n"));
    }

    /// Prints a plan as the answer.
    pub fn show_plan(&self, plan: &Plan, telling: &Telling) {
        let style = self.term.answer_style();
        let text = || match self.output {
            Output::Markdown => view::plan::markdown(plan, telling),
            _ => view::plan::human(plan, telling, &style),
        };
        // A plan that goes to standard output as a document may be carried out in another folder, as one that is saved.
        self.answer(text, || match store::from_anywhere(plan) {
            Ok(plan) => PlanDocument::sealed(&plan),
            Err(_) => PlanDocument::sealed(plan),
        });
    }

    /// Saves a plan and shows it, or shows it only.
    ///
    /// # Errors
    /// When it cannot be saved.
    pub fn save_and_show_plan(
        &self,
        plan: &Plan,
        file: Option<&Path>,
        telling: &Telling,
    ) -> Result<(), Error> {
        if let Some(file) = file {
            store::save_plan(file, plan)?;
        }
        self.show_plan(plan, telling);
        if let Some(file) = file {
            self.term.note(&match plan.is_appliable() {
                true => format!("saved: {} carries it out\n", self.apply_line(Some(file))),
                false => {
                    format!("saved as {}; it has conflicts, so klerk apply will refuse it\n", file.display())
                }
            });
        }
        Ok(())
    }

    /// The line that carries out a plan from where it was made. A saved one is bound to its cluster, and takes the
    /// environment and the files only where those say which brokers to ask.
    pub fn apply_line(&self, saved: Option<&Path>) -> ApplyLine {
        let has_brokers = self.settings.bootstrap.as_ref().is_some_and(|brokers| {
            let by = &brokers.origin;
            matches!(
                by,
                SettingOrigin::Environment { .. }
                    | SettingOrigin::Context { by: ChosenBy::Environment(..), .. }
            )
        });
        let mut line = ApplyLine::default();
        if saved.is_none() || has_brokers {
            line = self.environments.iter().fold(line, |line, name| line.flag("-e", name));
            line = self.files.iter().fold(line, |line, file| line.flag("-f", &file.display().to_string()));
        }
        saved.into_iter().fold(line, |line, file| line.word(&file.display().to_string()))
    }

    /// Shows a plan before it is carried out. The answer will be the report, so a JSON answer leaves the plan to standard
    /// error. Whoever is about to be asked sees the plan in any case: nobody consents to what went into a file.
    pub fn propose_plan(&self, plan: &Plan, will_ask: bool, telling: &Telling) {
        let is_answer = self.output != Output::Json;
        if is_answer {
            self.term.answer(&view::plan::human(plan, telling, &self.term.answer_style()));
        }
        let seen = is_answer && self.term.answer_is_watched();
        if will_ask && !seen {
            self.term.warn(&view::plan::human(plan, telling, &self.term.other_style()));
        } else if !is_answer {
            self.term.note(&view::plan::human(plan, telling, &self.term.other_style()));
        }
    }

    /// Prints a report as the answer.
    pub fn show_report(&self, report: &Report, full: bool) {
        self.answer(
            || view::report::human(report, full, &self.term.answer_style()),
            || ReportDocument::from(report),
        );
    }

    /// Who runs the command, for the record.
    pub fn user(&self) -> Option<&str> {
        self.environment.user.as_deref().or(self.environment.logname.as_deref())
    }

    /// Makes the record of what is about to be done: in the file that was named, or in the state folder.
    ///
    /// # Errors
    /// When it cannot be written. Nothing may be changed then.
    pub fn create_record(&self, plan: &Plan, grant: &Grant, file: Option<&Path>) -> Result<Record, Error> {
        let header = Header { plan, grant, user: self.user(), at: self.clock.now() };
        Ok(match file {
            Some(file) => Record::create_at(file, &header)?,
            None => Record::create(&state_folder(&self.environment)?, &header)?,
        })
    }

    /// Notes a throttle that the run of this record is about to set.
    ///
    /// # Errors
    /// When it cannot be noted. It must not be set then.
    pub fn keep_throttle(&self, cluster_id: &str, record: &str, throttle: &Throttle) -> Result<Held, Error> {
        let state = state_folder(&self.environment)?;
        Ok(StandingThrottle::keep(&state, cluster_id, record, throttle)?)
    }

    /// The throttles that runs on this cluster have set and not taken off yet, as far as this machine knows.
    pub fn standing_throttles(&self, cluster_id: &str) -> Vec<StandingThrottle> {
        let state = state_folder(&self.environment).ok();
        state.map(|state| StandingThrottle::all(&state, cluster_id)).unwrap_or_default()
    }

    /// The moves of replicas that runs on this cluster have sent, as far as the records on this machine tell.
    pub fn sent_moves(&self, cluster_id: &str) -> SentMoves {
        let Ok(state) = state_folder(&self.environment) else { return SentMoves::new() };
        store::history(&state, Some(cluster_id), None).records.iter().flat_map(Recorded::sent_moves).collect()
    }

    /// The record of a cluster by what `klerk undo` takes.
    ///
    /// # Errors
    /// When there is none or it cannot be read.
    pub fn find_record(&self, cluster_id: &str, name: &str) -> Result<Recorded, Error> {
        Ok(store::read(&store::find(&state_folder(&self.environment)?, cluster_id, name)?)?)
    }

    /// Runs what changes nothing: told to stop, or out of time, it ends at once.
    ///
    /// # Errors
    /// The work's own, and [`Error::Stopped`].
    pub async fn reading<T, E: Into<Error>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Error> {
        tokio::select! {
            biased;
            cause = self.stop.wait() => Err(Error::Stopped(cause)),
            result = work => result.map_err(Into::into),
        }
    }

    /// Says what is dangerous about the settings, and what of them has no effect.
    pub fn tell_of_settings(&self) {
        for note in &self.settings.notes {
            self.term.note(&format!("note: {note}\n"));
        }
        for warning in &self.settings.warnings {
            self.term.warn(&format!("warning: {warning}\n"));
        }
    }

    /// Says which of these files, which hold passwords, everybody on this machine may read.
    pub fn warn_of_exposed<'p>(&self, passwords: impl Iterator<Item = &'p str>) {
        for path in passwords.collect::<BTreeSet<_>>() {
            if let Some(warning) = exposed(Path::new(path)) {
                self.term.warn(&format!("warning: {warning}\n"));
            }
        }
    }

    /// Runs asynchronous work to its end on this thread, with signals and the time limit listened for. Told to stop a
    /// second time, it leaves the work where it is.
    ///
    /// # Errors
    /// The work's own; [`Error::System`] when the system gives no runtime.
    pub fn block_on(
        &self,
        stopper: Stopper,
        work: impl Future<Output = Result<Status, Error>>,
    ) -> Result<Status, Error> {
        if !self.settings.ignored_keys.is_empty() {
            let keys = self.settings.ignored_keys.join(", ");
            self.term.note(&format!("note: of no meaning to klerk, ignored: {keys}\n"));
        }
        self.tell_of_settings();
        let system = |what| move |source| Error::System { what, source };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(system("the runtime cannot be started"))?;
        let limit = self.settings.timeout.as_ref().map(|setting| setting.value);
        // A command's future is large, and is moved several times on its way into the runtime.
        let work = Box::pin(work);
        let result = runtime.block_on(async {
            tokio::select! {
                biased;
                cause = self.stop.wait_at_once() => Err(Error::Left(cause)),
                failed = stopper.listen(limit) => {
                    failed.map_err(system("signals cannot be listened for"))?;
                    Ok(Status::Failed)
                }
                result = work => result,
            }
        });
        // A name that is still being looked up must not hold the process back.
        runtime.shutdown_background();
        result
    }

    /// The topology, from the files that were named or from `topology.yaml`, for the environment that was named.
    ///
    /// # Errors
    /// When a file cannot be read, for the faults of all of them, and when it is not clear which environment is meant.
    pub fn load_topology(&self, files: &cli::Sources) -> Result<Topology, Error> {
        let named = self.named_environment()?;
        Ok(self.load(files)?.topology(named)?)
    }

    /// What the files hold that were named, or those of the context, or `topology.yaml`.
    ///
    /// # Errors
    /// When a topology file cannot be read.
    pub fn load(&self, files: &cli::Sources) -> Result<Loaded, Error> {
        let of_context = self.settings.context.as_ref().and_then(|context| context.topology.clone());
        let named = match (files.file.is_empty(), of_context) {
            (true, Some(path)) => &[path][..],
            _ => &files.file,
        };
        Ok(sources::load(named, || self.term.read_all_input())?)
    }

    /// The one environment that was named, for what is done in one.
    ///
    /// # Errors
    /// When there are several.
    pub fn named_environment(&self) -> Result<Option<&str>, Error> {
        match self.environments.as_slice() {
            [] => Ok(None),
            [name] => Ok(Some(name)),
            names => Err(EnvironmentError::Several(names.to_vec()).into()),
        }
    }

    /// The same, for what is done in the environment of a topology: connected to where that is.
    ///
    /// # Errors
    /// When a variable points elsewhere, and when the environment is reached by what this version does not carry out.
    pub fn within(&self, topology: &Topology) -> Result<App, Error> {
        let mut app = self.clone();
        if let Some(environment) = &topology.environment {
            app.settings = self.settings.within(environment)?;
            let is_new = |warning: &&String| !self.settings.warnings.contains(warning);
            for warning in app.settings.warnings.iter().filter(is_new) {
                self.term.warn(&format!("warning: {warning}\n"));
            }
        }
        Ok(app)
    }

    /// The same, for commands that need no topology: in the environment that was named, where one was.
    ///
    /// # Errors
    /// Those of [`App::load_topology`] and [`App::within`].
    pub fn within_named(&self, files: &cli::Sources) -> Result<App, Error> {
        if self.environments.is_empty() && files.file.is_empty() {
            return Ok(self.clone());
        }
        self.within(&self.load_topology(files)?)
    }
}
