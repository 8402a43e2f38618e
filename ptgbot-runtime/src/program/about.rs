//! What a program can say about itself in a shell: completions and man pages, made from its command line.

use clap::{Command, CommandFactory, FromArgMatches, Subcommand};
use clap_complete::Shell;
use clap_mangen::Man;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;

/// Reads the flags of a program from the command line, beside which it has the commands `completions` and `man`. Like
/// [`Parser::parse`](clap::Parser::parse), it ends the process where the command line is wrong or asks for help, and also
/// when one of these commands is done.
pub fn parse<F: CommandFactory + FromArgMatches>() -> F {
    let mut command = described(F::command());
    let matches = command.get_matches_mut();
    let done = match About::from_arg_matches(&matches) {
        Ok(about) => about.print(command),
        Err(_) => match F::from_arg_matches(&matches) {
            Ok(flags) => return flags,
            Err(error) => error.format(&mut command).exit(),
        },
    };
    if let Err(error) = done {
        writeln!(io::stderr(), "{error}").ok();
        process::exit(1);
    }
    process::exit(0)
}

/// A bot's command line with what it can say about itself.
fn described(command: Command) -> Command {
    About::augment_subcommands(command).args_conflicts_with_subcommands(true).subcommand_negates_reqs(true)
}

// What is asked about a program. A comment for the documentation would be told as what the program itself is.
#[derive(Debug, Subcommand)]
pub(crate) enum About {
    /// Print what a shell needs to complete our words
    #[command(after_help = COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the man page, or write those of all commands into a folder
    #[command(after_help = MAN)]
    Man {
        /// The folder, which is made where there is none
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

impl About {
    /// Answers for a program.
    pub(crate) fn print(self, mut command: Command) -> io::Result<()> {
        let name = command.get_name().to_owned();
        // In memory first: the generator panics where it cannot write.
        let mut text = Vec::new();
        match self {
            Self::Completions { shell } => clap_complete::generate(shell, &mut command, name, &mut text),
            Self::Man { folder } => {
                command = command.disable_help_subcommand(true);
                command.build();
                match folder {
                    None => page(&command, &mut text)?,
                    Some(folder) => {
                        fs::create_dir_all(&folder)?;
                        return write_pages(&command, &folder);
                    }
                }
            }
        }
        io::stdout().write_all(&text)
    }
}

/// Writes the pages of a command and of its own commands, such as `ptgbot.1` and `ptgbot-serve.1`.
fn write_pages(command: &Command, folder: &Path) -> io::Result<()> {
    command.get_subcommands().filter(|sub| !sub.is_hide_set()).try_for_each(|sub| write_pages(sub, folder))?;
    let mut text = Vec::new();
    page(command, &mut text)?;
    fs::write(folder.join(Man::new(command.clone()).get_filename()), text)
}

/// The page of a command, in the language of man(7).
fn page(command: &Command, text: &mut Vec<u8>) -> io::Result<()> {
    let source = format!("ptgbot {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(source).manual("ptgbot");
    man.render_title(text)?;
    man.render_name_section(text)?;
    man.render_synopsis_section(text)?;
    man.render_description_section(text)?;
    man.render_options_section(text)?;
    if command.has_subcommands() {
        man.render_subcommands_section(text)?;
    }
    let Some(examples) = command.get_after_help() else { return Ok(()) };
    writeln!(text, ".SH EXAMPLES\n.nf")?;
    for line in examples.to_string().lines().skip(1) {
        // Neither a command of the page's language nor a line of it with characters of its own.
        writeln!(text, "\\&{}", line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq"))?;
    }
    writeln!(text, ".fi")
}

const COMPLETIONS: &str = "Examples:
  ptgbot completions bash > /etc/bash_completion.d/ptgbot
  ptgbot completions zsh > ~/.zfunc/_ptgbot
  ptgbot completions fish > ~/.config/fish/completions/ptgbot.fish";

const MAN: &str = "Examples:
  ptgbot man | man -l -
  ptgbot man /usr/local/share/man/man1";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    /// A bot of its own kind.
    #[derive(Debug, Parser)]
    #[command(name = "ptgbot-radio", after_help = "Examples:\n  ptgbot-radio --frequency 'a-b'\n  .quiet")]
    struct Radio {
        /// Where to listen
        #[arg(long)]
        frequency: String,
    }

    #[test]
    fn a_bot_keeps_its_flags_and_says_more_about_itself() {
        let command = described(Radio::command());
        command.clone().debug_assert();
        assert_eq!(command.get_about().expect("it is told").to_string(), "A bot of its own kind");
        let asked = |line: &[&str]| {
            let matches = command.clone().try_get_matches_from(line)?;
            Ok::<_, clap::Error>((About::from_arg_matches(&matches).is_ok(), Radio::from_arg_matches(&matches).is_ok()))
        };
        assert_eq!(asked(&["ptgbot-radio", "--frequency", "433"]).expect("flags"), (false, true));
        assert_eq!(asked(&["ptgbot-radio", "completions", "bash"]).expect("a command"), (true, false));
        assert!(asked(&["ptgbot-radio"]).is_err() && asked(&["ptgbot-radio", "completions", "tcsh"]).is_err());
    }

    #[test]
    fn examples_stand_on_the_page_as_they_are_typed() {
        let mut text = Vec::new();
        page(&Radio::command(), &mut text).expect("in memory");
        let text = String::from_utf8(text).expect("text");
        assert!(
            text.contains(".SH EXAMPLES\n.nf\n\\&  ptgbot\\-radio \\-\\-frequency \\(aqa\\-b\\(aq\n\\&  .quiet\n.fi\n"),
            "{text}"
        );
    }
}
