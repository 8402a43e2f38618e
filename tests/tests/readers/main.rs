//! Calendars, the feed and the programme as other programs read them: our own look at the bytes first, for no reader
//! finds all faults; then `icalendar`, libical, ical.js and khal, expat and a validator of JSON Schema. What they find
//! must be what was put in.

mod bytes;
mod calendars;
mod feeds;
mod programme;
mod reader;
