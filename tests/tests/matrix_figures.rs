//! How fast the bot answers and how much memory it takes: said, never judged.
//!
//! A test program of its own: no other test runs beside it and takes the machine's time.

use ptgbot_tests::homeserver::{Options, Sending};
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::seen::Kind;
use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, MatrixClient, Stage};
use serde_json::{Map, Value, json};
use std::io::Write;
use std::time::{Duration, Instant};

#[tokio::test]
#[ignore = "a homeserver with its default limits lets one message in five seconds pass: some minutes"]
async fn thirty_subscribers_with_direct_rooms_are_told_while_a_moderator_asks() {
    told_while_a_moderator_asks(30, 30, Limits::Default).await;
}

#[tokio::test]
#[ignore = "a homeserver with its default limits lets one new room a minute pass: some minutes"]
async fn subscribers_with_and_without_direct_rooms_are_told_while_a_moderator_asks() {
    told_while_a_moderator_asks(24, 10, Limits::Default).await;
}

#[tokio::test]
async fn thirty_subscribers_without_direct_rooms_are_told_by_a_bot_whose_limits_are_lifted() {
    told_while_a_moderator_asks(30, 0, Limits::Lifted).await;
}

/// What the homeserver lets the bot's account do.
#[derive(Debug, PartialEq)]
enum Limits {
    Default,
    /// As the guide advises.
    Lifted,
}

/// From the moment at which a topic is set until each subscriber has it, on a homeserver that nobody has configured;
/// a moderator asks something every ten seconds.
async fn told_while_a_moderator_asks(count: usize, with_rooms: usize, limits: Limits) {
    let options = Options { sending: Sending::AsInstalled, room_version: None };
    let Some(server) = Homeserver::start(options).await else { return };
    let mut stage = Stage::without_bot(&server, NewRoom::new().version("11")).await;
    let bot = stage.bot.account.id.clone();
    let mut people = Vec::new();
    for _ in 0..count {
        people.push(server.person("john").await);
    }
    for somebody in people.iter().chain([&stage.gibi, &stage.jane]) {
        server.unlimited(somebody.id()).await;
    }
    direct_rooms(&server, &stage, &people[..with_rooms]).await;
    if limits == Limits::Lifted {
        server.unlimited(&bot).await;
    }
    let mut board = ptgbot_tests::matrix_bot::board();
    board["subscriptions"] = people.iter().map(|somebody| (somebody.id().to_owned(), json!("swift"))).collect();
    stage.bot.import(&board).await;
    stage.bot.start(&[&stage.room], "");
    stage.bot_comes().await;
    stage.settled().await;

    let begun = Instant::now();
    stage.say(Gibi, "#swift now ring placement").await;
    let is_told = |seen: &ptgbot_tests::Seen| seen.sender() == bot && seen.body().contains("ring placement");
    let tell = async {
        let told = people.iter().map(|somebody| async {
            let invited = |seen: &ptgbot_tests::Seen| seen.sender() == bot && seen.kind() == Kind::Invite;
            let first = somebody.expect_any_within(PATIENT, "the topic", |seen| is_told(seen) || invited(seen)).await;
            if first.kind() == Kind::Invite {
                somebody.join(first.room()).await;
                somebody.expect_any_within(PATIENT, "the topic", is_told).await;
            }
            begun.elapsed()
        });
        futures_util::future::join_all(told).await
    };
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
        told = tell => told,
        never = ask => never,
    };
    say(&format!(
        "{count} subscribers ({with_rooms} with direct rooms), limits {limits:?}: told after {}",
        spread(told)
    ));
    say(&format!("answers of the moderator meanwhile: {}", spread(answers)));
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

/// The least, the middle, nearly all, the most.
fn spread(mut times: Vec<Duration>) -> String {
    times.sort();
    let figure = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)];
    format!(
        "{:.1?} to {:.1?}, median {:.1?}, 90% within {:.1?} ({})",
        figure(0),
        figure(100),
        figure(50),
        figure(90),
        times.len()
    )
}

#[tokio::test]
async fn sixty_commands_are_answered_in_a_plain_and_in_an_encrypted_room() {
    let Some(server) = Homeserver::shared().await else { return };
    measure("plain", Stage::plain(&server).await).await;
    measure("encrypted", Stage::encrypted(&server).await).await;
}

/// From the moment at which a person's client begins to send until the same person's client shows the answer.
async fn measure(kind: &str, mut stage: Stage) {
    stage.answered(Gibi, "#cinder").await;
    let mut times = Vec::new();
    for number in 0..60 {
        let begun = Instant::now();
        if number % 2 == 0 {
            stage.done(Jane, &format!("#swift now topic {number}")).await;
        } else {
            stage.answered(Jane, "#swift").await;
        }
        times.push(begun.elapsed());
    }
    times.sort();
    let figure = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)];
    let memory = stage.bot.memory();
    assert!(memory > 0 && times[0] > Duration::ZERO);
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    say(&format!(
        "{kind} room, 60 commands, {profile} build: median {:.0?}, 95% under {:.0?}, slowest {:.0?}; \
         the bot holds {memory} kB",
        figure(50),
        figure(95),
        times[times.len() - 1]
    ));
}

/// Past the capture of the test's output: this is what the run is for.
fn say(figure: &str) {
    let _ = writeln!(std::io::stderr(), "figure: {figure}");
}

const BETWEEN_QUESTIONS: Duration = Duration::from_secs(10);
const PATIENT: Duration = Duration::from_secs(900);
