//! The contracts of the core's traits as suites: run them over a journal or a transport of your own. And a clock for tests,
//! and a look at what a program's help shows.
//!
//! They need no test framework: each ends with `Ok`, or says which facts do not hold.

mod broken;
mod clock;
mod examples;
mod journal;
mod transport;
mod tried;

pub use broken::Broken;
pub use clock::TestClock;
pub use examples::examples;
pub use journal::journal_contract;
#[cfg(test)]
pub(crate) use journal::records;
pub use transport::{Arrived, Capability, Counterpart, Somebody, transport_contract};
pub use tried::Tried;
