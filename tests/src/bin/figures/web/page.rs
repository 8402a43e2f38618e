//! How many pages, calendars and answers that nothing changed are served in a second.

use super::nginx::Nginx;
use super::wire::{Answer, Load, get, load};
use super::{ROUNDS, Server, Threads};
use crate::Row;
use crate::bot::Programs;
use crate::durable::median;
use ptgbot_tests::skip;
use serde_json::{Map, Value, json};
use std::error::Error;
use std::path::Path;

pub(super) async fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let (Some(wrk), Some(nginx)) = (skip::needs("wrk"), skip::needs("nginx")) else { return Ok(Vec::new()) };
    let page = page_of(programs, "page", PAGE).await?;
    let answer = get(&page.address, "/").await?;
    let nginx = Nginx::with(&nginx, &answer, programs.scratch.path()).await?;
    let measured = beside(&wrk, programs, &page, &nginx, answer).await;
    nginx.stop().await;
    measured
}

async fn beside(
    wrk: &Path,
    programs: &Programs,
    page: &Server,
    nginx: &Nginx,
    answer: Answer,
) -> Result<Vec<Row>, Box<dyn Error>> {
    if get(&nginx.plain.address, "/").await?.body != answer.body {
        return Err("nginx serves other bytes".into());
    }
    let known = format!("If-None-Match: {}", answer.header("etag").ok_or("the page has no tag")?);
    let calendar = calendar(programs).await?;
    let entries = get(&calendar.address, "/ptg.ics").await?.body;
    let size = entries.len();
    let begun = entries.windows(12).filter(|text| text == b"BEGIN:VEVENT").count();
    if begun != ENTRIES {
        return Err(format!("the calendar has {begun} entries").into());
    }
    let large = page_of(programs, "large", size).await?;

    let measures = [
        (&page.address, "/", None),
        (&nginx.plain.address, "/", None),
        (&nginx.dressed, "/", None),
        (&page.address, "/", Some(known.as_str())),
        (&calendar.address, "/ptg.ics", None),
        (&large.address, "/", None),
    ];
    let mut loads: [Vec<Load>; 6] = Default::default();
    for (address, path, header) in measures {
        load(wrk, address, path, header, 1).await?;
    }
    for _ in 0..ROUNDS {
        for ((address, path, header), loads) in measures.into_iter().zip(&mut loads) {
            loads.push(load(wrk, address, path, header, SECONDS).await?);
        }
    }
    let [ours, plain, dressed, unchanged, calendar, large] = loads;
    let row = |what: String, loads: &[Load], beside: Option<&[Load]>, goal| {
        let rates: Vec<_> = loads.iter().map(|load| load.rate).collect();
        let p99 = median(&loads.iter().map(|load| load.p99).collect::<Vec<_>>());
        let ratio = beside.map_or_else(String::new, |beside| {
            let ratios: Vec<_> = rates.iter().zip(beside).map(|(rate, beside)| rate / beside.rate).collect();
            format!("{:.2} ×, ", median(&ratios))
        });
        Row { what, figure: format!("{ratio}{:.0}/s, p99 {p99:.2} ms", median(&rates)), goal }
    };
    Ok(vec![
        row(format!("nginx, one worker: a page of {PAGE} bytes"), &plain, None, ""),
        row("the same with the headers that we send".into(), &dressed, None, ""),
        row("our page, one thread, against nginx".into(), &ours, Some(&plain), "1.0 ×, p99 not above"),
        row("our page against nginx with our headers".into(), &ours, Some(&dressed), "1.0 ×, p99 not above"),
        row("304 against our page".into(), &unchanged, Some(&ours), "1.2 ×"),
        row(format!("our page of {size} bytes"), &large, None, ""),
        row(format!("ptg.ics of {ENTRIES} entries, {size} bytes, against it"), &calendar, Some(&large), "1.0 ×"),
    ])
}

/// A server whose page has exactly so many bytes: a small event with a long message of the day.
async fn page_of(programs: &Programs, name: &str, bytes: usize) -> Result<Server, Box<dyn Error>> {
    for tracks in [20, 10, 5, 2] {
        let mut event = crate::bot::event(tracks);
        event["motd"] = json!([{"level": "info", "message": "x"}]);
        let short = serve(programs, &format!("{name}-short{tracks}"), &event).await?;
        let length = get(&short.address, "/").await?.body.len();
        let Some(missing) = bytes.checked_sub(length) else { continue };
        event["motd"] = json!([{"level": "info", "message": "x".repeat(missing + 1)}]);
        let server = serve(programs, &format!("{name}{tracks}"), &event).await?;
        let length = get(&server.address, "/").await?.body.len();
        if length != bytes {
            return Err(format!("the page has {length} bytes, not {bytes}").into());
        }
        return Ok(server);
    }
    Err(format!("even the page of a small event is larger than {bytes} bytes").into())
}

/// A server of an event with that many bookings.
async fn calendar(programs: &Programs) -> Result<Server, Box<dyn Error>> {
    let slots: Vec<Value> = (0..12)
        .map(|slot| {
            let (day, hour) = (19 + slot / 4, 8 + 2 * (slot % 4));
            json!({"name": format!("S{slot}"), "desc": "two hours", "realtime": format!("2026-10-{day}T{hour:02}:00:00Z"), "duration": 105})
        })
        .collect();
    let tracks: Vec<_> = (0..40).map(|number| format!("track{number}")).collect();
    let mut left = ENTRIES;
    let mut rooms = Map::new();
    for room in 0..30 {
        let mut bookings = json!({"url": format!("https://meet.example.org/room{room}")});
        for slot in 0..12 {
            let held = left > 0;
            left -= usize::from(held);
            bookings[format!("S{slot}")] = if held { tracks[(room + slot) % 40].clone() } else { String::new() }.into();
        }
        rooms.insert(format!("Room {room}"), bookings);
    }
    let days = json!({"Monday": slots[..4], "Tuesday": slots[4..8], "Wednesday": slots[8..]});
    let event = json!({"eventid": "figures", "tracks": tracks, "slots": days, "schedule": rooms});
    serve(programs, "calendar", &event).await
}

async fn serve(programs: &Programs, name: &str, event: &Value) -> Result<Server, Box<dyn Error>> {
    let store = programs.store(&format!("{name}.sqlite"));
    programs.import(&store, event)?;
    Server::of(programs, &store, Threads::One).await
}

const PAGE: usize = 30 * 1_024;
const ENTRIES: usize = 356;
const SECONDS: u32 = 2;
