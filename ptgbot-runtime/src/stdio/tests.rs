//! The transport by itself: what goes in comes out as requests, and what is said leaves as lines.

use super::*;
use ptgbot_core::{Outcome, Target};
use std::io::{self, Seek};

/// Speaks through a pipe in which the input, which is short, lies already.
fn transport(input: &str, to: impl Write + AsFd + Send + 'static) -> (Box<dyn Inbox>, Box<dyn Outlet>) {
    let (from, mut writer) = io::pipe().expect("a pipe");
    writer.write_all(input.as_bytes()).expect("room in the pipe");
    Box::new(StdioTransport::new("ptgbot", from, to).expect("a source")).split()
}

#[tokio::test]
async fn a_file_is_read_as_well_as_a_pipe() {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(b"{\"from\":\"jane\",\"text\":\"x\"}\nx\n{").expect("written");
    file.rewind().expect("rewound");
    let transport = StdioTransport::new("ptgbot", file, io::pipe().expect("a pipe").1).expect("a source");
    let (mut inbox, _outlet) = Box::new(transport).split();
    let mut heard = Vec::new();
    loop {
        match inbox.receive(10).await.expect("lines") {
            batch if batch.is_empty() => break,
            batch => heard.extend(batch),
        }
    }
    assert_eq!(heard.len(), 3);
    assert!(matches!(&heard[2].kind, IncomingKind::Malformed { line: 3, .. }));
}

#[tokio::test]
async fn lines_leave_in_the_form_of_the_specification() {
    let (mut written, writer) = io::pipe().expect("a pipe");
    let (mut inbox, mut outlet) = transport("{\"from\":\"Jane\",\"text\":\"x\"}\n{", writer);
    let mut heard = Vec::new();
    while heard.len() < 2 {
        heard.extend(inbox.receive(10).await.expect("lines"));
    }
    assert!(matches!(&heard[1].kind, IncomingKind::Malformed { line: 2, .. }));
    let id = Some("1".to_owned());
    let room = Target::Room("#ptg".into());
    for message in [
        Outgoing::Reply { to: room.clone(), user: "jane".into(), in_reply_to: id.clone(), text: "…".into() },
        Outgoing::Reply {
            to: Target::User("jane".into()),
            user: "jane".into(),
            in_reply_to: None,
            text: "a\nb".into(),
        },
        Outgoing::Ack { to: room, in_reply_to: id.clone() },
        Outgoing::Notify { user: PersonId::new("John", ptgbot_core::Folding::Lowercase), text: "n".into() },
        Outgoing::Announce { room: "#ptg".into(), text: "a".into() },
        Outgoing::Done { id, outcome: Outcome::Changed, revision: 17 },
        Outgoing::Error { line: 2, text: "e".into() },
    ] {
        outlet.send(message).await.expect("sent");
    }
    outlet.flush().await.expect("flushed");
    drop((inbox, outlet));
    let mut lines = String::new();
    written.read_to_string(&mut lines).expect("text");
    let wanted = [
        r##"{"type":"reply","to":{"room":"#ptg"},"user":"Jane","in_reply_to":"1","text":"…"}"##,
        r##"{"type":"reply","to":{"user":"Jane"},"user":"Jane","in_reply_to":null,"text":"a\nb"}"##,
        r##"{"type":"ack","to":{"room":"#ptg"},"in_reply_to":"1"}"##,
        r##"{"type":"notify","to":{"user":"john"},"text":"n"}"##,
        r##"{"type":"announce","to":{"room":"#ptg"},"text":"a"}"##,
        r##"{"type":"done","id":"1","outcome":"changed","revision":17}"##,
        r##"{"type":"error","line":2,"text":"e"}"##,
    ];
    assert_eq!(lines.lines().collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn the_end_of_input_ends_the_network() {
    let (mut inbox, _outlet) = transport("", io::pipe().expect("a pipe").1);
    assert_eq!(inbox.receive(10).await.expect("an end"), []);
}

#[tokio::test]
async fn a_reader_that_goes_ends_the_network_quietly() {
    let (input, _kept) = io::pipe().expect("a pipe");
    let (reader, output) = io::pipe().expect("a pipe");
    drop(reader);
    let transport = StdioTransport::new("ptgbot", input, output).expect("a source");
    let (mut inbox, mut outlet) = Box::new(transport).split();
    outlet.send(Outgoing::Error { line: 1, text: "e".into() }).await.expect("buffered");
    outlet.flush().await.expect("quiet");
    assert_eq!(inbox.receive(10).await.expect("an end"), []);
}
