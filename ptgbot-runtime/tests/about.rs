//! What `ptgbot` tells a shell and `man` about itself.

mod common;

use common::run;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn bash_completes_commands_and_flags() {
    let completions = run(&["completions", "bash"], "");
    assert_eq!(completions.status.code(), Some(0));
    let Some(completed) = in_bash(&completions.stdout, &["ptgbot", "reh"]) else { return };
    assert_eq!(completed, "rehearse\n");
    assert_eq!(in_bash(&completions.stdout, &["ptgbot", "serve", "--li"]).as_deref(), Some("--listen\n"));
}

#[test]
fn every_shell_has_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(&["completions", shell], "");
        assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("rehearse"), "{shell}");
    }
    assert_eq!(run(&["completions", "cmd"], "").status.code(), Some(2));
}

#[test]
fn every_command_has_a_page_without_a_fault() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("man1");
    assert!(run(&["man", pages.to_str().expect("a path")], "").status.success());
    let mut names: Vec<_> = fs::read_dir(&pages).expect("pages").map(|page| page.expect("a page").path()).collect();
    names.sort();
    assert!(names.len() > 15 && names.contains(&pages.join("ptgbot-serve.1")), "{names:?}");
    for page in names {
        let text = fs::read_to_string(&page).expect("a page");
        assert!(text.contains(".SH EXAMPLES\n"), "{}", page.display());
        let man = Command::new("man").args(["--warnings=w", "-l"]).arg(&page).env("MANPAGER", "cat").output();
        // Not everybody who builds this has man.
        let Ok(man) = man else { continue };
        let warnings = String::from_utf8_lossy(&man.stderr);
        assert!(man.status.success() && warnings.is_empty(), "{}: {warnings}", page.display());
    }
    let one = String::from_utf8(run(&["man"], "").stdout).expect("text");
    assert!(one.contains("ptgbot\\-serve(1)") && one.contains(".SH EXAMPLES\n"), "{one}");
}

/// What bash makes of a line with these completions; nothing where there is no bash.
fn in_bash(completions: &[u8], line: &[&str]) -> Option<String> {
    let words = line.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let last = line.len() - 1;
    let asks = format!(
        "\nCOMP_WORDS=({words}); COMP_CWORD={last}; _ptgbot ptgbot '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        line[last],
        line[last - 1]
    );
    let mut bash = Command::new("bash").arg("--norc").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    bash.stdin.take()?.write_all(&[completions, asks.as_bytes()].concat()).expect("it reads");
    let output = bash.wait_with_output().expect("it ends");
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).expect("text"))
}
