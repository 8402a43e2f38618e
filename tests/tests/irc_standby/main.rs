//! Several processes of one IRC bot on one board: one acts, another waits in the channel and takes over.

mod asleep;
mod channel;
mod cut_off;
mod history;
mod killed;
mod services;
mod upgraded;
