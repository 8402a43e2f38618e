//! `ptgbot-matrix`: the event board's bot in Matrix rooms.

#![recursion_limit = "256"]

use ptgbot_matrix::Flags;
use ptgbot_runtime::program;
use std::process::ExitCode;

fn main() -> ExitCode {
    // First of all: with two providers compiled in, rustls would not know which one to take.
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    program::main::<Flags>()
}
