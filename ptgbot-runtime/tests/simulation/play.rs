//! One run: people talk, processes and networks and the store fail, all heals, and then it is judged.

use crate::chance::Chance;
use crate::chat::{Chat, STUCK};
use crate::clock::SimulatedClock;
use crate::faults::OldFault;
use crate::process::Process;
use crate::programme::{BEFORE, REMINDED, TRACKS};
use crate::store::{POISON, Store};
use crate::transport::Connection;
use crate::verdict::{Verdict, judge};
use ptgbot_core::Delivery;
use ptgbot_runtime::{CancellationToken, Setup, run_on};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// A bot that is started again and again.
struct Bot {
    chat: Chat,
    process: Process,
    running: JoinHandle<()>,
    stop: CancellationToken,
}

/// What fails for a while.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Asleep(usize),
    CutOff(usize),
    StoreAway,
    StoreFull,
    Slow(usize),
}

struct World {
    chance: Chance,
    clock: SimulatedClock,
    store: Store,
    chats: Vec<Chat>,
    bots: Vec<Bot>,
    fault: OldFault,
    processes: usize,
    /// How often a process has ended in the middle of its work, on each network.
    ends: Vec<usize>,
    topics: usize,
}

/// Plays the run of a seed.
pub(crate) fn play(seed: u64, fault: OldFault) -> Verdict {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let mut world = World::new(Chance::new(seed), fault);
        world.begin().await;
        world.live().await;
        world.heal().await;
        let verdict = judge(&world.store, &world.chats, &world.ends);
        for bot in &world.bots {
            bot.running.abort();
        }
        verdict
    })
}

impl World {
    fn new(chance: Chance, fault: OldFault) -> Self {
        let store = Store::new(chance.clone(), fault);
        let clock = SimulatedClock::new();
        let chats = vec![
            Chat::new("oftc", Delivery::BeforeSending, chance.clone(), clock),
            Chat::new("example.org", Delivery::WhenTaken, chance.clone(), clock),
        ];
        let ends = vec![0; chats.len()];
        Self { chance, clock, store, chats, bots: Vec::new(), fault, processes: 0, ends, topics: 0 }
    }

    /// Two bots on each network, and people who want to know.
    async fn begin(&mut self) {
        for chat in self.chats.clone() {
            for _ in 0..2 {
                let bot = self.start(&chat);
                self.bots.push(bot);
            }
        }
        for chat in &self.chats {
            chat.say("chair", "~announce slots on".into());
            for (who, track) in REMINDED.into_iter().flat_map(|who| TRACKS.map(|track| (who, track))) {
                chat.say(who, format!("+remind {track} {BEFORE}"));
            }
            for who in ["jane", "john", STUCK] {
                chat.say(who, "+subscribe now".into());
            }
        }
        sleep(Duration::from_secs(30)).await;
    }

    fn start(&mut self, chat: &Chat) -> Bot {
        self.processes += 1;
        let (process, stop) = (Process::new(self.processes), CancellationToken::new());
        let journal = Box::new(self.store.handle(&process));
        let transport = Box::new(Connection::new(chat, &process, self.fault));
        let (until, clock) = (stop.clone(), self.clock);
        let running = tokio::spawn(async move {
            // Whatever ends a bot, somebody starts it again.
            let mut setup = Setup::default();
            setup.clock = Arc::new(clock);
            drop(run_on(journal, transport, setup, until).await);
        });
        Bot { chat: chat.clone(), process, running, stop }
    }

    async fn live(&mut self) {
        self.store.kept().cuts = [0, 20, 100][self.chance.number(0..3)];
        let mut troubles: Vec<(Trouble, usize)> = Vec::new();
        for moment in 0..MOMENTS {
            sleep(self.chance.millis(0..2_000)).await;
            for _ in 0..[0, 1, 1, 1, 4][self.chance.number(0..5)] {
                self.somebody_speaks();
            }
            troubles.retain(|(trouble, until)| {
                let lasts = *until > moment;
                if !lasts {
                    self.set(*trouble, false);
                }
                lasts
            });
            match self.chance.number(0..100) {
                0..5 => self.crash().await,
                5..8 => self.upgrade().await,
                8..11 => self.lose_connections().await,
                11..14 => self.chats[self.chance.number(0..self.chats.len())].repeat(),
                14..26 => {
                    let trouble = self.trouble();
                    self.set(trouble, true);
                    troubles.push((trouble, moment + self.chance.number(1..30)));
                }
                _ => {}
            }
            self.start_again();
        }
        troubles.into_iter().for_each(|(trouble, _)| self.set(trouble, false));
    }

    fn somebody_speaks(&mut self) {
        let chat = &self.chats[self.chance.number(0..self.chats.len())];
        let who = ["chair", "jane", "john"][self.chance.number(0..3)];
        self.topics += 1;
        let (track, topic) = (self.chance.number(0..4), self.topics);
        let text = match self.chance.number(0..20) {
            0 => format!("#t{track} now {POISON} {topic}"),
            1..4 => "+book".to_owned(),
            4 => "good morning".to_owned(),
            _ => format!("#t{track} now topic-{topic}-end"),
        };
        chat.say(who, text);
    }

    async fn crash(&mut self) {
        let number = self.chance.number(0..self.bots.len());
        self.bots[number].running.abort();
        self.count_end(number);
        sleep(self.chance.millis(0..3_000)).await;
    }

    /// Starts a bot, and stops one that was there.
    async fn upgrade(&mut self) {
        let number = self.chance.number(0..self.bots.len());
        let chat = self.bots[number].chat.clone();
        let new = self.start(&chat);
        sleep(self.chance.millis(0..3_000)).await;
        let old = std::mem::replace(&mut self.bots[number], new);
        old.stop.cancel();
        // One that cannot write or speak any more loses what it was about to say.
        self.count_end(number);
    }

    /// What is under way at the beginning or at the end is lost.
    async fn lose_connections(&self) {
        let chat = &self.chats[self.chance.number(0..self.chats.len())];
        chat.lose_connections();
        sleep(self.chance.millis(0..1_000)).await;
        chat.lose_connections();
    }

    fn start_again(&mut self) {
        for number in 0..self.bots.len() {
            if self.bots[number].running.is_finished() && self.chance.happens(300) {
                self.count_end(number);
                let chat = self.bots[number].chat.clone();
                self.bots[number] = self.start(&chat);
            }
        }
    }

    fn count_end(&mut self, bot: usize) {
        self.ends[bot / 2] += 1;
    }

    fn trouble(&self) -> Trouble {
        let bot = self.chance.number(0..self.bots.len());
        match self.chance.number(0..5) {
            0 => Trouble::Asleep(bot),
            1 => Trouble::CutOff(bot),
            2 => Trouble::StoreAway,
            3 => Trouble::StoreFull,
            _ => Trouble::Slow(bot / 2),
        }
    }

    fn set(&self, trouble: Trouble, begins: bool) {
        tracing::debug!(?trouble, begins, "trouble");
        match trouble {
            Trouble::Asleep(bot) => self.bots[bot].process.sleep(begins),
            Trouble::CutOff(bot) => self.bots[bot].process.cut_off(begins),
            Trouble::StoreAway => self.store.kept().is_away = begins,
            Trouble::StoreFull => self.store.kept().is_full = begins,
            Trouble::Slow(chat) => self.chats[chat].state().slowness = if begins { 20 } else { 0 },
        }
    }

    /// All works again, and goes on for a while.
    async fn heal(&mut self) {
        self.store.kept().cuts = 0;
        for _ in 0..20 {
            self.start_again();
            sleep(Duration::from_secs(10)).await;
        }
    }
}

const MOMENTS: usize = 60;
