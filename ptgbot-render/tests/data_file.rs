//! `ptg.json` is as its schema says, whatever is on the board.
#![allow(clippy::unwrap_used)]

mod sample;

use boon::{Compiler, SchemaIndex, Schemas};
use proptest::prelude::*;
use ptgbot_core::{Board, Document, Folding};
use ptgbot_render::{Site, SiteOptions, SitePath};
use sample::{loaded, monday, time};
use serde_json::{Value, json};

struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

fn file(board: &Board, path: &str) -> Value {
    let options = SiteOptions::default();
    let body =
        Site::new(board, time("2026-10-19T09:30:00Z"), &options).render(&SitePath::parse(path).unwrap()).unwrap().body;
    serde_json::from_slice(&body).unwrap()
}

impl Schema {
    fn read() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("ptg.schema.json", file(&Board::default(), "ptg.schema.json")).unwrap();
        let index = compiler.compile("ptg.schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn check(&self, value: &Value) -> Result<(), String> {
        self.schemas.validate(value, self.index).map_err(|error| format!("{error:#} in {value:#}"))
    }
}

#[test]
fn the_sample_and_the_empty_board_are_as_the_schema_says() {
    let schema = Schema::read();
    for board in [monday(), Board::default()] {
        schema.check(&file(&board, "ptg.json")).unwrap();
    }
}

#[test]
fn the_schema_describes_every_key_that_there_is() {
    let schema = file(&Board::default(), "ptg.schema.json");
    for key in file(&Board::default(), "ptg.json").as_object().unwrap().keys() {
        let words = schema["properties"][key]["description"].as_str().unwrap_or_default();
        assert!(words.ends_with('.'), "{key}");
        assert!(schema["required"].as_array().unwrap().contains(&json!(key)), "{key}");
    }
    for (name, part) in schema["$defs"].as_object().unwrap() {
        assert!(part["description"].is_string(), "{name}");
        for (key, property) in part["properties"].as_object().into_iter().flatten() {
            assert!(property["description"].is_string(), "{name} {key}");
        }
    }
}

#[test]
fn what_is_not_as_the_schema_says_is_found() {
    let schema = Schema::read();
    let good = file(&monday(), "ptg.json");
    for (key, bad) in [
        ("tracks", json!(["Swift"])),
        ("tracks", json!(["a", "a"])),
        ("voice", json!(true)),
        ("revision", json!(-1)),
        ("now_since", json!({"swift": "yesterday"})),
        ("motd", json!([{"level": "loud", "message": "x"}])),
        ("slots", json!({"Mon": [{"desc": ""}]})),
        ("schedule", json!({"A": {"url": 1}})),
        (
            "last_check_in",
            json!({"jane": {"nick": "Jane", "location": "x", "in": null, "out": "2026-10-19T09:00:00Z"}}),
        ),
    ] {
        let mut file = good.clone();
        file[key] = bad;
        assert!(schema.check(&file).is_err(), "{key}");
        file.as_object_mut().unwrap().remove(key);
        assert!(schema.check(&file).is_err(), "without {key}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_words_on_the_board_leave_the_file_as_the_schema_says(text in "a\\PC{0,20}", odd in 1..=40_320_u32) {
        let file = json!({
            "eventid": text, "zebra": [text], "tracks": ["swift"], "voice": odd % 2,
            "slots": {&text: [{"name": text, "desc": text, "realtime": "2026-10-19 09:00:00", "duration": odd, "x": {}}]},
            "schedule": {&text: {"url": text, "desc": text, &text: "swift", "seats": odd, "list": [null]}},
            "now": {"swift": text}, "next": {"swift": [text]}, "etherpads": {"swift": text}, "urls": {"swift": text},
            "colors": {"swift": text}, "links": {&text: text}, "location": {"swift": text},
            "motd": [{"level": "info", "message": format!("a{text}"), "by": odd}],
            "last_check_in": {"jane": {"nick": text, "location": text, "in": null, "out": null, "x": odd}},
        });
        let checked = Document::check(&file, &Board::default(), Folding::Lowercase);
        prop_assert!(checked.is_ok(), "{:?}", checked);
        let board = loaded(&file, time("2026-10-12T09:00:00Z"));
        prop_assert_eq!(Schema::read().check(&self::file(&board, "ptg.json")), Ok(()));
    }
}
