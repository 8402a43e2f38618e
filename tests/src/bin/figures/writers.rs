//! Four bots (`ptgbot stdio`) that write to one SQLite store at once, each one command after the other: their changes a
//! second together next to those of one alone on a store of its own, in turn, and the longest time an answer took.

use crate::Row;
use crate::bot::{Bot, Programs, event};
use crate::stdio::{ROUNDS, median, ratio, topic};
use std::error::Error;
use std::thread;
use std::time::{Duration, Instant};

/// Changes of each.
const CHANGES: usize = 1_000;
const WRITERS: usize = 4;

pub(crate) fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let (mut alone, mut together, mut longest) = (Vec::new(), Vec::new(), Duration::ZERO);
    for round in 0..ROUNDS {
        alone.push(at_once::<1>(programs, &format!("alone{round}.sqlite"))?.0);
        let (rate, slowest) = at_once::<WRITERS>(programs, &format!("four{round}.sqlite"))?;
        together.push(rate);
        longest = longest.max(slowest);
    }
    let rates = format!("{:.0}/s, {:.2} × one alone", median(&together), ratio(&together, &alone));
    Ok(vec![
        Row { what: "four writers on one SQLite store, together".into(), figure: rates, goal: "0.7 × one alone" },
        Row {
            what: "the longest wait of theirs".into(),
            figure: format!("{} ms", longest.as_millis()),
            goal: "500 ms",
        },
    ])
}

/// Changes a second of some writers together, and the longest wait for an answer.
fn at_once<const N: usize>(programs: &Programs, name: &str) -> Result<(f64, Duration), Box<dyn Error>> {
    let store = programs.store(name);
    programs.import(&store, &event(50))?;
    let mut bots = Vec::new();
    for _ in 0..N {
        let mut bot = Bot::start(programs, &store)?;
        bot.say("~list")?;
        bots.push(bot);
    }
    let begin = Instant::now();
    let waits = thread::scope(|scope| {
        let each: Vec<_> = bots.iter_mut().map(|bot| scope.spawn(|| longest_wait(bot))).collect();
        each.into_iter().map(|one| one.join().map_err(|_| "a writer failed")?).collect::<Result<Vec<_>, String>>()
    })?;
    let rate = (N * CHANGES) as f64 / begin.elapsed().as_secs_f64();
    bots.into_iter().try_for_each(Bot::end)?;
    Ok((rate, waits.into_iter().max().unwrap_or_default()))
}

fn longest_wait(bot: &mut Bot) -> Result<Duration, String> {
    let mut longest = Duration::ZERO;
    for number in 0..CHANGES {
        let begin = Instant::now();
        let done = bot.say(&topic(number)).map_err(|error| error.to_string())?;
        longest = longest.max(begin.elapsed());
        if done["outcome"] != "changed" {
            return Err(format!("not a change: {done}"));
        }
    }
    Ok(longest)
}
