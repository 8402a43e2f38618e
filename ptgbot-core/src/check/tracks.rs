//! Tracks that nobody listed: mostly listed ones that are misspelt.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::near::Near;
use super::{Checked, place};
use crate::track::TrackName;
use std::collections::HashSet;

pub(super) fn check(checked: Checked<'_>, findings: &mut Findings) {
    if checked.listed.is_empty() || checked.is_unread("tracks") {
        return;
    }
    let mut near = Near::new();
    let mut found = |track: &TrackName, path: &dyn Fn() -> String, reason: &str| {
        let listed = checked.listed.iter().map(TrackName::as_str);
        let meant = near.find(track.as_str(), checked.listed.len(), listed);
        findings.add(FindingKind::UnknownTrack, || Words {
            path: path(),
            name: track.to_string(),
            reason: reason.to_owned(),
            proposal: match meant {
                Some(meant) => format!("write {meant}, or add {} to tracks", track.as_str()),
                None => format!("add {} to tracks, or leave it out", track.as_str()),
            },
        });
    };
    let mut told = HashSet::new();
    if checked.has("schedule") {
        for (room, held) in &checked.contents.rooms {
            for (slot, booking) in &held.bookings {
                let unknown = booking.holders().iter().filter(|track| !checked.listed.contains(*track));
                for track in unknown.filter(|track| told.insert((*track).clone())) {
                    let path = || place::innermost("schedule", room.as_str(), slot.as_str());
                    found(track, &path, "it holds a slot and is not in the list: it is a track of its own");
                }
            }
        }
    }
    for key in ["now", "next", "etherpads", "urls", "colors", "location", "moderators"] {
        for (name, _) in checked.entries(key) {
            let Ok(track) = TrackName::parse(name) else { continue };
            if !checked.listed.contains(&track) && !checked.contents.tracks.contains(&track) {
                found(&track, &|| place::inner(key, name), "it is not in the list, so nobody sees this");
            }
        }
    }
}
