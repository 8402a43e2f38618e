//! While we stand by, the process that acts has another device. If it has ours, our folder is a copy of its folder: two
//! would break each other's encryption, and it is ours that goes, before it has used any key.

use crate::duty::Duty;
use matrix_sdk::ruma::DeviceId;
use ptgbot_core::Lease;
use std::time::Duration;
use tokio::sync::watch;

/// Whose our device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// Ours alone, as far as can be known.
    Us,
    /// The process that acts has it.
    ActingProcess,
}

/// Finds out, before the device is used, whose it is.
///
/// The store's word may be old: one that has just begun to act has not said yet which device it has, and one that has
/// just died, on our device, is in our way until its lease is over.
pub(super) async fn owner(device: &DeviceId, duty: &mut watch::Receiver<Duty>) -> Owner {
    let is_ours_alone = |duty: &Duty| match duty {
        Duty::Act { .. } => true,
        Duty::StandBy { acting } => acting.as_ref().is_some_and(|acting| acting != device),
    };
    if tokio::time::timeout(LONGEST, duty.wait_for(is_ours_alone)).await.is_ok() {
        return Owner::Us;
    }
    match &*duty.borrow() {
        Duty::StandBy { acting: Some(_) } => Owner::ActingProcess,
        Duty::StandBy { acting: None } | Duty::Act { .. } => Owner::Us,
    }
}

/// Waits until the process that acts is seen to have our device after all.
pub(super) async fn is_taken(device: &DeviceId, mut duty: watch::Receiver<Duty>) {
    let has_it = |duty: &Duty| matches!(duty, Duty::StandBy { acting: Some(acting) } if acting == device);
    if duty.wait_for(has_it).await.is_err() {
        std::future::pending().await
    }
}

/// Longer than a process that has died has the lease.
const LONGEST: Duration = Lease::SPAN.saturating_mul(2);

#[cfg(test)]
mod tests {
    use super::*;
    use matrix_sdk::ruma::device_id;

    fn acts(device: &DeviceId) -> Duty {
        Duty::StandBy { acting: Some(device.to_owned()) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_copy_of_the_folder_of_the_process_that_acts_is_known() {
        let (ours, other) = (device_id!("OURS"), device_id!("OTHER"));
        let (_told, mut duty) = watch::channel(acts(ours));
        assert_eq!(owner(ours, &mut duty).await, Owner::ActingProcess);
        let (_told, mut duty) = watch::channel(acts(other));
        assert_eq!(owner(ours, &mut duty).await, Owner::Us);
        let (_told, mut duty) = watch::channel(Duty::StandBy { acting: None });
        assert_eq!(owner(ours, &mut duty).await, Owner::Us, "nothing is known");
    }

    #[tokio::test(start_paused = true)]
    async fn who_acted_on_our_device_before_and_has_ended_is_no_reason_to_go() {
        let (ours, other) = (device_id!("OURS"), device_id!("OTHER"));
        for news in [acts(other), Duty::Act { from: None }] {
            let (told, mut duty) = watch::channel(acts(ours));
            let later = async {
                tokio::time::sleep(Lease::SPAN).await;
                told.send_replace(news);
            };
            assert_eq!(tokio::join!(owner(ours, &mut duty), later).0, Owner::Us);
        }
    }

    #[tokio::test]
    async fn a_process_that_begins_to_act_on_our_device_while_we_stand_by_is_seen() {
        let (ours, other) = (device_id!("OURS"), device_id!("OTHER"));
        let (told, duty) = watch::channel(acts(other));
        let taken = tokio::spawn(is_taken(ours, duty));
        told.send_replace(acts(ours));
        taken.await.expect("it is seen");
    }
}
