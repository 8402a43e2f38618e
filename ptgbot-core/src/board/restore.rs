//! Reading single settings before a change, and putting them back when it is undone.

use super::Board;
use crate::event::Setting;
use crate::room::Booking;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

impl Board {
    /// The same setting with the value it has now.
    pub(super) fn read(&self, setting: &Setting) -> Setting {
        let contents = self.contents();
        match setting {
            Setting::Listed { track, .. } => Setting::Listed { track: track.clone(), listed: self.knows(track) },
            Setting::Now { track, .. } => {
                Setting::Now { track: track.clone(), value: contents.now.get(track).cloned() }
            }
            Setting::Next { track, .. } => {
                Setting::Next { track: track.clone(), value: contents.next.get(track).cloned().unwrap_or_default() }
            }
            Setting::Etherpad { track, .. } => {
                Setting::Etherpad { track: track.clone(), value: contents.etherpads.get(track).cloned() }
            }
            Setting::Url { track, .. } => {
                Setting::Url { track: track.clone(), value: contents.urls.get(track).cloned() }
            }
            Setting::Color { track, .. } => {
                Setting::Color { track: track.clone(), value: contents.colors.get(track).cloned() }
            }
            Setting::Location { track, .. } => {
                Setting::Location { track: track.clone(), value: contents.locations.get(track).cloned() }
            }
            Setting::Slot { code, track, .. } => {
                let booking = contents.rooms.get(&code.room).and_then(|room| room.bookings.get(&code.slot));
                let value = booking.cloned().unwrap_or(Booking::Open);
                Setting::Slot { code: code.clone(), track: track.clone(), value }
            }
            Setting::Motd { .. } => Setting::Motd { value: contents.motd.clone() },
            Setting::Moderation { .. } => Setting::Moderation { value: contents.moderation },
            Setting::Board { .. } => Setting::Board { value: Box::new(contents.clone()) },
        }
    }

    /// Everything a new day clears, as far as there is something to clear.
    pub(super) fn day_settings(&self) -> Vec<Setting> {
        let contents = self.contents();
        let tracks: BTreeSet<_> =
            contents.now.keys().chain(contents.next.keys()).chain(contents.locations.keys()).cloned().collect();
        let mut settings = Vec::new();
        for track in tracks {
            settings.push(self.read(&Setting::Now { track: track.clone(), value: None }));
            settings.push(self.read(&Setting::Next { track: track.clone(), value: Vec::new() }));
            settings.push(self.read(&Setting::Location { track, value: None }));
        }
        settings
    }

    /// Gives settings the values they had.
    pub(super) fn restore(&mut self, settings: &[Setting], at: DateTime<Utc>) {
        let mut programme = false;
        for setting in settings {
            match setting {
                Setting::Slot { code, value, .. } => {
                    self.set_booking(code, value.clone());
                    programme = true;
                }
                Setting::Board { value } => {
                    *self.contents_mut() = (**value).clone();
                    programme = true;
                }
                other => self.restore_contents(other),
            }
        }
        if programme {
            self.programme_changed(at);
        }
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
            Setting::Etherpad { track, value } => put(&mut contents.etherpads, track, value.clone()),
            Setting::Url { track, value } => put(&mut contents.urls, track, value.clone()),
            Setting::Color { track, value } => put(&mut contents.colors, track, value.clone()),
            Setting::Location { track, value } => put(&mut contents.locations, track, value.clone()),
            Setting::Motd { value } => contents.motd.clone_from(value),
            Setting::Moderation { value } => contents.moderation = *value,
            Setting::Slot { .. } | Setting::Board { .. } => {}
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
