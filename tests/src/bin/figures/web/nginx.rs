//! nginx with one worker, serving bytes that we have served.

use super::wire::Answer;
use super::{SERVER_CORE, Server, pinned};
use ptgbot_tests::process::free_port;
use std::error::Error;
use std::path::Path;

/// Two addresses with the same page.
pub(super) struct Nginx {
    /// With nginx's own headers only.
    pub(super) plain: Server,
    /// Host and port where each answer carries our headers, too.
    pub(super) dressed: String,
}

impl Nginx {
    /// Serves the body of an answer of ours at `/index.html`.
    pub(super) async fn with(program: &Path, answer: &Answer, folder: &Path) -> Result<Self, Box<dyn Error>> {
        let folder = folder.join("nginx");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("index.html"), &answer.body)?;
        let addresses = [(); 2].map(|()| format!("127.0.0.1:{}", free_port()));
        let [plain, dressed] = &addresses;
        let own = |name: &str| OWN.iter().any(|own| own.eq_ignore_ascii_case(name));
        let headers = answer.headers().filter(|(name, _)| !own(name));
        let headers: String = headers.map(|(name, value)| format!("    add_header {name} \"{value}\";\n")).collect();
        let place = folder.display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("  {name}_temp_path {place}/{name};\n"))
            .concat();
        let user = if rustix::process::geteuid().is_root() { "user root;\n" } else { "" };
        let config = format!(
            "{user}worker_processes 1;\ndaemon off;\npid {place}/nginx.pid;\nerror_log stderr;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\n{temporary}  access_log off;\n  sendfile on;\n  tcp_nopush on;\n  open_file_cache max=100;\n  \
             keepalive_requests 1000000000;\n  types {{ text/html html; }}\n  charset utf-8;\n  root {place};\n  \
             server {{ listen {plain}; }}\n  server {{\n    listen {dressed};\n{headers}  }}\n}}\n"
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, config)?;
        let mut command = pinned(program, SERVER_CORE);
        command.arg("-e").arg("stderr").arg("-c").arg(&file);
        let plain = Server::start("nginx", command, plain.clone()).await?;
        Ok(Self { plain, dressed: dressed.clone() })
    }

    /// Ends it with its worker, which would survive a kill.
    pub(super) async fn stop(mut self) {
        self.plain.process.stop().await;
    }
}

/// Headers that nginx makes itself.
const OWN: [&str; 7] = ["content-length", "content-type", "date", "etag", "last-modified", "server", "accept-ranges"];
