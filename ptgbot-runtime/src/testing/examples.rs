//! Whether a program understands what its own help shows.

use clap::Command;

/// Has a program read each example in its help and in that of its commands: the lines of `after_help` that begin with two
/// blanks and the program's name, as they would be typed in a shell. Only single quotes are understood.
///
/// ```
/// use clap::{CommandFactory, Parser};
///
/// /// The event board's bot on the air.
/// #[derive(Parser)]
/// #[command(name = "ptgbot-radio", after_help = "Examples:\n  ptgbot-radio --frequency 145.5 | tee log\n      The repeater")]
/// struct Flags {
///     #[arg(long)]
///     frequency: f64,
/// }
///
/// ptgbot_runtime::testing::examples(Flags::command()).expect("it reads them");
/// ```
///
/// # Errors
/// Names the command that has no example, or the example that is not understood.
pub fn examples(mut program: Command) -> Result<(), String> {
    program.build();
    let name = program.get_name().to_owned();
    let commands = program.get_subcommands().filter(|command| command.get_name() != "help" && !command.is_hide_set());
    for command in commands.chain([&program]) {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines = help.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| line.starts_with(&name));
        let mut examples = 0;
        // What stands between two programs, or between a program and a file, is the shell's.
        for part in lines.flat_map(|line| line.split('|')) {
            let words = words(part.split('>').next().unwrap_or_default());
            if words.first() == Some(&name) {
                examples += 1;
                let read = program.clone().try_get_matches_from(words);
                read.map_err(|error| format!("{}: {part}: {error}", command.get_name()))?;
            }
        }
        if examples == 0 {
            return Err(format!("{} has no example in its help", command.get_name()));
        }
    }
    Ok(())
}

fn words(line: &str) -> Vec<String> {
    let words = line.split('\'').enumerate().flat_map(|(at, part)| match at % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect(),
        _ => vec![part.to_owned()],
    });
    words.collect()
}
