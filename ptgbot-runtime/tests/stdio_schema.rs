//! The JSON Schema of the protocol: what it allows is taken, what is said is as it says, and it leaves nothing out.

mod common;

use boon::{Compiler, SchemaIndex, Schemas};
use common::{lines, run, store_in};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn the_schema_is_what_the_program_prints_and_bears_the_version_that_hello_says() {
    let schema = Schema::printed();
    let hello = lines(&run(&["stdio", "--hello", "--store", "memory:"], "")).remove(0);
    let version = hello["protocol"].as_u64().expect("a version");
    assert_eq!(schema.document["$id"], format!("urn:ptgbot:json-lines:{version}"));
    assert_eq!(hello["program"], env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&["stdio", "--schema", "--hello"], "").status.code(), Some(2));
}

#[test]
fn every_kind_of_line_is_as_the_schema_says_and_holds_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let slot = json!({"name": "A", "desc": "A", "realtime": "2026-10-19T14:00:00Z"});
    let data = json!({"tracks": ["swift"], "slots": {"Monday": [slot]}, "schedule": {"Hall": {"A": "swift"}}});
    assert_eq!(run(&["import", "--store", &store, "-"], &data.to_string()).status.code(), Some(0));
    let input = r##"{"tick":"2026-10-19T13:00:00Z"}
{"id":"1","room":"#ptg","from":"jane","role":"op","text":"~add nova"}
{"id":"2","from":"John","text":"subscribe ring"}
{"id":"3","room":"#ptg","from":"jane","name":"Jane","role":"op","text":"#swift now ring placement"}
{"room":"#ptg","from":"jane","role":"op","text":"~announce slots on"}
{"room":"#ptg","from":"jane","text":"good morning"}
not JSON
{"id":"4","room":"#ptg","from":"john","text":"~newday"}
{"tick":"2026-10-19T14:00:00Z"}"##;
    let said = lines(&run(&["stdio", "--hello", "--store", &store], input));
    let schema = Schema::printed().without_other_fields();
    let mut kinds = BTreeSet::new();
    for line in &said {
        schema.output(line).expect("as the schema says");
        kinds.insert(line["type"].as_str().expect("a type").to_owned());
    }
    let described = schema.document["$defs"]["output"]["oneOf"].as_array().expect("kinds").iter();
    let described = described.map(|kind| kind["$ref"].as_str().expect("a reference").replace("#/$defs/", ""));
    assert_eq!(kinds, described.collect());
}

#[test]
fn what_is_no_line_of_output_is_not_as_the_schema_says() {
    let schema = Schema::printed();
    for line in [
        json!({"type": "done", "id": null, "outcome": "forgotten", "revision": 1}),
        json!({"type": "done", "outcome": "changed", "revision": 1}),
        json!({"type": "done", "id": 1, "outcome": "changed", "revision": 1}),
        json!({"type": "ack", "to": {"channel": "#ptg"}, "in_reply_to": null}),
        json!({"type": "announce", "to": {"user": "jane"}, "text": "x"}),
        json!({"type": "error", "line": 0, "text": "x"}),
        json!({"type": "hello", "protocol": 2, "program": "9.0.0"}),
    ] {
        schema.output(&line).expect_err(&line.to_string());
    }
}

#[test]
fn a_line_that_the_schema_allows_is_taken_and_one_that_it_does_not_is_an_error() {
    let schema = Schema::printed();
    let inputs = inputs();
    let said: String = inputs.iter().map(|(line, _)| format!("{line}\n")).collect();
    let mut answers = lines(&run(&["stdio", "--store", "memory:"], &said));
    answers.retain(|line| line["type"] == "done" || line["type"] == "error");
    assert_eq!(answers.len(), inputs.len());
    for ((line, taken), answer) in inputs.iter().zip(answers) {
        assert_eq!(schema.input(line).is_ok(), *taken, "by the schema: {line}");
        assert_eq!(answer["type"] == "done", *taken, "by the program: {line}: {answer}");
    }
}

/// Lines, and whether they are lines of input: a good one with each of its fields replaced by each of some values.
fn inputs() -> Vec<(Value, bool)> {
    let said = json!({"id": "1", "room": "#ptg", "from": "jane", "name": "Jane", "role": "op", "text": "~list",
        "at": "2026-10-19T14:05:00Z"});
    let tick = json!({"tick": "2026-10-19T14:10:00Z"});
    let mut lines = vec![(said.clone(), true), (tick.clone(), true), (json!([]), false), (json!({}), false)];
    let values = ["", " ", "\u{202e}", "voice", "admin", "2026-10-19T16:05:00+02:00", "noon", "1969-12-31T23:59:59Z"];
    let values = values.map(Value::from).into_iter().chain([Value::Null, json!(5), json!([])]);
    for value in values {
        let (is_null, text) = (value.is_null(), value.as_str());
        let is_time = text.is_some_and(|text| text.starts_with("2026"));
        for field in ["id", "room", "from", "name", "role", "text", "at", "tick"] {
            let taken = match field {
                "id" | "room" | "name" => is_null || text.is_some(),
                "from" => text.is_some_and(|text| text.chars().any(char::is_alphanumeric)),
                "role" => is_null || text == Some("voice"),
                "text" => text.is_some(),
                _ => is_null || is_time,
            };
            let mut line = said.clone();
            line[field] = value.clone();
            lines.push((line, taken));
        }
        let mut line = tick.clone();
        line["unknown"] = value;
        lines.push((line, true));
    }
    for field in ["id", "room", "name", "role", "at", "from", "text"] {
        let mut line = said.clone();
        line.as_object_mut().expect("an object").shift_remove(field);
        lines.push((line, !["from", "text"].contains(&field)));
    }
    lines
}

struct Schema {
    document: Value,
    schemas: Schemas,
    input: SchemaIndex,
    output: SchemaIndex,
}

impl Schema {
    /// As `ptgbot stdio --schema` prints it.
    fn printed() -> Self {
        let output = run(&["stdio", "--schema"], "");
        assert_eq!(output.status.code(), Some(0));
        Self::read(serde_json::from_slice(&output.stdout).expect("JSON"))
    }

    fn read(document: Value) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.enable_format_assertions();
        let id = document["$id"].as_str().expect("a name").to_owned();
        compiler.add_resource(&id, document.clone()).expect("a schema");
        let mut part = |name: &str| compiler.compile(&format!("{id}#/$defs/{name}"), &mut schemas).expect("a schema");
        let (input, output) = (part("input"), part("output"));
        Self { document, schemas, input, output }
    }

    /// The same, where each object holds what is described and nothing more.
    fn without_other_fields(mut self) -> Self {
        for part in self.document["$defs"].as_object_mut().expect("parts").values_mut() {
            if part.get("properties").is_some() {
                part["additionalProperties"] = false.into();
            }
        }
        Self::read(self.document)
    }

    fn input(&self, line: &Value) -> Result<(), String> {
        self.schemas.validate(line, self.input).map_err(|error| format!("{error:#}"))
    }

    fn output(&self, line: &Value) -> Result<(), String> {
        self.schemas.validate(line, self.output).map_err(|error| format!("{error:#}"))
    }
}
