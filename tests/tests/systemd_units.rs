//! The units in `packaging/systemd`: systemd takes every line of them, and they leave a bot little to break.

use ptgbot_tests::skip;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[test]
fn systemd_understands_every_unit_and_finds_it_hardened() {
    let Some(analyze) = skip::needs("systemd-analyze") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    for unit in units() {
        // Where our programs are not installed, others stand for them.
        let text = fs::read_to_string(&unit).expect("a unit").replace("ExecStart=/usr/bin/", "ExecStart=/bin/true ");
        let copy = folder.path().join(unit.file_name().expect("a name"));
        fs::write(&copy, text).expect("the folder is writable");
        let run = |arguments: &[&str]| {
            let output = Command::new(&analyze).args(arguments).arg(&copy).output();
            output.expect("systemd-analyze runs")
        };
        let verified = run(&["verify", "--man=no"]);
        assert!(verified.status.success() && said(&verified).is_empty(), "{}", said(&verified));
        let exposed = run(&["security", "--offline=yes", "--no-pager", &format!("--threshold={MOST_EXPOSED}")]);
        assert!(exposed.status.success(), "{}", said(&exposed));
    }
}

#[test]
fn a_fault_that_somebody_has_to_mend_is_not_tried_for_ever_and_any_other_is() {
    for unit in units() {
        let text = fs::read_to_string(&unit).expect("a unit");
        for line in ["Type=notify", "Restart=always", "RestartPreventExitStatus=2", "StartLimitIntervalSec=0"] {
            assert!(text.lines().any(|written| written == line), "{}: {line}", unit.display());
        }
    }
}

fn units() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/systemd");
    let mut units: Vec<_> = fs::read_dir(folder).expect("units").map(|unit| unit.expect("a file").path()).collect();
    units.sort();
    assert!(!units.is_empty());
    units
}

fn said(output: &Output) -> String {
    let both = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// In tenths of what `systemd-analyze security` gives; 96 is a service without any limits.
const MOST_EXPOSED: u8 = 15;
