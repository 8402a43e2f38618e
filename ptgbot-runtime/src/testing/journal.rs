//! The contract of a journal.

mod appending;
mod delivering;
mod forgetting;
pub(crate) mod records;
mod sharing;

use super::broken::Broken;
use ptgbot_core::Journal;

/// Tries a journal's whole contract: appending, conflicts, reading on, snapshots, forgetting, deliveries, several
/// handles on one journal.
///
/// `new_store` makes a store that is empty and that nothing else uses; what it returns opens a handle on that store, as
/// a process does that starts. Handles are opened while others are open, and after all were closed.
///
/// ```
/// use ptgbot_runtime::store::MemoryJournal;
/// use ptgbot_runtime::testing::{Broken, journal_contract};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Broken> {
/// journal_contract(|| {
///     let store = MemoryJournal::default();
///     async move || store.clone()
/// }).await
/// # }
/// ```
///
/// # Errors
/// Names every fact that does not hold, and what was found instead.
pub async fn journal_contract<J: Journal, S: AsyncFn() -> J>(new_store: impl Fn() -> S) -> Result<(), Broken> {
    macro_rules! facts {
        ($($room:ident::$fact:ident),* $(,)?) => {
            vec![$((stringify!($fact), $room::$fact(new_store()).await)),*]
        };
    }
    Broken::sum(facts![
        appending::a_new_journal_holds_nothing,
        appending::what_is_appended_is_loaded_by_every_handle_and_after_a_start,
        appending::many_records_are_written_together,
        appending::an_append_that_is_given_up_is_written_whole_or_not_at_all,
        appending::an_append_at_another_revision_is_a_conflict_and_writes_nothing,
        appending::records_are_read_in_order_and_at_most_so_many,
        appending::a_snapshot_changes_nothing_that_is_loaded,
        sharing::two_handles_see_what_the_other_appends,
        sharing::two_handles_that_append_in_turn_lose_nothing,
        sharing::a_change_of_another_handle_wakes_up,
        sharing::a_wait_for_changes_that_is_given_up_misses_none,
        sharing::only_reading_changes_takes_the_news_of_them,
        delivering::deliveries_remember_how_far_they_have_come,
        delivering::everyone_is_told_where_single_people_were_ahead,
        forgetting::a_forgotten_person_is_nowhere,
        forgetting::a_snapshot_from_before_somebody_was_forgotten_is_not_kept,
        forgetting::whoever_comes_back_after_being_forgotten_is_kept,
    ])
}
