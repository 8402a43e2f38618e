//! `ptgbot-irc`: the event board's bot on IRC.

use ptgbot_irc::Flags;
use ptgbot_runtime::program;
use std::process::ExitCode;

fn main() -> ExitCode {
    // First of all: with two providers compiled in, rustls would not know which one to take.
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    program::main::<Flags>()
}
