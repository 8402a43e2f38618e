//! What a bot needs around the core: stores, the loop that owns the board, messages in and out, and the pages.

mod board_watch;
mod fetch;

pub use board_watch::{BoardOwner, BoardWatch, Closed, board_watch};
pub use fetch::{FetchError, FetchPolicy, fetch_json};
