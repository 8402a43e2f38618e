//! `ptgbot-matrix`: the event board's bot in Matrix rooms.

#![recursion_limit = "256"]

use ptgbot_matrix::{Flags, MatrixError, MatrixTransport, Settings, check};
use ptgbot_runtime::{Checklist, Config, Dialogue, Setup, program, run_until, start_logging, stop_on_signal};
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    // First of all: with two providers compiled in, rustls would not know which one to take.
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let flags = program::parse::<Flags>();
    let checklist = flags.checklist();
    // Whoever is looked around for is told what is missing.
    let mut person = if checklist.is_none() { Dialogue::at_terminal() } else { None };
    let (config, settings) = match flags.read_or_ask(person.as_mut()) {
        Ok(configuration) => configuration,
        Err(error) => {
            let status = fail(&error, WRONG_USAGE);
            write!(io::stderr(), "{}", error.excerpt()).ok();
            return status;
        }
    };
    drop(person);
    let done = match checklist {
        Some(checklist) => look_around(&config, settings, checklist),
        None => bot(&config, settings).map(|()| ExitCode::SUCCESS),
    };
    match done {
        Ok(status) => status,
        Err(error) if error.downcast_ref().is_some_and(MatrixError::needs_a_person) => {
            fail(error.as_ref(), WRONG_USAGE)
        }
        Err(error) => fail(error.as_ref(), FAILURE),
    }
}

type Failure = Box<dyn Error>;

fn bot(config: &Config, settings: Settings) -> Result<(), Failure> {
    start_logging(&config.log)?;
    let setup = Setup::from_config(config)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    runtime.block_on(async {
        let transport = MatrixTransport::connect(settings).await?;
        let stop = stop_on_signal()?;
        run_until(Box::new(transport), setup, stop).await?;
        Ok(())
    })
}

fn look_around(config: &Config, settings: Settings, mut checklist: Checklist) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        check(settings, &mut checklist).await;
        checklist.surroundings(config).await;
    });
    Ok(checklist.finish())
}

fn fail(error: &dyn Error, status: u8) -> ExitCode {
    writeln!(io::stderr(), "ptgbot-matrix: {error}").ok();
    ExitCode::from(status)
}

const FAILURE: u8 = 1;
/// Another start does not help: somebody has to put something right first.
const WRONG_USAGE: u8 = 2;
/// One for the bot, one for the page.
const THREADS: usize = 2;
