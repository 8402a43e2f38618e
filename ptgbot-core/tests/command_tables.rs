//! The tables of commands in `docs/src/commands.md` are those of the bot. Run with `UPDATE_DOCS=1` to write them anew.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may read the files of the project")]

use ptgbot_core::command::{Scope, TABLE};
use std::fs;
use std::path::Path;

#[test]
fn the_documents_tell_every_command_as_it_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/commands.md");
    let written = fs::read_to_string(&path).unwrap();
    let mut fresh = written.clone();
    for (name, scope) in [("user", Scope::User), ("track", Scope::Track), ("admin", Scope::Admin)] {
        let start = format!("<!-- commands: {name} -->\n");
        let from = fresh.find(&start).unwrap_or_else(|| panic!("the document has no {start}")) + start.len();
        let to = from + fresh[from..].find("<!-- end -->").unwrap();
        fresh.replace_range(from..to, &table(scope));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &fresh).unwrap();
    } else {
        assert!(written == fresh, "docs/src/commands.md is stale: run this test with UPDATE_DOCS=1");
    }
}

fn table(scope: Scope) -> String {
    let mut table = String::from("\n| command | effect |\n|---|---|\n");
    for spec in TABLE.iter().filter(|spec| spec.scope == scope) {
        let forms = spec.usage.iter().map(|usage| match scope {
            Scope::User => format!("`{usage}`"),
            Scope::Track | Scope::Admin => format!("`{}{usage}`", scope.prefix()),
        });
        let aliases = spec.aliases.iter().map(|alias| format!(" (also `{alias}`)"));
        let forms = forms.collect::<Vec<_>>().join(", ") + &aliases.collect::<String>();
        table.push_str(&format!("| {forms} | {} |\n", spec.help));
    }
    table.push('\n');
    table
}
