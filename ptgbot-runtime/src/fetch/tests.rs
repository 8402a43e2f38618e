//! Every limit of `~fetchdb`, against a real server on this machine.

use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Serves the same bytes to each connection; `{port}` in them stands for the server's port.
async fn server(answer: impl Into<Vec<u8>>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let mut answer = answer.into();
    if let Ok(text) = std::str::from_utf8(&answer) {
        answer = text.replace("{port}", &address.port().to_string()).into_bytes();
    }
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let _ = stream.write_all(&answer).await;
                if answer.ends_with(b"...") {
                    // A slow body: the rest never comes, and the connection stays.
                    let _ = stream.read(&mut head).await;
                }
            });
        }
    });
    address
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn redirect(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

/// Trusts the test server's own address and nothing else that is private.
fn policy() -> FetchPolicy {
    FetchPolicy { allow: vec![Ipv4Addr::LOCALHOST.into()], ..FetchPolicy::default() }
}

async fn refusal(url: String, policy: FetchPolicy) -> String {
    let text = fetch_json(&url, policy).await.expect_err("a refusal").to_string();
    assert!(!text.chars().any(char::is_control), "{text:?}");
    text
}

#[tokio::test]
async fn a_document_is_fetched() {
    let at = server(ok("\u{feff}{\"eventid\": \"b\", \"tracks\": []}")).await;
    let value = fetch_json(&format!("http://{at}/ptg.json?x=1"), policy()).await.expect("a document");
    assert_eq!(value, serde_json::json!({"eventid": "b", "tracks": []}));
    let by_name = format!("http://localhost:{}/", at.port());
    fetch_json(&by_name, FetchPolicy { allow_private: true, ..policy() }).await.expect("a document");
}

#[tokio::test]
async fn addresses_that_are_not_public_are_refused_in_every_spelling() {
    for host in ["127.0.0.1", "0x7f.1", "2130706433", "127.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"] {
        let text = refusal(format!("http://{host}:9/"), FetchPolicy::default()).await;
        assert_eq!(text, "127.0.0.1 is not a public address", "{host}");
    }
    assert_eq!(refusal("http://[::1]:9/".into(), policy()).await, "::1 is not a public address");
    assert_eq!(refusal("http://[64:ff9b::7f00:1]/".into(), policy()).await, "64:ff9b::7f00:1 is not a public address");
    assert_eq!(
        refusal("http://169.254.169.254/latest".into(), policy()).await,
        "169.254.169.254 is not a public address"
    );
}

#[tokio::test]
async fn a_name_that_leads_home_is_refused() {
    let at = server(ok("{}")).await;
    let text = refusal(format!("http://localhost:{}/", at.port()), FetchPolicy::default()).await;
    assert_eq!(text, "localhost is not a public address");
}

#[tokio::test]
async fn every_redirect_is_checked_again() {
    let at = server(redirect("http://127.0.0.2:{port}/")).await;
    assert_eq!(refusal(format!("http://{at}/"), policy()).await, "127.0.0.2 is not a public address");
    let at = server(redirect("http://[::1]:{port}/")).await;
    assert_eq!(refusal(format!("http://{at}/"), policy()).await, "::1 is not a public address");
    let at = server(redirect("//0xa.1/")).await;
    assert_eq!(refusal(format!("http://{at}/"), policy()).await, "10.0.0.1 is not a public address");
    for (target, reason) in [
        ("file:///etc/passwd", "only http and https links are taken"),
        ("http://u:p@127.0.0.1/", "a link may not hold a user name or password"),
    ] {
        let at = server(redirect(target)).await;
        let text = refusal(format!("http://{at}/"), policy()).await;
        assert_eq!(text, format!("the server redirects to an address that is not taken: {reason}"));
    }
    let at = server("HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(refusal(format!("http://{at}/"), policy()).await, "the server redirects to nowhere");
}

#[tokio::test]
async fn a_redirect_is_followed_and_a_circle_is_left() {
    let goal = server(ok("[1]")).await;
    let at = server(redirect(&format!("http://{goal}/x"))).await;
    assert_eq!(fetch_json(&format!("http://{at}/"), policy()).await.expect("a document"), serde_json::json!([1]));
    let at = server(redirect("/again")).await;
    assert_eq!(refusal(format!("http://{at}/"), policy()).await, "more than 5 redirects");
}

#[tokio::test]
async fn a_slow_body_is_given_up() {
    let at = server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{...").await;
    let quick = FetchPolicy { time: Duration::from_millis(300), ..policy() };
    assert_eq!(refusal(format!("http://{at}/"), quick).await, "the document did not arrive within 0.3 s");
}

#[tokio::test]
async fn a_large_document_is_refused_before_and_while_it_is_read() {
    let at = server("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n{...").await;
    assert_eq!(refusal(format!("http://{at}/"), policy()).await, "the document is larger than 8 MiB");
    let at = server(format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\"{}\"", "x".repeat(9 << 20))).await;
    assert_eq!(refusal(format!("http://{at}/"), policy()).await, "the document is larger than 8 MiB");
}

#[tokio::test]
async fn a_gzip_bomb_is_counted_as_it_unfolds() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    let block = vec![b' '; 1 << 20];
    for _ in 0..10 {
        packed.write_all(&block).expect("memory");
    }
    let packed = packed.finish().expect("memory");
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", packed.len());
    let at = server([head.into_bytes(), packed].concat()).await;
    assert_eq!(refusal(format!("http://{at}/"), policy()).await, "the document is larger than 8 MiB");
}

#[tokio::test]
async fn only_json_and_only_success_are_taken() {
    let at = server(ok("<html>\n<body>")).await;
    assert_eq!(refusal(format!("http://{at}/"), policy()).await, "it is no JSON: expected value at line 1 column 1");
    let at = server(ok("{\n\"a\":\n}")).await;
    assert_eq!(refusal(format!("http://{at}/"), policy()).await, "it is no JSON: expected value at line 3 column 1");
    let at = server(ok(&"[".repeat(10_000))).await;
    assert!(refusal(format!("http://{at}/"), policy()).await.contains("recursion limit exceeded"));
    let at = server("HTTP/1.1 404 Not \x07Found\r\nContent-Length: 0\r\n\r\n").await;
    let text = refusal(format!("http://{at}/"), policy()).await;
    assert!(text == "the server answered 404" || text.starts_with("cannot fetch"), "{text}");
    let at = server("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(refusal(format!("http://{at}/"), policy()).await, "the server answered 503");
}

#[tokio::test]
async fn what_is_no_web_address_is_refused() {
    assert_eq!(refusal("file:///etc/passwd".into(), policy()).await, "only http and https links are taken");
    assert_eq!(refusal("http://u@127.0.0.1/".into(), policy()).await, "a link may not hold a user name or password");
}

#[tokio::test]
async fn a_server_that_talks_something_else_is_named() {
    let at = server("220 mail ready\r\n").await;
    let text = refusal(format!("http://{at}/"), policy()).await;
    assert!(text.starts_with("cannot fetch from 127.0.0.1: "), "{text}");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let at = listener.local_addr().expect("an address");
    drop(listener);
    let text = refusal(format!("http://{at}/"), policy()).await;
    assert!(text.starts_with("cannot fetch from 127.0.0.1: "), "{text}");
}
