//! Badges: each track's colour, as a style sheet of its own.
//!
//! The strict policy of the pages forbids styles in attributes, so a colour reaches the page as the class
//! `t-{track}`. Only [`Color`]s are written here, never what somebody typed.

use ptgbot_core::{Board, Color, TrackName};
use std::fmt::{self, Write};

/// The rules for all tracks that chose a colour.
///
/// `--edge` is the colour as chosen, `--badge` what the white text stands on: the same, or darker where white
/// would be hard to read.
pub(crate) fn style_sheet(board: &Board) -> String {
    let mut css = String::new();
    for (track, raw) in &board.contents().colors {
        let Some(color) = Color::parse(raw) else {
            continue;
        };
        let edge = over_white(color);
        let badge = readable(edge);
        let _ = writeln!(css, ".t-{}{{--edge:{};--badge:{}}}", Class(track), Hex(edge), Hex(badge));
    }
    css
}

/// The colours of a track's badge as `#rrggbb`.
#[derive(Clone, Debug)]
pub(crate) struct Badge {
    /// The colour as chosen.
    pub(crate) edge: String,
    /// What white text stands on.
    pub(crate) fill: String,
}

/// The badge of a track.
pub(crate) fn badge_of(board: &Board, track: &TrackName) -> Badge {
    let edge = rgb_of(board, track);
    Badge { edge: Hex(edge).to_string(), fill: Hex(readable(edge)).to_string() }
}

/// A track's colour as `#rrggbb`, or that of tracks that chose none.
pub(crate) fn color_of(board: &Board, track: &TrackName) -> String {
    Hex(rgb_of(board, track)).to_string()
}

fn rgb_of(board: &Board, track: &TrackName) -> [u8; 3] {
    let own = board.contents().colors.get(track).and_then(|raw| Color::parse(raw));
    over_white(own.unwrap_or(Color::DEFAULT))
}

/// The colour as it looks on white paper.
fn over_white(color: Color) -> [u8; 3] {
    let [r, g, b, a] = color.rgba();
    let alpha = u32::from(a);
    let mix = |value: u8| u8::try_from((u32::from(value) * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
    [mix(r), mix(g), mix(b)]
}

/// The nearest darker shade that carries white text.
fn readable(rgb: [u8; 3]) -> [u8; 3] {
    let mut shade = rgb;
    while !carries_white_text(shade) {
        shade = shade.map(|value| u8::try_from(u32::from(value) * 15 / 16).unwrap_or(0));
    }
    shade
}

fn carries_white_text(rgb: [u8; 3]) -> bool {
    Color::parse(&Hex(rgb).to_string()).is_none_or(Color::carries_white_text)
}

struct Hex([u8; 3]);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

/// A track's name as part of a class selector (CSS Syntax Level 3, section 2.1: escaping).
struct Class<'a>(&'a TrackName);

impl fmt::Display for Class<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.as_str().chars() {
            if matches!(c, '.' | '+') {
                f.write_char('\\')?;
            }
            f.write_char(c)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_text_is_readable_on_every_badge() {
        for raw in ["yellow", "white", "#42f4c5", "navy", "transparent", "rgb(255 0 0 / 10%)"] {
            let edge = over_white(Color::parse(raw).expect("a colour"));
            assert!(carries_white_text(readable(edge)), "{raw}");
        }
        assert_eq!(readable([0, 0, 128]), [0, 0, 128]);
    }

    #[test]
    fn a_name_with_dots_and_plus_signs_stays_one_class() {
        let track = TrackName::parse("oslo.c++").expect("a name");
        assert_eq!(Class(&track).to_string(), "oslo\\.c\\+\\+");
    }
}
