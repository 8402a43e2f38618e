//! The process in which people of a homeserver live: `matrix_client.py`, spoken
//! to in JSON Lines.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::deadline::PATIENCE;
use crate::transcript::Transcript;

/// The process in which all people of a homeserver live. Copies share it.
#[derive(Debug, Clone)]
pub(crate) struct Driver {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    requests: mpsc::UnboundedSender<String>,
    awaited: Mutex<HashMap<u64, oneshot::Sender<Result<Value, String>>>>,
    people: Mutex<HashMap<String, Transcript>>,
    errors: Transcript,
    count: AtomicU64,
    _child: Child,
}

impl Driver {
    /// Starts the process; must be called where it is to live.
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("the interpreter runs");
        let (mut stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (requests, mut lines) = mpsc::unbounded_channel::<String>();
        let errors = Transcript::new();
        let shared = Arc::new(Shared {
            requests,
            awaited: Mutex::default(),
            people: Mutex::default(),
            errors: errors.clone(),
            count: AtomicU64::new(0),
            _child: child,
        });
        tokio::spawn(async move {
            while let (Some(line), Some(stdin)) = (lines.recv().await, stdin.as_mut()) {
                if stdin.write_all(line.as_bytes()).await.is_err() {
                    return;
                }
            }
        });
        tokio::spawn(async move {
            let Some(stderr) = stderr else { return };
            let mut lines = BufReader::new(stderr).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                errors.push(line);
            }
            errors.end();
        });
        let weak = Arc::downgrade(&shared);
        tokio::spawn(async move {
            let Some(stdout) = stdout else { return };
            let mut lines = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let Some(shared) = weak.upgrade() else { return };
                shared.take(&line);
            }
        });
        Self { shared }
    }

    /// Has something done, by a person or by the process itself.
    pub(crate) async fn ask(&self, who: Option<&str>, what: &str, with: Value) -> Result<Value, String> {
        let number = self.shared.count.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        lock(&self.shared.awaited).insert(number, answer);
        let request = json!({"re": number, "who": who, "do": what, "with": with});
        // A process that has ended shows below.
        let _ = self.shared.requests.send(format!("{request}\n"));
        match timeout(PATIENCE * 2, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => Err(format!("no answer; it reported {}", self.errors())),
        }
    }

    /// What a person sees from now on.
    pub(crate) fn follow(&self, who: &str) -> Transcript {
        lock(&self.shared.people).entry(who.to_owned()).or_default().clone()
    }

    /// What the process reported.
    pub(crate) fn errors(&self) -> String {
        self.shared.errors.tail()
    }
}

impl Shared {
    fn take(&self, line: &str) {
        let Ok(mut line) = serde_json::from_str::<Value>(line) else { return };
        if let Some(who) = line["who"].as_str() {
            let seen = line["seen"].to_string();
            lock(&self.people).entry(who.to_owned()).or_default().push(seen);
        } else if let Some(answer) = line["re"].as_u64().and_then(|number| lock(&self.awaited).remove(&number)) {
            let outcome = match line["error"].as_str() {
                Some(error) => Err(error.to_owned()),
                None => Ok(line["ok"].take()),
            };
            // The test may have ended.
            let _ = answer.send(outcome);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
