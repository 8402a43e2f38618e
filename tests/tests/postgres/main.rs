//! Boards in a real PostgreSQL server, on good and on bad days.

mod away;
mod boards;
mod bot;
mod cut;
mod hung;
mod journal;
mod lease;
mod pooled;
mod refused;
mod told;
mod two_writers;
