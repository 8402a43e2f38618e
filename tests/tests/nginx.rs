//! The configuration of nginx that `docs/src/operators/proxy.md` gives, in a real one, on a folder that `ptgbot render` wrote.

use ptgbot_tests::deadline::{PATIENCE, wait_until};
use ptgbot_tests::process::{Process, free_port};
use ptgbot_tests::served::Stored;
use ptgbot_tests::skip;
use serde_json::json;
use std::fs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

/// What the document gives.
fn recipe() -> &'static str {
    let document = include_str!("../../docs/src/operators/proxy.md");
    let (_, section) = document.split_once("## A folder behind nginx\n").expect("a section");
    let (_, from) = section.split_once("```nginx\n").expect("a configuration");
    from.split_once("```").expect("its end").0
}

/// The head of an answer in lower case, and its body.
async fn get(port: u16, path: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("it listens");
    let ask = format!("GET {path} HTTP/1.1\r\nHost: ptg.example.org\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(ask.as_bytes()).await.expect("it listens");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    (String::from_utf8_lossy(&answer[..end]).to_lowercase(), answer.split_off(end + 4))
}

#[tokio::test]
async fn nginx_serves_the_folder_as_the_document_says() {
    let Some(nginx) = skip::needs("nginx") else { return };
    let stored = Stored::with(&json!({"eventid": "oct2026", "tracks": ["swift"], "now": {"swift": "ring placement"}}));
    let site = stored.rendered("2026-10-19T09:30:00Z");
    let (port, place) = (free_port(), stored.folder().display());
    let recipe = recipe().replace("listen 80;", &format!("listen 127.0.0.1:{port};"));
    let recipe = recipe.replace("/var/lib/ptgbot/site", &site.display().to_string());
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {place}/{name};\n"))
        .concat();
    let user = if rustix::process::geteuid().is_root() { "user root;\n" } else { "" };
    let config = format!(
        "{user}daemon off;\nworker_processes 1;\npid {place}/nginx.pid;\nerror_log stderr;\nevents {{}}\n\
         http {{\naccess_log off;\n{temporary}{recipe}}}\n"
    );
    let file = stored.folder().join("nginx.conf");
    fs::write(&file, config).expect("written");
    let mut command = Command::new(nginx);
    command.arg("-e").arg("stderr").arg("-c").arg(&file);
    let mut process = Process::start("nginx", command);
    let connects = || async { TcpStream::connect(("127.0.0.1", port)).await.ok() };
    let listens = wait_until("nginx", PATIENCE, connects).await;
    assert!(listens.is_ok(), "{}", process.output().tail());

    let page = fs::read_to_string(site.join("index.html")).expect("written");
    let (_, style) = page.split_once("href=\"style.css").expect("a style sheet");
    let style = format!("/style.css{}", style.split('"').next().unwrap_or_default());
    let (live, kept) = ("public, max-age=1, stale-if-error=3600", "public, max-age=31536000, immutable");
    for (path, kind, keep, shared) in [
        ("/", "text/html; charset=utf-8", live, false),
        ("/ptg.json", "application/json", live, true),
        ("/swift.ics", "text/calendar; charset=utf-8", live, true),
        ("/feed.atom", "application/atom+xml; charset=utf-8", live, true),
        ("/colors.css?12345678", "text/css; charset=utf-8", live, false),
        (&style, "text/css; charset=utf-8", kept, false),
    ] {
        let (head, body) = get(port, path, "Accept-Encoding: gzip\r\n").await;
        let name = path.split('?').next().filter(|name| *name != "/").unwrap_or("/index.html");
        for line in [format!("content-type: {kind}"), format!("cache-control: {keep}"), "nosniff".into()] {
            assert!(head.starts_with("http/1.1 200") && head.contains(&line), "{path}: {line} in {head}");
        }
        assert_eq!(head.contains("access-control-allow-origin: *"), shared, "{path}: {head}");
        let packed = site.join(format!("{}.gz", &name[1..]));
        assert_eq!(head.contains("content-encoding: gzip"), packed.is_file(), "{path}: {head}");
        if packed.is_file() {
            assert!(head.contains("vary: accept-encoding"), "{path}: {head}");
            assert_eq!(body, fs::read(packed).expect("there"), "{path}");
        }
        assert_eq!(get(port, path, "").await.1, fs::read(site.join(&name[1..])).expect("there"), "{path}");
        let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag");
        let known = format!("Accept-Encoding: gzip\r\nIf-None-Match: {tag}\r\n");
        assert!(get(port, path, &known).await.0.starts_with("http/1.1 304"), "{path}");
    }
    for path in ["/.ptgbot-files", "/nova.ics"] {
        assert!(get(port, path, "").await.0.starts_with("http/1.1 404"), "{path}");
    }
    stored.say(&[("2026-10-19T09:40:00Z", "#swift now colder disks")]);
    stored.rendered("2026-10-19T09:41:00Z");
    assert!(String::from_utf8_lossy(&get(port, "/", "").await.1).contains("colder disks"));
    process.stop().await;
}
