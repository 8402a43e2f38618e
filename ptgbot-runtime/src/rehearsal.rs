//! Rehearsals: an event on a copy in memory, by a clock of its own. The store is only read.

mod clock;
mod copy;
mod elsewhere;
mod order;
mod replay;
mod speed;
mod start;

pub(crate) use clock::RehearsalClock;
pub(crate) use copy::EventCopy;
pub(crate) use elsewhere::{adopt_names, others_told};
pub(crate) use replay::{Played, Replay};
pub(crate) use speed::Speed;
pub(crate) use start::{before_the_event, end_of_event, read_start};

#[cfg(test)]
mod tests;
