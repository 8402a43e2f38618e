//! The command line of `ptgbot`.

mod backup;
mod boards;
mod check;
mod copy;
mod data;
mod examples;
mod history;
mod new;
mod rehearse;
mod report;
mod site;
mod verify;

use crate::clock::{Clock, SystemClock};
use crate::config::{ConfigError, FetchConfig};
use crate::demo::demo;
use crate::log::{LogConfig, start_logging};
use crate::program::About;
use crate::run::run_until;
use crate::setup::Setup;
use crate::signal::stop_on_signal;
use crate::stdio::StdioTransport;
use crate::store::StoreAddress;
use chrono::{DateTime, Utc};
use clap::{Args, CommandFactory, Parser, Subcommand};
use ptgbot_core::TrackName;
use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::runtime::{Builder, Runtime};

/// The board of an event: its tools, the page without a chat, and a demo.
#[derive(Debug, Parser)]
#[command(name = "ptgbot", version, after_help = examples::PTGBOT)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try it out: a sample event, a chat in the terminal, and the page
    #[command(after_help = examples::DEMO)]
    Demo,
    /// Run the bot as a JSON Lines process on standard input and output
    #[command(after_help = examples::STDIO)]
    Stdio {
        #[command(flatten)]
        store: StoreFlag,
        /// The bot's own name
        #[arg(long, default_value = "ptgbot")]
        name: String,
        /// Say first which version of the protocol is spoken
        #[arg(long)]
        hello: bool,
        /// Print the JSON Schema of the protocol, and end
        #[arg(long, exclusive = true)]
        schema: bool,
        #[command(flatten)]
        fetch: FetchConfig,
    },
    /// Load a data file, as ~fetchdb does, or a programme of another program
    #[command(after_help = examples::IMPORT)]
    Import {
        #[command(flatten)]
        store: StoreFlag,
        #[command(flatten)]
        import: data::ImportFlags,
    },
    /// Write a data file for a new event: asks for name, zone, days, slots and rooms, or takes them as flags
    #[command(after_help = examples::NEW)]
    New(new::NewFlags),
    /// Say what will be regretted in a data file, with its place and a proposal
    #[command(after_help = examples::CHECK)]
    Check(check::CheckFlags),
    /// Print the data file
    #[command(after_help = examples::EXPORT)]
    Export {
        #[command(flatten)]
        store: StoreFlag,
        /// Only what everybody may see
        #[arg(long)]
        public: bool,
        /// As of this time (RFC 3339) instead of now
        #[arg(long, value_name = "TIME", value_parser = time)]
        at: Option<DateTime<Utc>>,
    },
    /// Write the static site
    #[command(after_help = examples::RENDER)]
    Render {
        #[command(flatten)]
        site: site::SiteFlags,
        /// The folder
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// As of this time (RFC 3339) instead of now
        #[arg(long, value_name = "TIME", value_parser = time)]
        at: Option<DateTime<Utc>>,
    },
    /// Serve the site without a chat; any number of these on one store
    #[command(after_help = examples::SERVE)]
    Serve {
        #[command(flatten)]
        site: site::SiteFlags,
        /// Where to listen, such as 127.0.0.1:8000
        #[arg(long, value_name = "ADDR", required_unless_present = "config")]
        listen: Option<SocketAddr>,
        /// Serve all boards of a database, each under /NAME/, with an index page
        #[arg(long)]
        boards: bool,
        /// How many boards may be in memory at once; each takes a connection of the database
        #[arg(long, value_name = "N", default_value_t = 50, requires = "boards")]
        most_loaded: usize,
    },
    /// Print who changed what, when, from where
    #[command(after_help = examples::HISTORY)]
    History {
        #[command(flatten)]
        store: StoreFlag,
        /// Only changes of this track
        #[arg(long, value_parser = TrackName::parse)]
        track: Option<TrackName>,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Print what was discussed
    #[command(after_help = examples::REPORT)]
    Report {
        #[command(flatten)]
        site: site::SiteFlags,
        #[command(flatten)]
        report: report::ReportFlags,
        /// As of this time (RFC 3339) instead of now
        #[arg(long, value_name = "TIME", value_parser = time)]
        at: Option<DateTime<Utc>>,
    },
    /// Copy a whole board into an empty store, and compare
    #[command(after_help = examples::COPY)]
    Copy {
        /// The store to read
        #[arg(long, value_name = "STORE")]
        from: StoreAddress,
        /// The store to write; it must be empty
        #[arg(long, value_name = "STORE")]
        to: StoreAddress,
    },
    /// Copy a SQLite store to a file, also while bots are at work on it
    #[command(after_help = examples::BACKUP)]
    Backup {
        #[command(flatten)]
        store: StoreFlag,
        /// The copy; - is standard output
        file: PathBuf,
        /// Write over a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Read all of a store, and say what is wrong with it
    #[command(after_help = examples::VERIFY)]
    Verify {
        #[command(flatten)]
        store: StoreFlag,
    },
    /// Rehearse the event: a copy in memory with a clock of its own, a chat in the terminal, and the page
    #[command(after_help = examples::REHEARSE)]
    Rehearse(rehearse::RehearseFlags),
    /// List the boards of a store
    #[command(after_help = examples::BOARDS)]
    Boards {
        #[command(flatten)]
        store: StoreFlag,
    },
    #[command(flatten)]
    About(About),
}

#[derive(Debug, Args)]
struct StoreFlag {
    /// Where the board is kept: sqlite:PATH, memory: or postgres://…?board=NAME
    #[arg(long = "store", value_name = "STORE", default_value_t)]
    address: StoreAddress,
}

/// Runs the command line of this process and gives its exit status: 0 success, 1 failure, 2 wrong usage.
pub fn main() -> ExitCode {
    // Fails only when one is installed already, and then there is one.
    rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            error.print().ok();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1));
        }
    };
    match cli.run() {
        Ok(status) => status,
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(io::stderr(), "ptgbot: {error}").ok();
            let excerpt = error.downcast_ref().map_or("", ConfigError::excerpt);
            write!(io::stderr(), "{excerpt}").ok();
            let is_usage = error.is::<ConfigError>() || error.is::<UsageError>();
            ExitCode::from(if is_usage { WRONG_USAGE } else { FAILURE })
        }
    }
}

type Failure = Box<dyn Error + Send + Sync>;

/// What was given cannot be used: the status is that of wrong usage.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct UsageError(String);

impl Cli {
    fn run(self) -> Result<ExitCode, Failure> {
        let done: Result<(), Failure> = match self.command {
            Some(Command::Check(flags)) => return one_task()?.block_on(check::check(&flags)),
            None | Some(Command::Demo) => {
                // The log would be in the way of the chat.
                start_logging(&LogConfig { filter: Some("warn".into()), ..LogConfig::default() })?;
                many_tasks()?.block_on(async { Ok(demo(stop_on_signal()?).await?) })
            }
            Some(Command::Stdio { schema: true, .. }) => Ok(io::stdout().write_all(StdioTransport::SCHEMA.as_bytes())?),
            Some(Command::Stdio { store, name, hello, schema: false, fetch }) => {
                stdio(&name, hello, Setup { store: store.address, fetch: fetch.policy(), ..Setup::default() })
            }
            Some(Command::Import { store, import }) => one_task()?.block_on(data::import(&store.address, &import)),
            Some(Command::New(flags)) => new::new(&flags),
            Some(Command::Export { store, public, at }) => {
                let view = if public { data::Extent::Public } else { data::Extent::Full };
                one_task()?.block_on(data::export(&store.address, view, at.unwrap_or_else(now)))
            }
            Some(Command::Render { site, out, at }) => {
                one_task()?.block_on(site::render(&site.read(site::Shown::OneBoard)?, &out, at.unwrap_or_else(now)))
            }
            Some(Command::Serve { site, listen, boards, most_loaded }) => {
                let shown = if boards { site::Shown::AllBoards } else { site::Shown::OneBoard };
                let mut config = site.read(shown)?;
                config.listen = listen.or(config.listen);
                config.listen.ok_or_else(|| ConfigError::setting(NOWHERE))?;
                start_logging(&config.log)?;
                many_tasks()?.block_on(async {
                    match shown {
                        site::Shown::AllBoards => site::serve_boards(&config, most_loaded).await,
                        site::Shown::OneBoard => site::serve(&config).await,
                    }
                })
            }
            Some(Command::History { store, track, json }) => {
                let form = if json { history::Form::Json } else { history::Form::Text };
                one_task()?.block_on(history::print(&store.address, track.as_ref(), form))
            }
            Some(Command::Report { site, report, at }) => {
                one_task()?.block_on(report::print(&site.read(site::Shown::OneBoard)?, report, at.unwrap_or_else(now)))
            }
            Some(Command::Copy { from, to }) => one_task()?.block_on(copy::copy(&from, &to)),
            Some(Command::Backup { store, file, force }) => {
                one_task()?.block_on(backup::back_up(&store.address, &file, force))
            }
            Some(Command::Verify { store }) => one_task()?.block_on(verify::verify(&store.address)),
            Some(Command::Rehearse(flags)) => {
                // The log would be in the way of the chat.
                start_logging(&LogConfig { filter: Some("warn".into()), ..LogConfig::default() })?;
                many_tasks()?.block_on(async { rehearse::rehearse(flags, stop_on_signal()?).await })
            }
            Some(Command::Boards { store }) => one_task()?.block_on(boards::print(&store.address)),
            Some(Command::About(about)) => Ok(about.print(Self::command())?),
        };
        done.map(|()| ExitCode::SUCCESS)
    }
}

fn stdio(name: &str, hello: bool, setup: Setup) -> Result<(), Failure> {
    start_logging(&LogConfig::default())?;
    let runtime = one_task()?;
    let ended = runtime.block_on(async {
        let transport = StdioTransport::new(name, tokio::io::stdin(), tokio::io::stdout());
        let transport = if hello { transport.with_hello() } else { transport };
        let setup = Setup { clock: transport.clock(), ..setup };
        Ok(run_until(Box::new(transport), setup, stop_on_signal()?).await?)
    });
    // A read of standard input cannot be given up; it ends with the process.
    runtime.shutdown_background();
    ended
}

fn now() -> DateTime<Utc> {
    SystemClock.now()
}

fn time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    text.parse().map_err(|_| "expected a time such as 2026-10-19T14:05:00Z")
}

/// One thread is enough, and the quickest, for one conversation.
fn one_task() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

fn many_tasks() -> io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().build()
}

/// Nobody reads what we print any more: that is their business.
fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
            return true;
        }
        cause = error.source();
    }
    false
}

const NOWHERE: &str = "no address is named: --listen 127.0.0.1:8000, or listen = \"127.0.0.1:8000\" in the file";
const FAILURE: u8 = 1;
const WRONG_USAGE: u8 = 2;
