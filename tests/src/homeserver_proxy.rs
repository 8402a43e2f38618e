//! A proxy before a homeserver that refuses what a test wants refused: a room, a person, an endpoint; or lets it be done
//! and never says so.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::homeserver::Homeserver;

/// A homeserver as somebody sees it through this proxy; it ends with the test.
#[derive(Debug)]
pub struct HomeserverProxy {
    port: u16,
    shared: Arc<Mutex<Shared>>,
    way: watch::Sender<Way>,
    accepting: AbortHandle,
}

/// The way to the homeserver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Open,
    /// Connections break, and every new one at once.
    Broken,
}

#[derive(Debug, Default)]
struct Shared {
    refusals: Vec<Refusal>,
    /// Whatever has all words of one of these is done, and not answered.
    unanswered: Vec<Vec<String>>,
    withheld: usize,
    requests: Vec<String>,
}

/// Which requests the homeserver never sees, and what is answered instead.
#[derive(Debug, Clone)]
struct Refusal {
    /// All of these stand in the request line or the body.
    words: Vec<String>,
    status: u16,
    body: Value,
}

impl HomeserverProxy {
    /// A proxy before a server, on a port of its own, that passes everything on.
    pub async fn before(server: &Homeserver) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("the loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let upstream = server.url().trim_start_matches("http://").to_owned();
        let handed = shared.clone();
        let way = watch::Sender::new(Way::Open);
        let seen = way.subscribe();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (upstream, shared, mut way) = (upstream.clone(), handed.clone(), seen.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        biased;
                        _ = way.wait_for(|way| *way == Way::Broken) => {}
                        // A client that hangs up is no failure.
                        _ = pass_on(client, &upstream, &shared) => {}
                    }
                });
            }
        });
        Self { port, shared, way, accepting: accepting.abort_handle() }
    }

    /// Where clients find it.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// From now on refuses requests that have all these words in their line (decoded) or body.
    pub fn refuse(&self, words: &[&str], status: u16) {
        let body = match status {
            429 => json!({"errcode": "M_LIMIT_EXCEEDED", "error": "slowly", "retry_after_ms": 500}),
            404 => json!({"errcode": "M_NOT_FOUND", "error": "nothing here"}),
            status if status >= 500 => json!({"errcode": "M_UNKNOWN", "error": "out of order"}),
            _ => json!({"errcode": "M_INVALID_PARAM", "error": "not like this"}),
        };
        let words = words.iter().map(ToString::to_string).collect();
        self.shared().refusals.push(Refusal { words, status, body });
    }

    /// From now on passes requests on that have all these words in their line or body, and never answers them.
    pub fn withhold_answers(&self, words: &[&str]) {
        self.shared().unanswered.push(words.iter().map(ToString::to_string).collect());
    }

    /// How many requests the homeserver has answered, without an answer to whoever asked.
    pub fn withheld(&self) -> usize {
        self.shared().withheld
    }

    /// From now on nothing passes: connections break, and every new one at once.
    pub fn break_off(&self) {
        self.way.send_replace(Way::Broken);
    }

    /// From now on passes everything on again.
    pub fn mend(&self) {
        let mut shared = self.shared();
        shared.refusals.clear();
        shared.unanswered.clear();
        drop(shared);
        self.way.send_replace(Way::Open);
    }

    /// How many requests with all these words in their line have come, refused or not.
    pub fn requests(&self, words: &[&str]) -> usize {
        self.shared().requests.iter().filter(|line| words.iter().all(|word| line.contains(word))).count()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        lock(&self.shared)
    }
}

impl Drop for HomeserverProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Answers one request of a connection and closes it, which every client understands.
async fn pass_on(client: TcpStream, upstream: &str, shared: &Mutex<Shared>) -> std::io::Result<()> {
    let mut client = BufReader::new(client);
    let mut head = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if client.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        match name.as_str() {
            "connection" => continue,
            "content-length" => length = line[name.len() + 1..].trim().parse().unwrap_or(0),
            _ => {}
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    client.read_exact(&mut body).await?;
    let line = decoded(head.lines().next().unwrap_or_default());
    let said = format!("{line}\n{}", String::from_utf8_lossy(&body));
    let (refusal, is_unanswered) = {
        let mut shared = lock(shared);
        shared.requests.push(line);
        let is_meant = |words: &Vec<String>| words.iter().all(|word| said.contains(word));
        let refusal = shared.refusals.iter().find(|refusal| is_meant(&refusal.words)).cloned();
        (refusal, shared.unanswered.iter().any(is_meant))
    };
    if let Some(Refusal { status, body, .. }) = refusal {
        let body = body.to_string();
        let answer = format!(
            "HTTP/1.1 {status} Refused\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        return client.write_all(answer.as_bytes()).await;
    }
    let mut server = TcpStream::connect(upstream).await?;
    server.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).await?;
    server.write_all(&body).await?;
    if is_unanswered {
        tokio::io::copy(&mut server, &mut tokio::io::sink()).await?;
        lock(shared).withheld += 1;
        std::future::pending::<()>().await;
    }
    tokio::io::copy(&mut server, &mut client).await?;
    client.shutdown().await
}

/// A request line without percent signs, as far as IDs need it.
fn decoded(line: &str) -> String {
    ["%21!", "%3A:", "%3a:", "%40@", "%23#", "%24$"]
        .iter()
        .fold(line.to_owned(), |line, code| line.replace(&code[..3], &code[3..]))
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
