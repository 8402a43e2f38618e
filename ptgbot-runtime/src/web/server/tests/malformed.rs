//! Bytes that are no request, or none that HTTP allows.

use super::*;
use proptest::prelude::*;

#[tokio::test]
async fn a_request_that_is_none_gets_the_status_that_says_why() {
    let site = Served::start().await;
    let long = "a".repeat(100_000);
    let many: String = (0..200).map(|number| format!("x{number}: y\r\n")).collect();
    for (request, status) in [
        ("GET / HTTP/1.1\r\nHost: x\r\nno header\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n".to_owned(), 400),
        ("\u{16}\u{3}\u{1}\u{2}\r\n\r\n".to_owned(), 400),
        ("good morning\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: a b<>\r\n\r\n".to_owned(), 400),
        ("GET /\r\n\r\n".to_owned(), 400),
        (format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"), 414),
        (format!("GET /{long}"), 414),
        (format!("GET /?{} HTTP/1.1\r\nHost: x\r\n\r\n", &long[..10_000]), 414),
        (format!("GET / HTTP/1.1\r\nHost: x\r\nx: {long}\r\n\r\n"), 431),
        (format!("GET / HTTP/1.1\r\nHost: x\r\nx: {long}"), 431),
        (format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n"), 431),
        ("GET / HTTP/2.0\r\nHost: x\r\n\r\n".to_owned(), 505),
        ("GET / HTTP/0.9\r\nHost: x\r\n\r\n".to_owned(), 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), 505),
    ] {
        let all = String::from_utf8(site.raw(request.as_bytes(), End::Shut).await).expect("text");
        let start: String = request.chars().take(60).collect();
        assert!(all.starts_with(&format!("HTTP/1.1 {status} ")), "{start:?} {all:?}");
        assert_eq!(all.matches("HTTP/1.").count(), 1, "{start:?} {all:?}");
    }
}

#[tokio::test]
async fn a_request_names_one_host() {
    let site = Served::start().await;
    for (version, hosts, status) in [
        ("1.1", "", 400),
        ("1.1", "Host: x\r\nHost: x\r\n", 400),
        ("1.1", "Host: x\r\nhost: y\r\n", 400),
        ("1.0", "Host: x\r\nHost: x\r\n", 400),
        ("1.1", "Host: x\r\n", 200),
        ("1.0", "", 200),
    ] {
        for path in ["/", "/healthz"] {
            let request = format!("GET {path} HTTP/{version}\r\nConnection: close\r\n{hosts}\r\n");
            let all = String::from_utf8(site.raw(request.as_bytes(), End::Open).await).expect("text");
            assert!(all.starts_with(&format!("HTTP/{version} {status} ")), "{request:?} {all:?}");
        }
    }
}

#[test]
fn no_bytes_bring_the_server_down() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let site = runtime.block_on(Served::start());
    let word = prop_oneof![
        Just("GET ".to_owned()),
        Just("HEAD ".to_owned()),
        Just("CONNECT ".to_owned()),
        Just("OPTIONS * ".to_owned()),
        Just("/".to_owned()),
        Just("/%".to_owned()),
        Just(".ics".to_owned()),
        Just("http://[::".to_owned()),
        Just(" HTTP/1.1\r\n".to_owned()),
        Just("If-None-Match: ".to_owned()),
        Just("Accept-Encoding: br;q=".to_owned()),
        Just("If-Modified-Since: Sun, 99 ".to_owned()),
        Just("Last-Event-ID: 99999999999999999999".to_owned()),
        Just("Transfer-Encoding: chunked\r\n".to_owned()),
        Just("Content-Length: -1".to_owned()),
        Just("\r\n".to_owned()),
        Just("\r\n\r\n".to_owned()),
        Just("\"".to_owned()),
        ".{0,8}",
    ];
    let words = proptest::collection::vec(word, 0..14);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(300));
    let never_ends = |text: &str| text.contains("/events");
    runner
        .run(&words, |words| {
            let text = words.concat();
            prop_assume!(!never_ends(&text));
            runtime.block_on(site.raw(text.as_bytes(), End::Shut));
            Ok(())
        })
        .expect("no bytes do harm");
    assert_eq!(runtime.block_on(site.get("/healthz")).status, 200);
    assert!(!site.serving.is_finished());
}
