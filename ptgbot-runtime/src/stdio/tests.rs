//! The transport by itself: what goes in comes out as requests, and what is said leaves as lines.

use super::*;
use futures_util::StreamExt;
use ptgbot_core::{Ask, Folding, Outcome, Person, PersonId, Reply, Target};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

fn transport(input: &'static str, to: DuplexStream) -> (Inbox, Box<dyn Outlet>) {
    Box::new(StdioTransport::new("ptgbot", input.as_bytes(), to)).open()
}

async fn say(outlet: &mut dyn Outlet, message: Outgoing) {
    outlet.ready().await;
    outlet.send(message).await.expect("sent");
}

#[tokio::test]
async fn lines_leave_in_the_form_of_the_specification_and_in_the_order_of_what_they_answer() {
    let (mut written, writer) = duplex(1 << 16);
    let (inbox, mut outlet) =
        transport("{\n{\"from\":\"Jane\",\"text\":\"x\"}\n{\n{\"tick\":\"2026-10-19T14:10:00Z\"}", writer);
    let heard: Vec<_> = inbox.map(|heard| heard.expect("a request").request.ask).collect().await;
    assert_eq!(heard, [Ask::Said("x".into()), Ask::Tick]);
    let network = Network::nearest("stdio");
    let jane = Person::new(&network, "Jane", Folding::Lowercase);
    let (id, room) = (Some("1".to_owned()), Target::Room("#ptg".into()));
    let reply = |to: &Target, in_reply_to: &Option<String>, words: &str| Outgoing::Reply {
        to: to.clone(),
        user: Some(jane.clone()),
        in_reply_to: in_reply_to.clone(),
        reply: Reply::from(words),
    };
    for message in [
        reply(&room, &id, "…"),
        reply(&Target::Person(jane.id.clone()), &None, "a"),
        Outgoing::Ack { to: room.clone(), in_reply_to: id.clone() },
        Outgoing::Notify {
            to: PersonId::new(&network, "John", Folding::Lowercase),
            revision: 1,
            reply: Reply::from("n"),
        },
    ] {
        say(outlet.as_mut(), message).await;
    }
    outlet.handled(Handled::new(id, Outcome::Changed, 17)).await;
    outlet.handled(Handled::new(None, Outcome::Ignored, 17)).await;
    outlet.close().await.expect("closed");
    let mut lines = String::new();
    written.read_to_string(&mut lines).await.expect("text");
    let wanted = [
        r##"{"type":"error","line":1,"text":"EOF while parsing an object at column 1"}"##,
        r##"{"type":"reply","to":{"room":"#ptg"},"user":"Jane","in_reply_to":"1","text":"…"}"##,
        r##"{"type":"reply","to":{"user":"Jane"},"user":"Jane","in_reply_to":null,"text":"a"}"##,
        r##"{"type":"ack","to":{"room":"#ptg"},"in_reply_to":"1"}"##,
        r##"{"type":"notify","to":{"user":"john"},"text":"n"}"##,
        r##"{"type":"done","id":"1","outcome":"changed","revision":17}"##,
        r##"{"type":"error","line":3,"text":"EOF while parsing an object at column 1"}"##,
        r##"{"type":"done","id":null,"outcome":"ignored","revision":17}"##,
    ];
    assert_eq!(lines.lines().collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn the_end_of_input_ends_the_network() {
    let (mut inbox, _outlet) = transport("", duplex(1).0);
    assert!(inbox.next().await.is_none());
}

#[tokio::test]
async fn a_reader_that_goes_ends_the_network_quietly() {
    let (_kept, input) = duplex(1);
    let (reader, output) = duplex(1);
    drop(reader);
    let (mut inbox, mut outlet) = Box::new(StdioTransport::new("ptgbot", input, output)).open();
    outlet.handled(Handled::new(None, Outcome::Ignored, 1)).await;
    assert!(inbox.next().await.is_none());
    outlet.close().await.expect("quiet");
}

#[tokio::test]
async fn a_reader_that_stops_reading_is_waited_for_and_loses_nothing() {
    let (mut input, from) = duplex(1 << 16);
    let (mut written, to) = duplex(16);
    let (mut inbox, outlet) = Box::new(StdioTransport::new("ptgbot", from, to)).open();
    let faults = 6_000;
    let asking = tokio::spawn(async move {
        input.write_all("{\n".repeat(faults).as_bytes()).await.expect("taken");
        drop(input);
    });
    let hearing = tokio::spawn(async move { inbox.next().await.is_none() });
    let mut lines = String::new();
    let reading = tokio::spawn(async move {
        written.read_to_string(&mut lines).await.expect("text");
        lines
    });
    asking.await.expect("asked");
    assert!(hearing.await.expect("heard"));
    outlet.close().await.expect("closed");
    assert_eq!(reading.await.expect("read").lines().count(), faults);
}
