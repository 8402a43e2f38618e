//! The contract of a transport.

mod breaking;
mod counterpart;
mod ending;
mod hearing;
mod sending;
mod stage;

use super::broken::Broken;
use super::tried::Tried;
pub use counterpart::{Arrived, Capability, Counterpart, Somebody};
use ptgbot_core::Transport;
use stage::Stage;

/// Tries a transport's contract: order, splitting, waits that are given up, lost connections, nothing lost, nothing
/// doubled, edits, notifications, the end.
///
/// `new_network` makes a transport that is not open yet, and its [`Counterpart`]: the people on the other side, who
/// speak, and see what arrives there. It is called once for each fact. A fact that needs a [`Capability`] is left out
/// where the counterpart [lacks](Counterpart::lacks) it; [`Tried`] says which were.
///
/// What it does not try, and a test of your own has to:
///
/// - what concerns more than one run: [`go_on_from`](Transport::go_on_from), the lasting names of requests after a restart,
///   what was said while nothing was connected, and what is not [`handled`](ptgbot_core::Outlet::handled) and comes again;
/// - a second process: [`account`](Transport::account), [`stand_by`](Transport::stand_by),
///   [`speak_for`](ptgbot_core::Outlet::speak_for);
/// - what [`connection`](Transport::connection) tells, announcements, and the message of the board
///   ([`show`](ptgbot_core::Outlet::show));
/// - the network's limits, failures that are for good, roles that change.
///
/// ```
/// # use ptgbot_core::Transport;
/// # use ptgbot_runtime::testing::{Broken, Counterpart, transport_contract};
/// # async fn test<N: AsyncFn() -> (Box<dyn Transport>, Box<dyn Counterpart>)>(my_network: N) -> Result<(), Broken> {
/// let tried = transport_contract(my_network).await?;
/// println!("{tried}");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Names every fact that does not hold, and what was found instead.
pub async fn transport_contract<C: Counterpart>(
    new_network: impl AsyncFn() -> (Box<dyn Transport>, C),
) -> Result<Tried, Broken> {
    let (mut tried, mut left_out) = (Vec::new(), Vec::new());
    macro_rules! facts {
        ($($(#[needs($capability:ident)])? $room:ident::$fact:ident),* $(,)?) => {
            $({
                let (transport, counterpart) = new_network().await;
                let needed: &[Capability] = &[$(Capability::$capability)?];
                if needed.iter().any(|needed| counterpart.lacks().contains(needed)) {
                    left_out.push(stringify!($fact));
                } else {
                    let fact = $room::$fact(Stage::open(transport, counterpart).await).await;
                    tried.push((stringify!($fact), fact));
                }
            })*
        };
    }
    facts![
        hearing::lines_in_a_room_are_heard_in_order_and_with_who_said_them,
        hearing::lines_in_private_are_heard_in_order_and_with_who_said_them,
        hearing::lines_of_several_people_are_all_heard_once,
        hearing::a_wait_for_a_line_that_is_given_up_misses_none,
        #[needs(Edits)]
        hearing::an_edit_names_the_message_that_was_said,
        #[needs(Deletions)]
        hearing::a_deletion_names_the_message_that_was_said,
        sending::a_message_is_cut_into_pieces_that_are_not_empty_and_hold_all_its_words,
        sending::what_is_said_to_one_target_arrives_in_order,
        sending::a_wait_for_leave_to_send_that_is_given_up_loses_nothing,
        sending::what_was_taken_arrives_once,
        sending::a_notification_arrives_at_its_person_alone,
        #[needs(Refusals)]
        sending::what_nobody_can_get_is_refused_and_stops_nothing,
        sending::requests_may_be_over_in_any_mix,
        #[needs(Breaks)]
        breaking::nothing_counts_as_taken_while_the_connection_is_broken,
        #[needs(Breaks)]
        breaking::what_is_sent_over_a_broken_connection_arrives_once,
        #[needs(Breaks)]
        breaking::what_was_taken_before_a_break_does_not_come_again,
        #[needs(Breaks)]
        breaking::lines_after_a_break_are_heard_once,
        ending::everything_that_was_taken_has_arrived_after_the_close,
        #[needs(Ends)]
        ending::the_inbox_ends_without_an_error_where_the_network_ends,
    ];
    let held = tried.iter().map(|(fact, _)| *fact).collect();
    Broken::sum(tried)?;
    Ok(Tried::new(held, left_out))
}

#[cfg(test)]
mod tests;
