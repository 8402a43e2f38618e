//! Fail-over on IRC: from the end of the process that acts to the first answer of the one that stood by; what
//! was said has been recorded once.

use crate::Row;
use crate::bot::Programs;
use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::irc_bots::CHANNEL;
use ptgbot_tests::{IrcBots, Ircd, Process, RawClient};
use serde_json::Value;
use std::error::Error;
use std::time::{Duration, Instant};

/// A channel with an op, a bot that acts, and one that stands by.
struct Event {
    bots: IrcBots,
    gibi: RawClient,
    active: Process,
    standby: Process,
    topics: usize,
}

/// How the process that acts ends.
#[derive(Clone, Copy)]
enum End {
    /// `SIGKILL`: on one machine others know.
    Killed,
    /// It hangs, as when its machine is gone: its lease must run out.
    Hangs,
}

pub(crate) async fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let ircd = Ircd::hybrid().await.ok_or("ircd-hybrid is not installed")?;
    let mut event = Event::on(&ircd, programs.store("failover.sqlite")).await;
    let mut rows = Vec::new();
    for (what, end, rounds) in [
        ("kill -9 of the bot on IRC", End::Killed, 20),
        ("the bot on IRC hangs until its lease has run out", End::Hangs, 3),
    ] {
        let mut times = Vec::new();
        for _ in 0..rounds {
            times.push(event.one_round(end).await.as_secs_f64());
        }
        times.sort_by(f64::total_cmp);
        rows.push(Row {
            what: format!("{what}, {rounds} rounds: a command said then is answered (median, longest)"),
            figure: format!("{:.1} s, {:.1} s", times[rounds / 2], times[rounds - 1]),
            goal: "15 s",
        });
    }
    event.all_count_once(programs)?;
    Ok(rows)
}

impl Event {
    async fn on(ircd: &Ircd, store: String) -> Self {
        let bots = IrcBots::on(ircd, Some(store), "");
        let mut gibi = RawClient::register(ircd, "gibi").await;
        gibi.join(CHANNEL).await;
        let active = bots.start();
        comes(&mut gibi).await;
        gibi.say(CHANNEL, "~add swift");
        gibi.say(CHANNEL, "#swift location Hall");
        gibi.say(CHANNEL, "#swift");
        // What is said before the other one comes, and not handled, nobody else has heard.
        gibi.expect_from("ptgbot", "Hall").await;
        let standby = bots.start();
        comes(&mut gibi).await;
        Self { bots, gibi, active, standby, topics: 0 }
    }

    /// The process that acts ends, and a topic is set and asked for.
    async fn one_round(&mut self, end: End) -> Duration {
        self.topics += 1;
        let topic = format!("topic {}", self.topics);
        let ended = Instant::now();
        match end {
            End::Killed => self.active.kill(),
            End::Hangs => self.active.pause_between_writes(self.bots.store()).await,
        }
        self.gibi.say(CHANNEL, &format!("#swift now {topic}"));
        self.gibi.say(CHANNEL, "#swift");
        let is_answer = |line: &str| is_bot(line) && line.contains(" PRIVMSG ") && line.contains(&topic);
        self.gibi.expect_within("an answer", LONGEST, is_answer).await;
        let took = ended.elapsed();
        // Its connection goes with it, and another one stands by.
        self.active.kill();
        let has_nick = |line: &String| is_bot(line) && line.ends_with(" NICK :ptgbot");
        let renamed = wait_until("the nick", PATIENCE, || async {
            (self.gibi.log().iter().filter(|line| has_nick(line)).count() == self.topics).then_some(())
        });
        renamed.await.unwrap_or_else(|late| panic!("{late}"));
        let next = self.bots.start();
        comes(&mut self.gibi).await;
        self.active = std::mem::replace(&mut self.standby, next);
        took
    }

    /// Fails unless each topic of all rounds was recorded once, in the order in which they were said.
    fn all_count_once(&self, programs: &Programs) -> Result<(), Box<dyn Error>> {
        let history = programs.print(&["history", "--json", "--store", self.bots.store()])?;
        let lines = history.lines().map(serde_json::from_str::<Value>).collect::<Result<Vec<_>, _>>()?;
        let recorded: Vec<_> =
            lines.iter().filter_map(|line| line["what"].as_str()?.strip_prefix("#swift now ")).collect();
        if recorded.iter().copied().eq((1..=self.topics).map(|number| format!("topic {number}"))) {
            Ok(())
        } else {
            Err(format!("{} topics were set, and these recorded: {recorded:?}", self.topics).into())
        }
    }
}

async fn comes(gibi: &mut RawClient) {
    gibi.expect("a bot", |line| is_bot(line) && line.contains(" JOIN ")).await;
}

fn is_bot(line: &str) -> bool {
    line.starts_with(":ptgbot")
}

const LONGEST: Duration = Duration::from_secs(60);
