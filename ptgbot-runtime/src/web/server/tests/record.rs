//! The record over the web.

use super::*;

/// A topic was announced on the morning of the 19th and is over at midnight.
async fn after_a_day() -> Served {
    let mut site = Served::start().await;
    site.change(topic("rings")).await;
    site
}

#[tokio::test]
async fn a_day_is_served_in_each_of_its_forms() {
    let site = after_a_day().await;
    for (path, kind, shared) in [
        ("/record/", "text/html; charset=utf-8", false),
        ("/record/index.html", "text/html; charset=utf-8", false),
        ("/record/2026-10-19.html", "text/html; charset=utf-8", false),
        ("/record/2026-10-19.md", "text/markdown; charset=utf-8", true),
        ("/record/2026-10-19.json", "application/json", true),
        ("/record/2026-10-19.svg?revision=2", "image/svg+xml", true),
        ("/record.schema.json", "application/schema+json", true),
    ] {
        let reply = site.get(path).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(kind)), "{path}");
        assert!(reply.header("content-security-policy").is_some(), "{path}");
        assert_eq!(reply.header("cache-control"), Some("public, max-age=1, stale-if-error=3600"), "{path}");
        assert_eq!(reply.header("access-control-allow-origin").is_some(), shared, "{path}");
        let tag = format!("If-None-Match: {}\r\n", reply.header("etag").expect("a tag"));
        assert_eq!(site.ask("GET", path, &tag).await.status, 304, "{path}");
    }
}

#[tokio::test]
async fn the_days_are_found_without_the_slash_and_other_days_are_not() {
    let site = after_a_day().await;
    let reply = site.get("/record").await;
    assert_eq!((reply.status, reply.header("location")), (308, Some("record/")));
    let page = site.get("/record/").await.body;
    assert_eq!(page, site.get("/record/index.html").await.body);
    assert!(String::from_utf8_lossy(&page).contains("href=\"2026-10-19.html\""));
    for path in ["/record/2026-10-18.html", "/record/2026-10-20.md", "/record/2026-10-19", "/record/x", "/record//"] {
        let reply = site.get(path).await;
        assert_eq!(reply.status, 404, "{path}");
        assert!(String::from_utf8_lossy(&reply.body).contains("Nothing was discussed on this day."), "{path}");
    }
}

#[tokio::test]
async fn a_query_leaves_some_tracks_of_a_day_in() {
    let site = after_a_day().await;
    let told = async |query: &str| site.get(&format!("/record/2026-10-19.json{query}")).await.body;
    assert!(String::from_utf8_lossy(&told("?track=swift").await).contains("rings"));
    assert!(!String::from_utf8_lossy(&told("?track=c%2B%2B").await).contains("rings"));
    assert_eq!(told("?track=swift").await, told("").await);
}
