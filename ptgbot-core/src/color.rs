//! Badge colours: any CSS colour a track may ask for (CSS Color Module Level 4).

use std::fmt;

/// A colour that is safe to print into a style sheet: it is always written as `#rrggbb` or `#rrggbbaa`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    rgba: [u8; 4],
}

impl Color {
    /// The badge of a track that chose no colour: Bootstrap's primary blue, known from the older page.
    pub const DEFAULT: Self = Self { rgba: [0x0b, 0x5e, 0xd7, 0xff] };

    /// Reads a CSS colour: a name, `#hex`, or one of the colour functions.
    ///
    /// ```
    /// use ptgbot_core::Color;
    /// assert_eq!(Color::parse("RebeccaPurple").unwrap().to_string(), "#663399");
    /// assert!(Color::parse("red;background:url(//evil)").is_none());
    /// ```
    pub fn parse(raw: &str) -> Option<Self> {
        let raw = raw.trim();
        if raw.len() > MAX_LEN || !has_css_form(raw) {
            return None;
        }
        let rgba = csscolorparser::parse(raw).ok()?.to_rgba8();
        Some(Self { rgba })
    }

    /// Red, green, blue, alpha; 0 to 255 each.
    pub fn rgba(self) -> [u8; 4] {
        self.rgba
    }

    /// WCAG 2.2 contrast ratio (1.4.3) of white text on this colour laid over a white page; 1.0 to 21.0.
    pub fn contrast_with_white(self) -> f64 {
        let [r, g, b, a] = self.rgba;
        let alpha = f64::from(a) / 255.0;
        let channel = |value: u8| {
            let over_white = f64::from(value) / 255.0 * alpha + (1.0 - alpha);
            if over_white <= 0.04045 { over_white / 12.92 } else { ((over_white + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
        1.05 / (luminance + 0.05)
    }

    /// False where white is hard to read: a contrast under 4.5 (WCAG 2.2, 1.4.3 level AA).
    pub fn carries_white_text(self) -> bool {
        self.contrast_with_white() >= 4.5
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b, a] = self.rgba;
        write!(f, "#{r:02x}{g:02x}{b:02x}")?;
        if a < 255 { write!(f, "{a:02x}") } else { Ok(()) }
    }
}

/// Longer than any colour a person would type; keeps odd input cheap.
const MAX_LEN: usize = 64;

/// The parser also takes forms that no browser knows (`abc` without `#`, `hsv()`): those are no CSS.
fn has_css_form(raw: &str) -> bool {
    const FUNCTIONS: [&str; 9] = ["rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch"];
    if raw.starts_with('#') {
        return true;
    }
    match raw.split_once('(') {
        Some((function, rest)) => {
            FUNCTIONS.contains(&function.to_ascii_lowercase().as_str())
                && !rest.contains("from")
                && !rest.contains("calc")
        }
        None => !raw.is_empty() && raw.bytes().all(|b| b.is_ascii_alphabetic()) && !is_bare_hex(raw),
    }
}

/// `abc` and `decade` would be read as hex digits. No colour name is made of hex digits alone.
fn is_bare_hex(raw: &str) -> bool {
    raw.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_css_form_is_read_and_printed_as_hex() {
        for (raw, hex) in [
            ("red", "#ff0000"),
            ("#42F4C5", "#42f4c5"),
            ("#abc", "#aabbcc"),
            ("rgb(0 128 0 / 50%)", "#00800080"),
            ("hsl(240, 100%, 50%)", "#0000ff"),
            ("RGB(255, 0, 0)", "#ff0000"),
            ("rgb(100% 0% 0%)", "#ff0000"),
            ("rgba(255, 0, 0, 0.5)", "#ff000080"),
            ("#f008", "#ff000088"),
            ("#ff000080", "#ff000080"),
            ("hsl(120deg 100% 25%)", "#008000"),
            ("hsl(0.5turn 100% 50%)", "#00ffff"),
            ("hsla(120, 100%, 50%, 0.3)", "#00ff004d"),
            ("hwb(0 0% 0%)", "#ff0000"),
            ("lab(100% 0 0)", "#ffffff"),
            ("lch(0% 0 0)", "#000000"),
            ("oklab(100% 0 0)", "#ffffff"),
            ("oklch(0% 0 0)", "#000000"),
            ("oklch(0 none 0)", "#000000"),
            ("transparent", "#00000000"),
            ("rebeccapurple", "#663399"),
        ] {
            assert_eq!(Color::parse(raw).map(|c| c.to_string()).as_deref(), Some(hex), "{raw}");
        }
    }

    #[test]
    fn what_is_no_css_colour_is_refused() {
        for raw in [
            "",
            "abc",
            "decade",
            "hsv(1,1,1)",
            "var(--x)",
            "url(x)",
            "currentColor",
            "red;x:y",
            "red}",
            "expression(1)",
        ] {
            assert_eq!(Color::parse(raw), None, "{raw}");
        }
    }

    #[test]
    fn white_is_hard_to_read_on_yellow_and_easy_on_blue() {
        assert!(!Color::parse("yellow").expect("a colour").carries_white_text());
        assert!(Color::parse("navy").expect("a colour").carries_white_text());
        assert!(Color::DEFAULT.carries_white_text());
    }
}
