//! `ptgbot-irc`: the event board's bot on IRC (SPEC section 5).

mod flags;
mod section;

use clap::Parser;
use flags::Flags;
use ptgbot_irc::{IrcTransport, Settings};
use ptgbot_runtime::{Config, Setup, run, start_logging};
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    // First of all: with two providers compiled in, rustls would not know which one to take.
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let (config, settings) = match configuration(Flags::parse()) {
        Ok(configuration) => configuration,
        Err(error) => return fail(error.as_ref(), WRONG_USAGE),
    };
    match bot(&config, settings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error.as_ref(), FAILURE),
    }
}

type Failure = Box<dyn Error>;

fn configuration(flags: Flags) -> Result<(Config, Settings), Failure> {
    let (config, irc) = flags.over_config()?;
    let settings = irc.settings(config.irc_password.clone())?;
    Ok((config, settings))
}

fn bot(config: &Config, settings: Settings) -> Result<(), Failure> {
    start_logging(&config.log)?;
    let mut setup = Setup::from_config(config)?;
    setup.publish.site.bot = settings.nick.clone();
    setup.publish.site.channel = settings.channels.first().map(|channel| channel.name.clone());
    let mut transport = IrcTransport::new(settings)?;
    let farewell = transport.farewell();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    runtime.block_on(async {
        run(Box::new(transport), setup).await?;
        if let Some(farewell) = farewell {
            farewell.said().await;
        }
        Ok(())
    })
}

fn fail(error: &dyn Error, status: u8) -> ExitCode {
    writeln!(io::stderr(), "ptgbot-irc: {error}").ok();
    ExitCode::from(status)
}

const FAILURE: u8 = 1;
const WRONG_USAGE: u8 = 2;
/// One for the bot, one for the page.
const THREADS: usize = 2;
