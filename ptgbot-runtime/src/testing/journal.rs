//! The contract of a journal.

mod appending;
mod delivering;
mod forgetting;
mod leasing;
pub(crate) mod records;
mod sharing;

use super::broken::Broken;
use ptgbot_core::Journal;

/// Tries a journal's whole contract: appending, conflicts, reading on, snapshots, forgetting, deliveries, leases,
/// several handles on one journal.
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
        leasing::a_lease_is_given_to_one_and_told_to_others,
        leasing::a_lease_that_is_given_up_is_free_at_once_and_its_place_remains,
        leasing::a_lease_whose_holder_is_known_to_have_ended_is_free_at_once,
        leasing::whoever_lost_a_lease_writes_nothing,
        leasing::a_place_is_kept_with_the_changes_before_it_and_not_without,
        leasing::a_lease_that_is_taken_while_its_holder_writes_is_taken_before_or_after,
    ])
}
