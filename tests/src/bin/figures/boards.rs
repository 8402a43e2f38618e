//! `ptgbot serve --boards` on a PostgreSQL with 1,000 boards of 100 tracks each: its memory when ten of them are read and
//! when forty more are, how long the first page of a board takes, and what a change costs a replica.

use crate::Row;
use crate::bot::{Bot, Programs};
use crate::stdio::median;
use ptgbot_tests::Database;
use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::process::{Process, free_port};
use serde_json::{Map, Value, json};
use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

pub(crate) async fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let database = Database::start().await.ok_or("there is no PostgreSQL server")?;
    programs.import(&database.board("main"), &event())?;
    database
        .sql(&format!(
            "INSERT INTO ptgbot.board (name, revision) SELECT 'board-' || n, 1 FROM generate_series(1, {}) n",
            BOARDS - 1
        ))
        .await;
    database.sql(COPY).await;
    let address = format!("127.0.0.1:{}", free_port());
    let mut command = Command::new(&programs.bot);
    command.args(["serve", "--boards", "--store", &database.board("main"), "--listen", &address]);
    let server = Process::start("ptgbot serve --boards", command);
    wait_until("a web server", PATIENCE, || async { TcpStream::connect(&address).await.ok() }).await?;

    let (mut open, mut first) = (Vec::new(), Vec::new());
    for number in 1..=READ {
        first.push(read(&address, number, &mut open).await?);
    }
    let ten = memory(&server)?;
    for number in READ + 1..=READ + MORE {
        first.push(read(&address, number, &mut open).await?);
    }
    let each = (memory(&server)? - ten) / f64::from(MORE);

    let mut bot = Bot::start(programs, &database.board("board-1"))?;
    bot.say("~list")?;
    let before = processor_time(&server)?;
    let idle = Instant::now();
    tokio::time::sleep(PAUSE * CHANGES).await;
    let (between, resting) = (processor_time(&server)?, idle.elapsed());
    for number in 0..CHANGES {
        bot.say(&format!("#track{} now part {number}", number % 30))?;
        tokio::time::sleep(PAUSE).await;
    }
    let busy = (processor_time(&server)? - between).saturating_sub(between - before);
    bot.end()?;
    let resting = (between - before).as_secs_f64() / resting.as_secs_f64() * 100.0;
    Ok(vec![
        Row {
            what: format!("{BOARDS} boards of 100 tracks in one serve --boards, {READ} of them read"),
            figure: format!("{:.0} MB", ten / 1e6),
            goal: "200 MB",
        },
        Row { what: "a board more in memory".into(), figure: format!("{:.1} MB", each / 1e6), goal: "" },
        Row { what: "the first page of a board, median".into(), figure: format!("{:.0} ms", median(&first)), goal: "" },
        Row {
            what: "processor time of a replica for a change of 100 tracks".into(),
            figure: format!("{:.0?}", busy / CHANGES),
            goal: "",
        },
        Row {
            what: format!("{} boards in memory, nothing happens: of a processor", READ + MORE),
            figure: format!("{resting:.1} %"),
            goal: "",
        },
    ])
}

/// Looks at all of a board and goes on listening; says how many milliseconds its first page took.
async fn read(address: &str, number: u32, open: &mut Vec<TcpStream>) -> Result<f64, Box<dyn Error>> {
    let begin = Instant::now();
    let mut took = None;
    for page in ["", "ptg.json", "ptg.ics", "feed.atom", "track1.ics", "?track=track1,track2"] {
        let mut stream = ask(address, number, page).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        if !answer.starts_with(b"HTTP/1.1 200") {
            return Err(format!("board-{number}/{page}: {}", String::from_utf8_lossy(&answer)).into());
        }
        took.get_or_insert(begin.elapsed());
    }
    let mut events = ask(address, number, "events").await?;
    events.read_u8().await?;
    open.push(events);
    Ok(took.ok_or("no page")?.as_secs_f64() * 1_000.0)
}

async fn ask(address: &str, number: u32, page: &str) -> Result<TcpStream, Box<dyn Error>> {
    let mut stream = TcpStream::connect(address).await?;
    let ask = format!("GET /board-{number}/{page} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).await?;
    Ok(stream)
}

/// In bytes.
fn memory(server: &Process) -> Result<f64, Box<dyn Error>> {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id().ok_or("the server ended")?))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).ok_or("no size")?;
    Ok(line.split_whitespace().nth(1).ok_or("no size")?.parse::<f64>()? * 1_024.0)
}

/// What all its threads have used, also those that have ended.
fn processor_time(server: &Process) -> Result<Duration, Box<dyn Error>> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", server.id().ok_or("the server ended")?))?;
    let (_, behind_name) = stat.rsplit_once(')').ok_or("no times")?;
    let ticks = behind_name.split_whitespace().skip(UTIME).take(2).map(str::parse::<u64>);
    Ok(TICK * u32::try_from(ticks.sum::<Result<u64, _>>()?)?)
}

/// 100 tracks, 5 days of 8 slots, 20 rooms of which half are held, 30 topics, 100 people.
fn event() -> Value {
    let track = |number: usize| format!("track{number}");
    let slot = |day: usize, number: usize| {
        let start = format!("2026-10-{:02}T{:02}:00:00Z", 19 + day, 8 + number);
        json!({"name": format!("D{day}S{number}"), "desc": "", "realtime": start, "duration": 60})
    };
    let days = (0..5).map(|day| (format!("Day {day}"), (0..8).map(|number| slot(day, number)).collect()));
    let room = |room: usize| {
        let holder = |place: usize| {
            if (room + place).is_multiple_of(2) { track((room * 40 + place) / 2 % 100) } else { String::new() }
        };
        let held = (0..40).map(|place| (format!("D{}S{}", place / 8, place % 8), json!(holder(place))));
        (format!("Room {room}"), held.collect::<Map<_, _>>().into())
    };
    let person = |number: usize| {
        let place = format!("#{}", track(number % 30));
        (
            format!("p{number}"),
            json!({"nick": format!("P{number}"), "location": place, "in": "2026-10-19T09:00:00Z", "out": null}),
        )
    };
    json!({
        "eventid": "figures", "timezone": "Europe/Berlin", "tracks": (0..100).map(track).collect::<Vec<_>>(),
        "slots": days.collect::<Map<_, Value>>(), "schedule": (0..20).map(room).collect::<Map<_, Value>>(),
        "now": (0..30).map(|number| (track(number), json!("what is discussed at this moment"))).collect::<Map<_, _>>(),
        "last_check_in": (0..100).map(person).collect::<Map<_, _>>(),
    })
}

const BOARDS: u32 = 1_000;
const READ: u32 = 10;
const MORE: u32 = 40;
const CHANGES: u32 = 100;
/// `utime`, before `stime`, counted from behind the name (proc(5)).
const UTIME: usize = 11;
const TICK: Duration = Duration::from_millis(10);
const PAUSE: Duration = Duration::from_millis(200);
/// All boards have the change of the first.
const COPY: &str = "INSERT INTO ptgbot.change (board, revision, record)
    SELECT copy.id, change.revision, change.record FROM ptgbot.board copy, ptgbot.change
    JOIN ptgbot.board first ON first.id = change.board WHERE first.name = 'main' AND copy.name <> 'main'";
