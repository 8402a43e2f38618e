//! What a program under test serves on the web, read as a browser would ask for it.

use std::fmt;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::deadline::{PATIENCE, wait_until};

/// A web server of 127.0.0.1.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Its port.
    pub port: u16,
}

impl Page {
    /// A document, or `None` when it cannot be had now.
    pub async fn document(self, path: &str) -> Option<String> {
        self.ask(path).await.and_then(|(status, body)| (status == 200).then_some(body))
    }

    /// The status of an answer, or `None` where there is no answer.
    pub async fn status(self, path: &str) -> Option<u16> {
        self.ask(path).await.map(|(status, _)| status)
    }

    /// The status and the body of an answer.
    async fn ask(self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.ok()?;
        let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    /// The public data, waited for.
    pub async fn data(self) -> Value {
        self.shows("anything", |_| true).await
    }

    /// Waits until the public data is as meant, and gives it.
    ///
    /// # Panics
    /// When it is not in time; shows the data as it is then.
    pub async fn shows(self, what: impl fmt::Display, is_meant: impl Fn(&Value) -> bool) -> Value {
        let what = format!("{what} on the page");
        let shown = wait_until(&what, PATIENCE, || async {
            let data = self.document("/ptg.json").await?;
            serde_json::from_str(&data).ok().filter(&is_meant)
        });
        match shown.await {
            Ok(data) => data,
            Err(late) => panic!("{late}; it shows {:?}", self.document("/ptg.json").await),
        }
    }
}
