//! Colours of badges, on which white text stands.

use super::finding::{Findings, Words};
use super::kind::FindingKind;
use super::{Checked, place};
use crate::color::Color;

pub(super) fn check(checked: Checked<'_>, findings: &mut Findings) {
    for (track, value) in checked.entries("colors") {
        let typed = value.as_str().unwrap_or_default().trim();
        if typed.is_empty() {
            continue;
        }
        let name = || format!("#{}", place::shown(track));
        match Color::parse(typed) {
            None => findings.add(FindingKind::UnknownColor, || Words {
                path: place::inner("colors", track),
                name: name(),
                reason: format!("'{}' is no colour: the badge is blue", place::shown(typed)),
                proposal: "write a CSS colour, such as teal or #008080".into(),
            }),
            Some(color) if !color.carries_white_text() => findings.add(FindingKind::HardToRead, || Words {
                path: place::inner("colors", track),
                name: name(),
                reason: format!(
                    "white on '{}' has a contrast of {:.1}, and 4.5 can be read well: the badge is made darker",
                    place::shown(typed),
                    color.contrast_with_white()
                ),
                proposal: match darker(color) {
                    Some(darker) => format!("write {darker}"),
                    None => "choose a darker colour".into(),
                },
            }),
            Some(_) => {}
        }
    }
}

/// The nearest darker shade of a colour on which white can be read.
fn darker(color: Color) -> Option<Color> {
    let [r, g, b, _] = color.rgba();
    (1..=16_u32).find_map(|step| {
        let [r, g, b] = [r, g, b].map(|value| u32::from(value) * (16 - step) / 16);
        Color::parse(&format!("#{r:02x}{g:02x}{b:02x}")).filter(|shade| shade.carries_white_text())
    })
}
