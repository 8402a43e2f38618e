//! Links that the page will not make links of.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::{Checked, place};
use crate::link::{HttpUrl, InvalidUrl};
use serde_json::Value;

pub(super) fn check(checked: Checked<'_>, findings: &mut Findings) {
    for (title, address) in checked.entries("links") {
        let address = address.as_str().unwrap_or_default();
        let is_mail = address.trim().to_ascii_lowercase().starts_with("mailto:") && address.contains('@');
        if !is_mail {
            one(address, || place::inner("links", title), || place::shown(title), findings);
        }
    }
    for (room, held) in checked.entries("schedule") {
        let is_link =
            checked.contents.rooms.get(crate::text::clean_name(room).as_str()).is_some_and(|room| room.url.is_some());
        if let Some(address) = held.get("url").and_then(Value::as_str).filter(|_| is_link) {
            one(address, || place::innermost("schedule", room, "url"), || place::shown(room), findings);
        }
    }
    for key in ["urls", "etherpads"] {
        for (track, address) in checked.entries(key) {
            let address = address.as_str().unwrap_or_default();
            one(address, || place::inner(key, track), || format!("#{}", place::shown(track)), findings);
        }
    }
}

fn one(address: &str, path: impl Fn() -> String, name: impl Fn() -> String, findings: &mut Findings) {
    let address = address.trim();
    if address.is_empty() {
        return;
    }
    if let Err(why) = HttpUrl::parse(address) {
        findings.add(FindingKind::NotHttp, || Words {
            path: path(),
            name: name(),
            reason: format!("'{}' is shown as words: {why}", place::shown(address)),
            proposal: proposal(address, why),
        });
    }
}

fn proposal(address: &str, why: InvalidUrl) -> String {
    let with_scheme = format!("https://{address}");
    match why {
        InvalidUrl::Form if address.contains('.') && !address.contains(':') && HttpUrl::parse(&with_scheme).is_ok() => {
            format!("write https://{}", place::shown(address))
        }
        InvalidUrl::Blank => "write %20 for a blank".into(),
        InvalidUrl::UserInfo => "leave out the name and the password: everybody can read the page".into(),
        InvalidUrl::TooLong => "make it shorter".into(),
        InvalidUrl::Form | InvalidUrl::Scheme => "write a link that begins with https://, or leave it out".into(),
    }
}
