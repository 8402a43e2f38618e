//! A model of how leases, writing and delivering fit together: two bots of one account, three commands in the channel, a
//! crash and a pause, in every order in which it can all happen. The rules of leases are the real ones; a bot is what the
//! runtime's loop does around them.
//!
//! Whatever a bot asks of the store may arrive much later than it was asked, also when the bot sleeps by then.

use ptgbot_core::{Claim, Folding, Lease, Leases, Network, PersonId, Taken};
use stateright::{Checker, Model, Property};
use std::time::Duration;

/// Two bots and three commands. `checks_time` is off in a bot that trusts its lease for ever.
struct TwoBots {
    checks_time: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    /// In steps of half a lease.
    now: u32,
    leases: Leases,
    /// The commands whose changes are recorded, in order.
    journal: Vec<u8>,
    /// How many changes people were told of, as the store has it.
    marked: u8,
    /// Which change was told under which lease.
    told: Vec<(u8, u64)>,
    /// True once somebody spoke while another one could.
    two_spoke: bool,
    bots: [Bot; 2],
    may_crash: bool,
    may_sleep: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Bot {
    is_asleep: bool,
    /// What is on its way to the store.
    asked: Option<Asked>,
    acts: Option<Acting>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Acting {
    number: u64,
    /// When it stops speaking unless the lease is renewed.
    until: u32,
    /// The next command that it hears.
    hears: u8,
    /// How many changes there are, as far as it knows.
    knows: u8,
    /// The next change of which people are to be told.
    tells: u8,
    /// A change that is remembered as told and is not told yet.
    marked: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Asked {
    Lease { at: u32 },
    Renewal { at: u32 },
    Append { command: u8, expected: u8 },
    Mark { change: u8 },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Step {
    TimePasses,
    AskForLease(usize),
    AskForRenewal(usize),
    Hear(usize),
    AskToMark(usize),
    Tell(usize),
    StoreAnswers(usize),
    Crash(usize),
    FallAsleep(usize),
    WakeUp(usize),
}

impl Model for TwoBots {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        let bot = Bot { is_asleep: false, asked: None, acts: None };
        let (leases, journal, told) = Default::default();
        let bots = [bot.clone(), bot];
        let (now, marked, two_spoke) = (0, 0, false);
        vec![World { now, leases, journal, marked, told, two_spoke, bots, may_crash: true, may_sleep: true }]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        if world.now < END {
            steps.push(Step::TimePasses);
        }
        for (number, bot) in world.bots.iter().enumerate() {
            if bot.asked.is_some() {
                steps.push(Step::StoreAnswers(number));
            }
            if bot.is_asleep {
                steps.push(Step::WakeUp(number));
                continue;
            }
            steps.extend(world.may_crash.then_some(Step::Crash(number)));
            steps.extend(world.may_sleep.then_some(Step::FallAsleep(number)));
            let Some(acting) = &bot.acts else {
                let is_free = world.leases.states(HALF * world.now).iter().all(|lease| !lease.is_held());
                steps.extend((bot.asked.is_none() && is_free).then_some(Step::AskForLease(number)));
                continue;
            };
            let may_act = acting.until > world.now || !self.checks_time;
            if may_act && acting.marked.is_some() {
                steps.push(Step::Tell(number));
            }
            if bot.asked.is_none() {
                steps.extend((acting.until < world.now + 2).then_some(Step::AskForRenewal(number)));
                if may_act && acting.hears < COMMANDS {
                    steps.push(Step::Hear(number));
                }
                if may_act && acting.marked.is_none() && acting.tells < acting.knows {
                    steps.push(Step::AskToMark(number));
                }
            }
        }
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        let mut next = world.clone();
        match step {
            Step::TimePasses => next.now += 1,
            Step::AskForLease(bot) => next.bots[bot].asked = Some(Asked::Lease { at: world.now }),
            Step::AskForRenewal(bot) => next.bots[bot].asked = Some(Asked::Renewal { at: world.now }),
            Step::Hear(bot) => {
                let acting = world.bots[bot].acts.as_ref()?;
                next.bots[bot].asked = Some(Asked::Append { command: acting.hears, expected: acting.knows });
            }
            Step::AskToMark(bot) => {
                let change = world.bots[bot].acts.as_ref()?.tells;
                next.bots[bot].asked = Some(Asked::Mark { change });
            }
            Step::Tell(bot) => {
                let acting = next.bots[bot].acts.as_mut()?;
                next.told.push((acting.marked.take()?, acting.number));
                next.two_spoke |= !world.leases.is_newest(&account(), acting.number);
            }
            Step::StoreAnswers(bot) => next.answer(bot),
            Step::Crash(bot) => {
                next.bots[bot] = Bot { is_asleep: false, asked: None, acts: None };
                next.may_crash = false;
            }
            Step::FallAsleep(bot) => {
                next.bots[bot].is_asleep = true;
                next.may_sleep = false;
            }
            Step::WakeUp(bot) => next.bots[bot].is_asleep = false,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("every command counts at most once, in order", |_, world: &World| {
                world.journal.iter().zip(0..).all(|(command, place)| *command == place)
            }),
            Property::always("nobody is told twice", |_, world: &World| {
                world.told.iter().all(|(change, _)| world.told.iter().filter(|(other, _)| other == change).count() == 1)
            }),
            Property::always("one speaks at a time", |_, world: &World| !world.two_spoke),
            Property::always(
                "of each lease that has ended, at most the one in the act of being told is lost",
                |_, world: &World| {
                    let told: Vec<u8> = world.told.iter().map(|(change, _)| *change).collect();
                    let under_way: Vec<_> = world.bots.iter().filter_map(|bot| bot.acts.as_ref()?.marked).collect();
                    let lost = (0..world.marked).filter(|change| !told.contains(change) && !under_way.contains(change));
                    let taken = world.leases.states(Duration::ZERO).first().map_or(0, |lease| lease.number);
                    let is_newest = |bot: &Bot| bot.acts.as_ref().is_some_and(|acting| acting.number == taken);
                    lost.count() as u64 <= taken - u64::from(world.bots.iter().any(is_newest))
                },
            ),
            Property::sometimes("all commands count", |_, world: &World| world.journal.len() == usize::from(COMMANDS)),
            Property::sometimes("another bot goes on", |_, world: &World| {
                let numbers: Vec<u64> = world.told.iter().map(|(_, number)| *number).collect();
                numbers.windows(2).any(|two| two[0] != two[1])
            }),
        ]
    }
}

impl World {
    /// The store does what it was asked, and the bot hears of it.
    fn answer(&mut self, number: usize) {
        let time = HALF * self.now;
        let bot = &mut self.bots[number];
        match (bot.asked.take(), &mut bot.acts) {
            (Some(Asked::Lease { at }), _) => {
                let claim = Claim::new(account(), number.to_string());
                if let Taken::Ours(Lease { number, place, .. }) = self.leases.take(&claim, time) {
                    let hears = place.map_or(0, |place| place.parse().expect("a place of ours"));
                    let knows = u8::try_from(self.journal.len()).expect("a short journal");
                    let (until, tells) = (at + 2, self.marked);
                    bot.acts = Some(Acting { number, until, hears, knows, tells, marked: None });
                }
            }
            (Some(Asked::Renewal { at }), Some(acting)) => {
                if self.leases.renew(&account(), acting.number, None, time) {
                    acting.until = at + 2;
                } else {
                    bot.acts = None;
                }
            }
            (Some(Asked::Append { command, expected }), Some(acting)) => {
                let place = (command + 1).to_string();
                if usize::from(expected) != self.journal.len() {
                    acting.knows = u8::try_from(self.journal.len()).expect("a short journal");
                } else if self.leases.stand_at(&account(), acting.number, Some(&place)) {
                    self.journal.push(command);
                    acting.hears += 1;
                    acting.knows += 1;
                } else {
                    bot.acts = None;
                }
            }
            (Some(Asked::Mark { change }), Some(acting)) => {
                if self.leases.is_newest(&account(), acting.number) {
                    self.marked = self.marked.max(change + 1);
                    acting.tells = change + 1;
                    acting.marked = Some(change);
                } else {
                    bot.acts = None;
                }
            }
            (_, _) => {}
        }
    }
}

fn account() -> PersonId {
    PersonId::new(&Network::nearest("oftc"), "ptgbot", Folding::Ascii)
}

#[test]
fn in_every_order_each_command_counts_once_and_nobody_is_told_twice() {
    let checked = TwoBots { checks_time: true }.checker().threads(2).spawn_bfs().join();
    checked.assert_properties();
}

#[test]
fn a_bot_that_does_not_look_at_the_time_is_found() {
    let checked = TwoBots { checks_time: false }.checker().threads(2).spawn_bfs().join();
    assert!(checked.discovery("one speaks at a time").is_some());
}

/// Half a lease.
const HALF: Duration = Duration::from_secs(Lease::SPAN.as_secs() / 2);
const COMMANDS: u8 = 3;
/// Long enough for a second bot to take over and to go on.
const END: u32 = 3;
