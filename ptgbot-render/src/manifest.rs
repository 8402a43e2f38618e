//! `manifest.webmanifest`: what a phone needs in order to keep the board beside its apps (W3C Web Application Manifest).

use crate::site::Site;
use serde_json::json;

/// The manifest of a board's site. All addresses are relative to the file's own.
pub(crate) fn render(site: &Site) -> String {
    let event = match site.board.contents().event_id.as_str() {
        "" => "Event board",
        event => event,
    };
    let name = site.titled(event.to_owned());
    // A drawing is of any size. What matters of it stands within the circle that every mask leaves.
    let icon = |purpose| json!({"src": "icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": purpose});
    let manifest = json!({
        "name": name,
        "short_name": name,
        "description": format!("What the tracks of {event} discuss now and next, and where they meet."),
        "id": ".",
        "start_url": ".",
        "scope": ".",
        "display": "standalone",
        "background_color": "#101a2b",
        "theme_color": "#101a2b",
        "icons": [icon("any"), icon("maskable")],
    });
    format!("{manifest:#}\n")
}
