//! The schedule of the board's page: rooms down, slots across.
#![allow(clippy::unwrap_used)]

mod sample;

use ptgbot_render::{Site, SiteOptions, SitePath};
use sample::{MORNING, between, monday, page, page_at, time, viewed};

#[test]
fn a_day_is_a_table_of_rooms_and_slots() {
    let page = page(&monday(), MORNING, "index.html");
    let day = between(&page, "id=\"_day1\"", "</section>");
    let heads = between(day, "<thead>", "</thead>");
    assert_eq!(heads.matches("<th scope=\"col\"").count(), 5, "{heads}");
    for head in [
        "id=\"slot/monday/mona1\" class=\"past\"><a href=\"#slot/monday/mona1\"><bdi>MonA1</bdi></a>",
        "id=\"slot/monday/mona2\" class=\"running\">",
        ">13:30\u{2013}15:00 CEST</time> <span class=\"small\"><bdi>After lunch</bdi></span></th>",
    ] {
        assert!(heads.contains(head), "{head} is missing in {heads}");
    }
    let peak = between(day, "<tr data-room=\"pike-s-peak\">", "</tr>");
    assert!(
        peak.contains("<th scope=\"row\"><bdi>Pike&#39;s Peak</bdi> <span class=\"small\"><bdi>Level 3, by the stairs")
    );
    assert_eq!(peak.matches("<td class=").count(), 4, "{peak}");
    assert!(peak.contains(
        "<td class=\"past\"><button class=\"t-cinder\" popovertarget=\"_pike-s-peak/cinder\">#cinder</button></td>"
    ));
    assert!(peak.contains("<td class=\"running\"><b>free</b> <code"), "{peak}");
    // The room has no slot of that name.
    let hall = between(&page, "id=\"_day2\"", "</section>");
    assert!(hall.contains("<td class=\"closed\"></td>"), "{hall}");
}

#[test]
fn a_booked_cell_opens_room_meeting_pad_and_calendar() {
    let page = page(&monday(), MORNING, "index.html");
    let meeting = between(&page, "<div class=\"meeting t-swift\" id=\"_ballroom-a/swift\" popover>", "</div>");
    for part in [
        "<a class=\"badge t-swift\" href=\"#swift\">#swift</a> <b><bdi>Ballroom A</bdi></b> <span class=\"small\"><bdi>Level 2</bdi>",
        "href=\"https://meet.example.org/ballroom-a\">Join",
        "href=\"https://etherpad.opendev.org/p/oct2026-ptg-swift\">Etherpad",
        "href=\"swift.ics\">Calendar",
    ] {
        assert!(meeting.contains(part), "{part} is missing in {meeting}");
    }
    assert_eq!(page.matches("id=\"_ballroom-a/swift\"").count(), 1, "however many slots the track has there");
    for target in page.split("popovertarget=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(page.contains(&format!("id=\"{target}\" popover")), "{target}");
    }
}

#[test]
fn rooms_that_nobody_booked_are_folded_with_their_codes() {
    let file = serde_json::json!({
        "slots": {"Mon": [{"name": "A", "realtime": "2026-10-19T09:00:00Z"}], "Tue": [{"name": "B"}]},
        "schedule": {"Hall": {"A": "swift"}, "Attic": {"A": "", "B": ""}, "attic": {"A": ""}, "Shed": {}},
    });
    let board = sample::loaded(&file, time(MORNING));
    let day = |page: &str, number: usize| between(page, &format!("id=\"_day{number}\""), "</section>").to_owned();
    let page = page_at(&board, MORNING);
    let monday = day(&page, 1);
    assert!(monday.contains("<details id=\"_vacant1\"><summary>2 free rooms</summary></details>"), "{monday}");
    let vacant = between(&monday, "<tbody class=\"vacant\">", "</tbody>");
    for line in ["#track book Attic-A</code>", "#track book attic-A</code>"] {
        assert!(vacant.contains(line), "{line} is missing in {vacant}");
    }
    assert!(!vacant.contains("swift") && !monday.contains("Shed"), "{monday}");
    // Where there is nothing else, they are open; a slot without a time is never over.
    assert!(day(&page, 2).contains("<details id=\"_vacant2\" open><summary>1 free room</summary>"), "{page}");
    let evening = day(&page_at(&board, "2026-10-19T20:00:00Z"), 1);
    assert!(evening.contains("<summary>2 rooms without a booking</summary>"), "{evening}");
    // A room that somebody asks for is there.
    let attic = day(&viewed(&board, "room=attic", "index.html"), 1);
    assert!(attic.contains("<bdi>Attic</bdi>") && !attic.contains("vacant"), "{attic}");
}

#[test]
fn a_free_slot_shows_the_line_that_books_it_until_it_is_over() {
    let line = "<code class=\"book\">#track book Pike&#39;s Peak-MonA2</code>";
    assert!(page(&monday(), MORNING, "index.html").contains(line));
    assert!(!page(&monday(), "2026-10-19T10:30:00Z", "index.html").contains(line));
}

#[test]
fn a_view_of_one_room_shows_its_row_with_what_is_free() {
    let page = viewed(&monday(), "room=pike-s-peak", "index.html");
    assert!(page.contains("#track book Pike&#39;s Peak-MonA2") && !page.contains("data-room=\"ballroom-a\""));
    let wall = viewed(&monday(), "room=pike-s-peak", "signage.html");
    assert!(wall.contains("class=\"walls single\"") && wall.matches("class=\"wall\"").count() == 1);
}

#[test]
fn schedule_and_screen_of_500_rooms_fold_and_lead_to_the_rest() {
    let tracks: Vec<_> = (0..2000).map(|number| format!("track{number:04}")).collect();
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri"];
    let slot = |date: usize, hour: usize| {
        let start = format!("2026-10-{date}T{:02}:00:00Z", hour + 9);
        serde_json::json!({"name": format!("{}{hour}", days[date - 19]), "desc": "an hour", "realtime": start})
    };
    let day = |date: usize| (days[date - 19].to_owned(), (0..8).map(|hour| slot(date, hour)).collect());
    let slots = (19..24).map(day);
    let room = |number: usize| {
        let holder =
            |key: usize| if key.is_multiple_of(2) { "" } else { tracks[(number * 20 + key / 2) % 2000].as_str() };
        let keys = days.iter().flat_map(|day| (0..8).map(move |hour| format!("{day}{hour}")));
        let bookings = keys.enumerate().map(|(key, slot)| (slot, holder(key).into()));
        (format!("Room {number}"), bookings.collect::<serde_json::Map<_, _>>().into())
    };
    let file = serde_json::json!({
        "slots": slots.collect::<serde_json::Map<_, _>>(),
        "schedule": (0..500).map(room).collect::<serde_json::Map<_, _>>(), "tracks": tracks,
    });
    let board = sample::loaded(&file, time(MORNING));
    let page = page_at(&board, MORNING);
    assert!(page.contains("And 420 more rooms, named below.") && page.contains("2000 free"));
    assert!(page.contains("<a href=\"?room=room-499\"><bdi>Room 499</bdi></a>"));
    assert!(page.len() < 1_200_000, "{}", page.len());
    let wall = self::page(&board, MORNING, "signage.html");
    assert!(wall.contains("And 400 more rooms: <code>?room=NAME</code>") && wall.len() < 250_000, "{}", wall.len());
    assert!(viewed(&board, "room=room-499", "signage.html").contains("<bdi>Room 499</bdi>"));
    let room = viewed(&board, "room=room-499", "index.html");
    assert!(room.contains("#track book Room 499-Mon0") && !room.contains("more rooms"));
    let options = SiteOptions::default();
    let files = Site::new(&board, time(MORNING), &options).render(&SitePath::Board).unwrap().body;
    assert!(String::from_utf8(files).unwrap().contains("<a href=\"room/room-499.ics\">"));
}
