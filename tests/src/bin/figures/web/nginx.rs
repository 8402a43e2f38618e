//! nginx with one worker, serving bytes that we have served.

use super::{SERVER_CORE, Server, pinned};
use ptgbot_tests::process::free_port;
use std::error::Error;
use std::path::Path;

/// A running nginx.
pub(super) struct Nginx {
    pub(super) server: Server,
}

impl Nginx {
    /// Serves a page at `/`, compressed beforehand for those who take it.
    pub(super) async fn with(program: &Path, page: &[u8], gzip: &[u8], folder: &Path) -> Result<Self, Box<dyn Error>> {
        let folder = folder.join("nginx");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("index.html"), page)?;
        std::fs::write(folder.join("index.html.gz"), gzip)?;
        let address = format!("127.0.0.1:{}", free_port());
        let place = folder.display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("  {name}_temp_path {place}/{name};\n"))
            .concat();
        let user = if rustix::process::geteuid().is_root() { "user root;\n" } else { "" };
        let config = format!(
            "{user}worker_processes 1;\ndaemon off;\npid {place}/nginx.pid;\nerror_log stderr;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\n{temporary}  access_log off;\n  sendfile on;\n  tcp_nopush on;\n  gzip_static on;\n  \
             open_file_cache max=100;\n  keepalive_requests 1000000000;\n  types {{ text/html html; }}\n  \
             charset utf-8;\n  root {place};\n  server {{ listen {address}; }}\n}}\n"
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, config)?;
        let mut command = pinned(program, SERVER_CORE);
        command.arg("-e").arg("stderr").arg("-c").arg(&file);
        Ok(Self { server: Server::start("nginx", command, address).await? })
    }

    /// Ends it with its worker, which would survive a kill.
    pub(super) async fn stop(mut self) {
        self.server.process.stop().await;
    }
}
