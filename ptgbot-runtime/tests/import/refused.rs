//! Files that cannot be taken over: each is refused with its place, and nothing changes.

use crate::place::{Place, fixture, text_of};
use serde_json::json;
use std::fs::{self, File};

/// A board that must stay as it is.
fn place() -> Place {
    Place::with(&json!({"eventid": "oct", "timezone": "Europe/Berlin", "tracks": ["swift"]}))
}

/// Each text is refused with words that its line has.
fn refused(format: &str, texts: &[(&[u8], &str)]) {
    let place = place();
    let before = place.export().to_string();
    let mut others = Vec::new();
    for (text, words) in texts {
        let (status, said) = place.said(format, text);
        let is_one_line = said.lines().count() == 1 && said.len() < 500;
        let is_refused = status == Some(1) && said.starts_with("ptgbot: cannot read FILE as ");
        if !(is_refused && is_one_line && said.contains(words)) {
            others.push(format!("expected: {words}\nsaid: {said}"));
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
    assert_eq!(place.export().to_string(), before);
}

#[test]
fn bad_spreadsheets_are_refused_with_their_place() {
    let rows = |rows: &str| format!("date,start,end,room,track,url\n{rows}").into_bytes();
    refused(
        "csv",
        &[
            (
                b"2026-10-19,09:00,10:00,Hall,swift\n",
                "line 1, column 1: the first row is no header; it names the columns: day,date",
            ),
            (b"", "line 1, column 1: the first row is no header"),
            (b"date,start,room,track\n", "line 1, column 1: the header has no column 'end'"),
            (b"date,start,end,rom,track\n", "line 1, column 16: the column 'rom' is unknown; did you mean 'room'?"),
            (b"date,start,end,room,date\n", "line 1, column 21: a second column 'date'"),
            (b"date,start,end,room\n", "there is nothing in it that takes place"),
            (
                &rows("2026-10-19,09:00,10:00,Hall,swift\n2026-10-19,9,10:00,Hall,\n"),
                "line 3, column 12: start: '9' is no time; write it as 09:00",
            ),
            (&rows("\n\n\"2026-10-19\",\"09:00\",soon,Hall"), "line 4, column 22: end: 'soon' is no time"),
            (&rows("2026-10-19,09:00,08:00,Hall,swift"), "line 2, column 18: end: it is before the start"),
            (&rows("2026-10-19,09:00,09:00,Hall,swift"), "line 2, column 18: end: it ends before it has begun"),
            (&rows("2026-10-19,09:00,10:00,,swift"), "line 2, column 24: room: it is empty"),
            (&rows("2026-10-19,09:00"), "line 2, column 17: end: it is empty"),
            (
                &rows("2026-10-19,09:00,10:00,Hall,swift,gopher://x"),
                "column 35: url: 'gopher://x' is no http or https address",
            ),
            (
                &rows("2026-10-19,09:00,10:00,Hall,\"swift\n2026-10-19,10:00,11:00,Hall,nova\n"),
                "line 2, column 29: the quote that opens here is never closed",
            ),
            (
                &rows("2026-10-19,09:00,10:00,Hall,swift\n2026-10-19,09:30,09:45,Hall,nova\n"),
                "line 3, column 1: in 'Hall' #nova begins at 2026-10-19 07:30 UTC, when #swift (line 2) goes on until 2026-10-19 08:00 UTC",
            ),
            (
                &rows("2026-10-19,09:00,10:00,Hall,swift\n2026-10-19,09:00,10:00,Hall,swift\n"),
                "line 3, column 1: in 'Hall' #swift begins",
            ),
            (
                &rows("2026-03-29,02:30,04:00,Hall,swift"),
                "line 2, column 12: start: 2026-03-29 02:30 does not exist in Europe/Berlin",
            ),
            (&rows("46314.5,09:00,10:00,Hall,swift"), "line 2, column 1: date: '46314.5' is no date"),
            (
                b"day,date,start,end,room\nTuesday,2026-10-19,09:00,10:00,Hall\n",
                "line 2, column 1: day: 2026-10-19 is a Monday, not a Tuesday",
            ),
            (b"day,date,start,end,room\nMontag;", "line 2, column 8: date: it is empty"),
            (
                b"date;start;end;room\n19.10.2026;09:00;10:00;Gr\xf6\xdfe\n",
                "line 2, column 26: the byte 0xF6 is no UTF-8; save the file as UTF-8",
            ),
            (b"\xff\xfed\0a\0t\0e\0", "the file is UTF-16; save it as UTF-8"),
        ],
    );
}

#[test]
fn dates_with_slashes_are_read_one_way_or_refused() {
    let rows = |dates: &[&str]| {
        let rows: Vec<_> = dates.iter().map(|date| format!("{date},09:00,10:00,Hall,swift")).collect();
        format!("date,start,end,room,track\n{}\n", rows.join("\n")).into_bytes()
    };
    refused(
        "csv",
        &[
            (
                &rows(&["2026-10-19", "10/11/2026"]),
                "line 3, column 1: date: '10/11/2026' may be 11 October or 10 November, and no row tells which; write it as 2026-10-19",
            ),
            (
                &rows(&["10/19/2026", "11/10/2026", "20/10/2026"]),
                "line 4, column 1: date: '20/10/2026' has the day first, but '10/19/2026' (line 2) the month",
            ),
            (&rows(&["10/19/2026", "19.10.2026", "19 Oct 2026"]), "line 4, column 1: date: '19 Oct 2026' is no date"),
        ],
    );
    let place = place();
    // Three styles in one file, each with one meaning.
    let (status, said) = place.said("csv", rows(&["10/19/2026", "2026-10-20", "21.10.2026", "10/11/2026"]));
    assert_eq!(status, Some(0), "{said}");
    let board = place.export();
    let days: Vec<_> = board["slots"].as_object().expect("days").keys().collect();
    assert_eq!(days, ["Sunday", "Monday", "Tuesday", "Wednesday"]);
}

#[test]
fn bad_xml_is_refused_with_its_place_and_nothing_is_expanded() {
    let whole = fs::read_to_string(fixture("schedule.xml")).expect("a file");
    let changed = |from: &str, to: &str| {
        assert!(whole.contains(from));
        whole.replacen(from, to, 1).into_bytes()
    };
    let entities =
        "<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<schedule>&b;</schedule>";
    let external = "<!DOCTYPE a [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><schedule>&a;</schedule>";
    let deep = "<a>".repeat(1_000_000);
    let attributes: String = (0..200_000).map(|number| format!(" a{number}=\"\"")).collect();
    refused(
        "frab",
        &[
            (entities.as_bytes(), "line 2, column 1: a document type (DTD) is not taken"),
            (external.as_bytes(), "line 1, column 1: a document type (DTD) is not taken"),
            (&changed("Glass.", "&glass;"), "line 55, column 27: the entity '&glass;' is not known"),
            (&changed("id='101'", "id='&x;'"), "line 21, column 13: no XML: at 1..2: unrecognized entity `x`"),
            (&whole.as_bytes()[..3000], "the file ends within <"),
            (
                &whole.as_bytes()[..whole.find("<duration>").expect("a duration") + 4],
                "line 28, column 17: no XML: syntax error: tag not closed",
            ),
            (
                &changed("</event>", "</day>"),
                "line 46, column 13: no XML: ill-formed document: expected `</event>`, but `</day>` was found",
            ),
            (
                &changed("<date>2026-08-14T10:00:00+02:00", "<date>14.08.2026"),
                "line 21, column 13: '14.08.2026' is no time such as 2026-",
            ),
            (
                &changed("<duration>00:30", "<duration>30"),
                "line 21, column 13: the duration '30' is no length such as 01:45",
            ),
            (
                &changed("date='2026-08-14'", "date='2026-02-30'"),
                "line 19, column 5: the date '2026-02-30' is none such as",
            ),
            (
                &changed("Europe/Berlin", "Mars/Olympus"),
                "line 15, column 9: 'Mars/Olympus' is no time zone; a name such as Europe/Dublin",
            ),
            (
                &changed("T11:00:00+02:00", "T10:15:00+02:00"),
                "in 'Großer Saal' #lamps-lenses begins at 2026-08-14 08:15 UTC, when #opening (line 21)",
            ),
            (deep.as_bytes(), "line 1, column 91: nested too deep"),
            (format!("<schedule{attributes}/>").as_bytes(), "line 1, column 1: <schedule> has too many attributes"),
            (b"<schedule a=\"1\" a=\"2\"/>", "<schedule> has 'a' twice"),
            (b"<html></html>", "line 1, column 1: expected <schedule>, found <html>"),
            (b"<schedule/>", "line 1, column 1: <schedule> has no <conference>"),
            (b"<schedule><conference/></schedule><?ptgbot {\"slots\": 1?>", "holds no JSON"),
            (b"<schedule><conference/></schedule><?ptgbot {}?>", "has no 'slots' and 'schedule' of the data file"),
            (
                b"<?xml version='1.0' encoding='ISO-8859-1'?>\n<schedule>\n K\xfcste",
                "line 3, column 3: the byte 0xFC is no UTF-8",
            ),
            (b"", "no XML: there is no element"),
            (b"day,date,start\n", "no XML: "),
            (b"{\"schedule\": {\"conference\": {}}}", "(it looks like a schedule.json: --from c3voc)"),
        ],
    );
}

#[test]
fn bad_json_is_refused_with_its_place() {
    let whole = fs::read_to_string(fixture("schedule.json")).expect("a file");
    let changed = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from}");
        whole.replacen(from, to, 1).into_bytes()
    };
    let deep = format!("{{\"schedule\": {{\"conference\": {{\"days\": {}", "[".repeat(1_000_000));
    refused(
        "c3voc",
        &[
            (&whole.as_bytes()[..2500], "line 45, column 117: EOF while parsing an object"),
            (&changed("\"start\": \"2026-08-14\"", "\"start\": 2026-08-14"), "line 10, column 20: expected `,` or `}`"),
            (
                &changed("2026-08-14T10:00:00+02:00", "14.08.2026 10:00"),
                "line 32, column 15: '14.08.2026 10:00' is no time such as 2026-",
            ),
            (
                &changed("\"duration\": \"00:30\"", "\"duration\": \"half an hour\""),
                "line 32, column 15: the duration 'half an hour' is no length",
            ),
            (&changed(", \"duration\": \"00:30\"", ""), "line 32, column 15: it has neither end nor duration"),
            (&changed("2026-08-14T12:00:00", "2026-08-14T10:00:00"), "line 43, column 15: it ends before it has begun"),
            (
                &changed("\"date\": \"2026-08-15\",", "\"date\": \"15.08.2026\","),
                "line 72, column 9: the date '15.08.2026' is none such as 2026-10-19",
            ),
            (&changed("Europe/Berlin", "Berlin"), "line 14, column 25: 'Berlin' is no time zone"),
            (&changed("\"Keeper's Room\": [", "\"Großer Saal\": ["), "the room 'Großer Saal' stands twice in one day"),
            (
                &changed("\"title\": \"Opening\"", "\"title\": 5"),
                "line 36, column 26: expected a text, or texts by language",
            ),
            (
                &changed("2026-08-15T10:00:00", "2026-09-15T10:00:00"),
                "line 80, column 15: it begins on 2026-09-15, and its day is 2026-08-15",
            ),
            (deep.as_bytes(), "line 1, column"),
            (b"{\"schedule\": {}}", "line 1, column 15: missing field `conference`"),
            (b"{\"tracks\": []}", "(it looks like a data file: --from ptg)"),
            (b"{\"schedule\": {\"conference\": {\"days\": []}}}", "there is nothing in it that takes place"),
            (b"\x00\x01", "line 1, column 1: expected value"),
            (b"K\xfcste", "line 1, column 2: the byte 0xFC is no UTF-8"),
        ],
    );
    let other = ptg(&["--timezone", "Asia/Tokyo", "--from", "c3voc", &fixture("schedule.json")]);
    assert!(other.contains("the file's time zone is Europe/Berlin, not Asia/Tokyo"), "{other}");
    let programme = ptg(&[&fixture("schedule.json")]);
    assert!(programme.contains("it is a programme (it looks like a schedule.json: --from c3voc)"), "{programme}");
    let zone = ptg(&["--timezone", "Asia/Tokyo", &fixture("schedule.json")]);
    assert!(zone.contains("a data file says its time zone itself"), "{zone}");
}

/// What is said of a file that is refused.
fn ptg(arguments: &[&str]) -> String {
    let place = place();
    let output = place.import(arguments);
    assert_eq!(output.status.code(), Some(1));
    text_of(&output.stderr)
}

#[test]
fn a_million_rows_and_files_larger_than_any_programme_are_refused() {
    let place = place();
    let before = place.export().to_string();
    let rows = format!("date,start,end,room\n{}", "2026-10-19,1:00,2:00,A\n".repeat(1_000_000));
    let (status, said) = place.said("csv", rows);
    assert_eq!(status, Some(1));
    assert!(said.contains("line 100002, column 1: more than 100000 rows"), "{said}");
    let large = place.folder.path().join("large.json");
    // Without blocks on the disk: 200 MB of zeros.
    File::create(&large).and_then(|file| file.set_len(200_000_000)).expect("a file");
    for format in ["ptg", "frab", "c3voc", "csv"] {
        let output = place.import(&["--from", format, large.to_str().expect("a path")]);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            text_of(&output.stderr).contains("large.json: it is larger than 64 MiB"),
            "{}",
            text_of(&output.stderr)
        );
    }
    assert_eq!(place.export().to_string(), before);
}
