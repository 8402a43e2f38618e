//! `ptgbot`: the demo, the JSON Lines bot, and the tools around a store.

use std::process::ExitCode;

fn main() -> ExitCode {
    ptgbot_runtime::cli::main()
}
