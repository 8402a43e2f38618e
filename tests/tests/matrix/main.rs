//! The whole bot on a real homeserver, with people whose client is not ours: what a moderator types in a room, plain
//! or encrypted, is done once, durable, on the page, and answered as Matrix people expect.

mod answers;
mod board_message;
mod capitals;
mod check;
mod dead_rooms;
mod edits;
mod encrypted;
mod faults;
mod invites;
mod joins;
mod limits;
mod people;
mod restarts;
mod roles;
mod rooms;
mod standby;
mod threads;
mod time;
mod two_processes;
