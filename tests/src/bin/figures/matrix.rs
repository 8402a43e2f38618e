//! How fast `ptgbot-matrix` answers on a Synapse of this machine, and what it holds in memory; and, as `matrix-limits`, how
//! long notifications take within the limits of a homeserver that nobody has configured, and with those lifted. The limits
//! let one message in five seconds pass, and one new room a minute: that measure takes a quarter of an hour.

use crate::Row;
use ptgbot_tests::homeserver::{Options, Sending};
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::seen::Kind;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, MatrixClient, Seen, Stage};
use serde_json::{Map, Value, json};
use std::error::Error;
use std::time::{Duration, Instant};

const COMMANDS: usize = 60;
const BETWEEN_QUESTIONS: Duration = Duration::from_secs(10);
const PATIENT: Duration = Duration::from_secs(900);

pub(crate) async fn measure() -> Result<Vec<Row>, Box<dyn Error>> {
    let server = Homeserver::shared().await.ok_or("there is no homeserver")?;
    let mut rows = answers("plain", Stage::plain(&server).await).await;
    rows.extend(answers("encrypted", Stage::encrypted(&server).await).await);
    Ok(rows)
}

/// From the moment at which a person's client begins to send until the op's client shows the answer; then the memory.
async fn answers(kind: &str, mut stage: Stage) -> Vec<Row> {
    stage.answered(Gibi, "#cinder").await;
    let mut times = Vec::new();
    for number in 0..COMMANDS {
        let begun = Instant::now();
        if number % 2 == 0 {
            stage.done(Jane, &format!("#swift now topic {number}")).await;
        } else {
            stage.answered(Jane, "#swift").await;
        }
        times.push(begun.elapsed());
    }
    let memory = stage.bot.memory() as f64 / 1_024.0;
    vec![
        Row { what: format!("a command in a Matrix room answered, {kind}"), figure: spread(times), goal: "" },
        Row {
            what: format!("memory of ptgbot-matrix after these, {kind}"),
            figure: format!("{memory:.1} MB"),
            goal: "60 MB",
        },
    ]
}

pub(crate) async fn measure_limits() -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows = Vec::new();
    for (subscribers, with_rooms, limits) in
        [(30, 30, Limits::Default), (24, 10, Limits::Default), (30, 0, Limits::Lifted)]
    {
        rows.extend(told_while_a_moderator_asks(subscribers, with_rooms, limits).await?);
    }
    Ok(rows)
}

/// What the homeserver lets the bot's account do.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Limits {
    Default,
    /// As the guide advises.
    Lifted,
}

/// From the moment at which a topic is set until each subscriber has it, on a homeserver that nobody has configured;
/// a moderator asks something every ten seconds.
async fn told_while_a_moderator_asks(
    count: usize,
    with_rooms: usize,
    limits: Limits,
) -> Result<Vec<Row>, Box<dyn Error>> {
    let options = Options { sending: Sending::AsInstalled, room_version: None };
    let server = Homeserver::start(options).await.ok_or("there is no homeserver")?;
    let (mut stage, people) = subscribed(&server, count, with_rooms, limits).await;
    let bot = stage.bot.account.id.clone();
    stage.settled().await;

    let begun = Instant::now();
    stage.say(Gibi, "#swift now ring placement").await;
    let is_told = |seen: &Seen| seen.sender() == bot && seen.body().contains("ring placement");
    let told = people.iter().map(|somebody| async {
        let invited = |seen: &Seen| seen.sender() == bot && seen.kind() == Kind::Invite;
        let first = somebody.expect_any_within(PATIENT, "the topic", |seen| is_told(seen) || invited(seen)).await;
        if first.kind() == Kind::Invite {
            somebody.join(first.room()).await;
            somebody.expect_any_within(PATIENT, "the topic", is_told).await;
        }
        begun.elapsed()
    });
    let mut answers = Vec::new();
    let ask = async {
        let mut again = tokio::time::interval(BETWEEN_QUESTIONS);
        loop {
            again.tick().await;
            let asked = Instant::now();
            let event = stage.say(Gibi, "#cinder").await;
            stage.gibi.expect_any_within(PATIENT, "an answer", |seen| seen.answers(&event)).await;
            answers.push(asked.elapsed());
        }
    };
    let told = tokio::select! {
        told = futures_util::future::join_all(told) => told,
        never = ask => never,
    };
    let limits = if limits == Limits::Lifted { "lifted" } else { "as installed" };
    let what = format!("{count} Matrix subscribers told, {with_rooms} with direct rooms, limits {limits}");
    Ok(vec![
        Row { what, figure: spread(told), goal: "" },
        Row { what: "a moderator answered meanwhile".into(), figure: spread(answers), goal: "" },
    ])
}

/// A stage whose bot has subscribers, of whom the first have a direct room with it.
async fn subscribed(
    server: &Homeserver,
    count: usize,
    with_rooms: usize,
    limits: Limits,
) -> (Stage, Vec<MatrixClient>) {
    let mut stage = Stage::without_bot(server, NewRoom::new().version("11")).await;
    let mut people = Vec::new();
    for _ in 0..count {
        people.push(server.person("john").await);
    }
    for somebody in people.iter().chain([&stage.gibi, &stage.jane]) {
        server.unlimited(somebody.id()).await;
    }
    direct_rooms(server, &stage, &people[..with_rooms]).await;
    if limits == Limits::Lifted {
        server.unlimited(&stage.bot.account.id).await;
    }
    let mut board = ptgbot_tests::matrix_bot::board();
    board["subscriptions"] = people.iter().map(|somebody| (somebody.id().to_owned(), json!("swift"))).collect();
    stage.bot.import(&board).await;
    stage.bot.start(&[&stage.room], "");
    stage.bot_comes().await;
    (stage, people)
}

/// Each has a room with the bot, which knows it as theirs.
async fn direct_rooms(server: &Homeserver, stage: &Stage, people: &[MatrixClient]) {
    let account = server.sign_in(&stage.bot.account).await;
    server.unlimited(account.id()).await;
    let mut direct = Map::new();
    for somebody in people {
        let room = somebody.create(NewRoom::new().direct(account.id())).await;
        account.join(&room).await;
        direct.insert(somebody.id().to_owned(), json!([room]));
    }
    account.api("PUT", &format!("/user/{}/account_data/m.direct", account.id()), Value::Object(direct)).await;
    server.limited(account.id()).await;
}

/// The middle, the least, nearly all, the most.
pub(crate) fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let figure = |part: usize| times.get(times.len() * part / 100).or(times.last()).copied().unwrap_or_default();
    let (median, most) = (figure(50), figure(100));
    format!("median {median:.2?} of {}, {:.2?} to {most:.2?}, 90% within {:.2?}", times.len(), figure(0), figure(90))
}
