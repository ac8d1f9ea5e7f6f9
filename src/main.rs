//! The program: arguments and environment in, an exit status out.

use klerk::settings::Environment;
use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    klerk::run(env::args_os().collect(), Environment::of_process()).into()
}
