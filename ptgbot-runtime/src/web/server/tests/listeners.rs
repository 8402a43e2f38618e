//! Who listens to the event stream.

use super::*;

#[tokio::test]
async fn listeners_hear_of_a_change_when_it_is_served() {
    let mut site = Served::start().await;
    let mut stream = TcpStream::connect(site.at).await.expect("a connection");
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
    let mut heard = String::new();
    read_until(&mut stream, &mut heard, "retry: 3000").await;
    assert!(heard.contains("content-type: text/event-stream"), "{heard}");
    assert!(!heard.contains("event: revision"), "{heard}");
    for (revision, words) in [(2, "rings"), (3, "tempurl")] {
        site.change(topic(words)).await;
        read_until(&mut stream, &mut heard, &format!("data: {revision}\n")).await;
        let json = String::from_utf8(site.get("/ptg.json").await.body).expect("text");
        assert!(json.contains(words), "{json}");
    }
    assert_eq!(heard.matches("event: revision").count(), 2, "{heard}");
    assert!(heard.contains("id: 3\n"), "{heard}");

    // One that comes back hears what it missed.
    let mut late = TcpStream::connect(site.at).await.expect("a connection");
    late.write_all(b"GET /events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 2\r\n\r\n").await.expect("sent");
    let mut missed = String::new();
    read_until(&mut late, &mut missed, "data: 3\n").await;

    site.stop.cancel();
    let ended = timeout(DEADLINE, site.serving).await.expect("it stops in time");
    ended.expect("no panic").expect("a clean end");
    let mut rest = Vec::new();
    timeout(DEADLINE, stream.read_to_end(&mut rest)).await.expect("the stream ends").expect("cleanly");
}

#[tokio::test]
async fn a_listener_through_an_old_proxy_hears_the_same_and_ends_with_the_server() {
    let mut site = Served::start().await;
    let mut stream = TcpStream::connect(site.at).await.expect("a connection");
    // As nginx asks unless told otherwise.
    stream.write_all(b"GET /events HTTP/1.0\r\nHost: x\r\nConnection: close\r\n\r\n").await.expect("sent");
    let mut heard = String::new();
    read_until(&mut stream, &mut heard, "retry: 3000").await;
    assert!(heard.contains("content-type: text/event-stream") && heard.contains("x-accel-buffering: no"), "{heard}");
    assert!(heard.contains("content-security-policy: "), "{heard}");
    site.change(topic("rings")).await;
    read_until(&mut stream, &mut heard, "event: revision\nid: 2\ndata: 2\n\n").await;
    site.stop.cancel();
    let mut rest = Vec::new();
    timeout(DEADLINE, stream.read_to_end(&mut rest)).await.expect("the stream ends").expect("cleanly");
    timeout(DEADLINE, site.serving).await.expect("it stops in time").expect("no panic").expect("a clean end");
}

#[tokio::test]
async fn whoever_leaves_is_no_longer_counted() {
    let site = Served::start().await;
    let listeners = async || {
        let text = String::from_utf8(site.get("/metrics").await.body).expect("text");
        text.lines().any(|line| line == "ptgbot_event_listeners 1")
    };
    let mut stream = TcpStream::connect(site.at).await.expect("a connection");
    stream.write_all(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
    read_until(&mut stream, &mut String::new(), "retry: 3000").await;
    assert!(listeners().await);
    drop(stream);
    let gone = async {
        while listeners().await {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, gone).await.expect("the place is free again");
}
