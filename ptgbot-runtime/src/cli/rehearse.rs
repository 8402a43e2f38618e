//! `ptgbot rehearse`: the event before it is, or once more.

use super::{Failure, history};
use crate::clock::{self, Clock};
use crate::config::ConfigError;
use crate::document_text::read_document;
use crate::import::formats::read_file;
use crate::import::{self, ImportError};
use crate::rehearsal::{
    EventCopy, RehearsalClock, Replay, Speed, adopt_names, before_the_event, end_of_event, others_told, read_start,
};
use crate::run::run_on;
use crate::setup::{PublishOptions, Setup, first_free_port, listen};
use crate::store::{MemoryJournal, StoreAddress};
use crate::terminal::{TerminalTransport, stamp};
use chrono::{DateTime, Utc};
use clap::Args;
use ptgbot_core::{Audience, Board, Event, NameForm, Network, Record, Zone, due_messages};
use ptgbot_render::SiteOptions;
use serde_json::Value;
use std::fs::File;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What is rehearsed, and how.
#[derive(Debug, Args)]
pub(super) struct RehearseFlags {
    /// The store to copy, which is only read [default: sqlite:ptgbot.sqlite, unless a file is named]
    #[arg(long, value_name = "STORE")]
    store: Option<StoreAddress>,
    /// A data file, loaded into the copy
    #[arg(long, value_name = "FILE", conflicts_with = "replay")]
    file: Option<PathBuf>,
    /// When it starts, in the event's zone unless one is named: 2026-10-19T14:00Z, "2026-10-19 14:00", "Monday 14:00", 14:00,
    /// a day or a slot [default: a little before the first slot; of a replay the first change after the last pause of more
    /// than a day before the first slot]
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    at: Option<String>,
    /// How many times as fast as everybody's clock, from 1 to 100000; of a replay also max
    #[arg(long, value_name = "N", default_value_t, allow_negative_numbers = true)]
    speed: Speed,
    /// Play back what has happened, at its times
    #[arg(long)]
    replay: bool,
    /// Where the page is [default: 127.0.0.1:8000, or the next port that is free]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

/// Rehearses until the chat ends or `stop` is cancelled.
pub(super) async fn rehearse(flags: RehearseFlags, stop: CancellationToken) -> Result<(), Failure> {
    let store = flags.store.clone().or_else(|| flags.file.is_none().then(StoreAddress::default));
    let copy = match &store {
        Some(address) => EventCopy::of(address).await?,
        None => EventCopy::default(),
    };
    if flags.replay { replay(flags, copy, stop).await } else { act(flags, copy, stop).await }
}

/// The event as it would be, with whoever sits at the terminal in it.
async fn act(flags: RehearseFlags, copy: EventCopy, stop: CancellationToken) -> Result<(), Failure> {
    let Speed::Times(speed) = flags.speed else {
        return Err(ConfigError::setting("--speed max is for --replay: nobody could act in it").into());
    };
    let document = flags.file.as_deref().map(|file| Ok::<_, Failure>((read(file)?, file.display().to_string())));
    let document = document.transpose()?;
    let now = clock::system().now();
    // When it starts follows from what the file says, and the file is loaded when it starts.
    let (planned, advice) = match &document {
        Some((data, source)) => {
            import::preview(&copy.board, data.clone(), source, now).map_err(|error| refused(source, &error))?
        }
        None => (copy.board.clone(), Vec::new()),
    };
    let (start, note) = match &flags.at {
        Some(typed) => (read_start(&planned, typed).map_err(ConfigError::setting)?, None),
        None => match before_the_event(&planned) {
            Some(start) => (start, None),
            None => (now, Some("No slot has a time: it starts with the time that it is.")),
        },
    };
    let clock = Arc::new(RehearsalClock::new(clock::system(), start, speed));
    let (mut journal, mut board) = (copy.journal().await?, copy.board.clone());
    load(&mut journal, &mut board, document.as_ref(), start).await?;

    let (network, names, room) =
        copy.stage().unwrap_or_else(|| (Network::nearest(NETWORK), NameForm::Nick, ROOM.into()));
    adopt_names(&mut board, (&network, names), &mut journal, start).await?;
    let setup = setup(&flags, &clock, &room)?;
    let mut said = vec![introduction(&board, &setup, &clock, flags.speed)?];
    if let Some(end) = end_of_event(&board).filter(|end| *end <= start) {
        said.push(format!(
            "The event is over then: its last slot ended on {}.",
            in_full(end, board.contents().timezone)
        ));
    }
    said.extend(advice.into_iter().chain(note.map(str::to_owned)));
    let later = copy.records.iter().filter(|record| record.at > start).count();
    if later > 0 {
        let words = if later == 1 { "One change of the store is" } else { "Some changes of the store are" };
        said.push(format!("{words} of a later time, and in it from the start; --replay plays them."));
    }
    said.push(format!(
        "You are an op in {room} of the network {network}, where the bot is called {BOT}. Nothing is kept."
    ));
    said.push(
        "What you type is said there; /remind #TRACK says it in private, /as NAME [voice|op] makes you somebody else, and \
         /as alone yourself again."
            .into(),
    );
    print(&said)?;

    let clock: Arc<dyn Clock> = clock;
    let terminal = TerminalTransport::new(BOT, &room)?.on(network.clone(), names).by(clock.clone());
    let terminal = terminal.stamped(board.contents().timezone).outlasting_its_input();
    let others_stop = stop.child_token();
    let mut others = others_told(&board, (&network, names), &journal, &clock, terminal.screen(), &others_stop);
    let ended = run_on(Box::new(journal), Box::new(terminal), setup, stop).await;
    others_stop.cancel();
    while let Some(other) = others.join_next().await {
        other??;
    }
    Ok(ended?)
}

/// The event as it was.
async fn replay(flags: RehearseFlags, copy: EventCopy, stop: CancellationToken) -> Result<(), Failure> {
    let replay = Replay::new(copy);
    let ends = replay.beginning().zip(replay.end());
    let (beginning, end) = ends.ok_or("there is nothing to play back: the store has no changes")?;
    let start = match (&flags.at, flags.speed) {
        (Some(typed), _) => read_start(replay.board(), typed).map_err(ConfigError::setting)?,
        (None, Speed::Times(_)) => beginning,
        (None, Speed::Full) => end,
    };
    let speed = match flags.speed {
        Speed::Times(speed) => speed,
        Speed::Full => 1.0,
    };
    let clock = Arc::new(RehearsalClock::new(clock::system(), start, speed));
    let setup = setup(&flags, &clock, ROOM)?;
    let mut said = vec![introduction(replay.board(), &setup, &clock, flags.speed)?];
    let tells = flags.speed != Speed::Full;
    match replay.before(start) {
        1.. if !tells => {}
        0 => {}
        1 => said.push("One change is of an earlier time, and in it from the start; --at plays it, too.".into()),
        some => {
            said.push(format!("{some} changes are of an earlier time, and in it from the start; --at plays them, too."))
        }
    }
    said.push("It is played back, and nobody is heard.".into());
    print(&said)?;
    let zone = replay.board().contents().timezone;
    let told = |board: &Board, record: &Record| {
        if tells {
            // Where this cannot be read, the page still shows it.
            tell(board, record, zone).ok();
        }
    };
    let over = |played: crate::rehearsal::Played| {
        let seconds = played.took.as_secs_f64();
        let words =
            format!("Played back {} changes in {seconds:.2} s. The page stays until this is stopped.", played.changes);
        print(&[words]).ok();
    };
    Ok(replay.play(clock, flags.speed, setup, stop, told, over).await?)
}

fn setup(flags: &RehearseFlags, clock: &Arc<RehearsalClock>, room: &str) -> Result<Setup, Failure> {
    let listener = flags.listen.map_or_else(first_free_port, listen)?;
    let site = SiteOptions::default().with_channel(room).with_rehearsal(clock.rehearsal());
    Ok(Setup {
        store: StoreAddress::Memory,
        listener: Some(listener),
        publish: PublishOptions { site, ..PublishOptions::default() },
        clock: clock.clone(),
        ..Setup::default()
    })
}

/// Loads a data file into the copy at a time.
async fn load(
    journal: &mut MemoryJournal,
    board: &mut Board,
    document: Option<&(Value, String)>,
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    let Some((data, source)) = document else { return Ok(()) };
    let loaded = import::import(journal, board, data.clone(), source, at).await;
    loaded.map(drop).map_err(|error| refused(source, &error))
}

fn refused(source: &str, error: &ImportError) -> Failure {
    format!("cannot load {source}: {error}").into()
}

fn read(file: &Path) -> Result<Value, Failure> {
    let name = file.display();
    let text = File::open(file).and_then(read_file).map_err(|error| format!("cannot read {name}: {error}"))?;
    read_document(&text).map_err(|error| format!("{name} is no JSON: {error}").into())
}

/// Where it is, and how its clock goes.
fn introduction(board: &Board, setup: &Setup, clock: &RehearsalClock, speed: Speed) -> Result<String, Failure> {
    let address = setup.listener.as_ref().map(TcpListener::local_addr).transpose()?;
    let address = address.map(|address| format!(": http://{address}")).unwrap_or_default();
    let event = match board.contents().event_id.as_str() {
        "" => "the event",
        event => event,
    };
    let zone = board.contents().timezone;
    let start = format!("{} ({})", in_full(clock.rehearsal().start, zone), zone.0);
    let goes = match speed {
        Speed::Times(1.0) => format!("Its clock begins at {start}, as fast as yours."),
        Speed::Times(times) => format!("Its clock begins at {start}, {times} times as fast as yours."),
        Speed::Full => format!("All is played at once: its clock shows {start} after that, and goes as fast as yours."),
    };
    Ok(format!("A rehearsal of {event}{address}\n{goes}"))
}

/// A time of the event, with its year.
fn in_full(time: DateTime<Utc>, zone: Zone) -> String {
    time.with_timezone(&zone.0).format("%A %-d %B %Y, %H:%M").to_string()
}

/// What happened, and what people and rooms were told of it by the clock, each with its time of the event.
fn tell(board: &Board, record: &Record, zone: Zone) -> io::Result<()> {
    let mut output = io::stdout().lock();
    let time = stamp(record.at, zone);
    if let Some(line) = history::line(record) {
        writeln!(output, "{time}{line}")?;
    }
    if let Event::Time(event) = &record.event {
        for message in due_messages(board, event, record.at) {
            match message.to {
                Audience::Person(person) => writeln!(output, "{time}to {person}: {}", message.reply)?,
                Audience::Room(room) => writeln!(output, "{time}to {} {}: {}", room.network, room.room, message.reply)?,
            }
        }
    }
    output.flush()
}

fn print(lines: &[String]) -> io::Result<()> {
    let mut output = io::stdout().lock();
    for line in lines {
        writeln!(output, "{line}")?;
    }
    output.flush()
}

const BOT: &str = "ptgbot";
const NETWORK: &str = "terminal";
const ROOM: &str = "#rehearsal";
