//! Putting things back as they were when a change is undone.

use super::Board;
use crate::setting::Setting;
use crate::slot::SlotCode;
use crate::track::TrackName;
use crate::was::Was;
use chrono::{DateTime, Utc};

impl Board {
    /// Gives settings the values they had.
    pub(crate) fn restore(&mut self, settings: &[Setting], at: DateTime<Utc>) {
        let mut programme = false;
        for (track, from, to) in self.moves_back(settings) {
            self.entry_moved(track, from, to, at);
        }
        for setting in settings {
            match setting {
                Setting::Slot { code, value, .. } => {
                    self.set_booking(code, value.clone());
                    programme = true;
                }
                Setting::Share { code, track, place } => {
                    self.restore_share(code, track, *place);
                    programme = true;
                }
                Setting::Board { value } => {
                    *self.contents_mut() = value.read();
                    programme = true;
                }
                Setting::Moderators { track, value } => self.set_moderators(track, value.as_ref()),
                other => self.restore_contents(other),
            }
        }
        if programme {
            self.programme_changed(at);
        }
    }

    /// Puts a track where it stood among those that share a slot, or takes it out; the others stay as they are.
    fn restore_share(&mut self, code: &SlotCode, track: &TrackName, place: Option<usize>) {
        let booking = match place {
            Some(place) => self.joined(track, code, place),
            None => self.booking(code).map(|booking| booking.without(track)),
        };
        if let Some(booking) = booking {
            self.set_booking(code, booking);
        }
    }

    /// The bookings that settings move, from the slot that a track holds to the one that it held before: pairs of one that
    /// it loses and one that it gets.
    fn moves_back<'a>(&self, settings: &'a [Setting]) -> Vec<(&'a TrackName, &'a SlotCode, &'a SlotCode)> {
        let (mut lost, mut gained) = (Vec::new(), Vec::new());
        for setting in settings {
            let (code, track, holds) = match setting {
                Setting::Slot { code, track, value } => (code, track, value.is_held_by(track)),
                Setting::Share { code, track, place } => (code, track, place.is_some()),
                _ => continue,
            };
            match (self.is_held_by(code, track), holds) {
                (true, false) => lost.push((track, code)),
                (false, true) => gained.push((track, code)),
                (true, true) | (false, false) => {}
            }
        }
        let pair = |(track, from)| {
            let place = gained.iter().position(|(other, _)| *other == track)?;
            Some((track, from, gained.swap_remove(place).1))
        };
        lost.into_iter().filter_map(pair).collect()
    }

    fn restore_contents(&mut self, setting: &Setting) {
        let contents = self.contents_mut();
        match setting {
            Setting::Listed { track, listed: true } => {
                contents.tracks.insert(track.clone());
            }
            Setting::Listed { track, listed: false } => {
                contents.tracks.remove(track);
            }
            Setting::Now { track, value } => put(&mut contents.now, track, value.clone()),
            Setting::Next { track, value } => {
                put(&mut contents.next, track, Some(value.clone()).filter(|list| !list.is_empty()));
            }
            Setting::NextWas { track, list } => {
                let before = Was::list_before(list, contents.next.get(track).map(Vec::as_slice).unwrap_or_default());
                put(&mut contents.next, track, Some(before).filter(|list| !list.is_empty()));
            }
            Setting::Etherpad { track, value } => put(&mut contents.etherpads, track, value.clone()),
            Setting::Url { track, value } => put(&mut contents.urls, track, value.clone()),
            Setting::Color { track, value } => put(&mut contents.colors, track, value.clone()),
            Setting::Location { track, value } => put(&mut contents.locations, track, value.clone()),
            Setting::Motd { value } => contents.motd.clone_from(value),
            Setting::MotdWas { list } => contents.motd = Was::list_before(list, &contents.motd),
            Setting::Policy { value } => contents.policy.clone_from(value),
            Setting::Announcing { announced, room, on } => contents.announced.set(*announced, room, *on),
            Setting::Moderation { value } => contents.moderation = *value,
            Setting::Slot { .. } | Setting::Share { .. } | Setting::Moderators { .. } | Setting::Board { .. } => {}
        }
    }
}

fn put<K: Ord + Clone, V>(map: &mut std::collections::BTreeMap<K, V>, key: &K, value: Option<V>) {
    match value {
        Some(value) => {
            map.insert(key.clone(), value);
        }
        None => {
            map.remove(key);
        }
    }
}
