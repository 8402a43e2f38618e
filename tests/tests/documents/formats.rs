//! Blocks that other programs read.

use crate::block::Block;
use ptgbot_tests::certificates::Certificates;
use ptgbot_tests::process::free_port;
use regex::{Captures, Regex};
use serde_json::{Deserializer, Value};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Whether one JSON value after the other can be read.
pub(crate) fn json(block: &Block) -> Result<(), String> {
    let values: Result<Vec<Value>, _> = Deserializer::from_str(&block.text).into_iter().collect();
    match values {
        Ok(values) if values.is_empty() => Err("nothing".into()),
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// Whether nginx takes it, on ports of its own, and with certificates that there are.
pub(crate) fn nginx(block: &Block, nginx: &Path) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let place = folder.path().display();
    let listens = pattern(r"listen (\[::\]:)?\d+");
    let text = listens.replace_all(&block.text, |_: &Captures<'_>| format!("listen 127.0.0.1:{}", free_port()));
    let text = if text.contains("ssl_certificate") {
        let own = Certificates::make(folder.path()).ok_or("openssl makes no certificate")?.server;
        let certificate = format!("ssl_certificate {};", own.certificate.display());
        let text = pattern(r"ssl_certificate [^;]+;").replace_all(&text, certificate);
        let key = format!("ssl_certificate_key {};", own.key.display());
        pattern(r"ssl_certificate_key [^;]+;").replace_all(&text, key).into_owned()
    } else {
        text.into_owned()
    };
    let text = if text.trim_start().starts_with("location") { format!("server {{\n{text}\n}}") } else { text };
    let config = format!(
        "pid {place}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n\
         client_body_temp_path {place}/c;\nproxy_temp_path {place}/p;\nfastcgi_temp_path {place}/f;\n\
         uwsgi_temp_path {place}/u;\nscgi_temp_path {place}/s;\n{text}\n}}\n"
    );
    let file = folder.path().join("nginx.conf");
    fs::write(&file, config).map_err(|error| error.to_string())?;
    succeeds(Command::new(nginx).args(["-t", "-q", "-e", "stderr", "-c"]).arg(&file))
}

/// Whether systemd takes it, with a program that there is.
pub(crate) fn unit(block: &Block, analyze: &Path) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let named = block.file.as_deref().and_then(|file| Path::new(file).file_name());
    let name = named.map_or("ptgbot-document@.service".into(), |name| name.to_string_lossy().into_owned());
    let text = pattern(r"(?m)^(ExecStart\w*)=\S+").replace_all(&block.text, "$1=/bin/true");
    let file = folder.path().join(name);
    fs::write(&file, &*text).map_err(|error| error.to_string())?;
    succeeds(Command::new(analyze).args(["verify", "--man=no"]).arg(&file))
}

fn succeeds(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() && said.trim().is_empty() { Ok(()) } else { Err(said) }
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a valid pattern")
}
