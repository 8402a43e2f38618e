//! What a folder holds before and after.

use super::*;
use ptgbot_core::{Board, BoardEvent, Document, Event, Folding, Record, TrackName};
use ptgbot_render::SiteOptions;
use serde_json::json;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use tempfile::{TempDir, tempdir};

fn board_of(tracks: &[&str]) -> Board {
    let mut board = Board::default();
    let tracks = tracks.iter().map(|name| TrackName::parse(name).expect("a name")).collect();
    let at = "2026-10-19T09:00:00Z".parse().expect("a time");
    board.apply(&Record::new(1, at, BoardEvent::TracksAdded { tracks }));
    board
}

fn write(tracks: &[&str], out: &Path) -> Result<(), FolderError> {
    write_board(&board_of(tracks), out)
}

fn write_board(board: &Board, out: &Path) -> Result<(), FolderError> {
    let options = SiteOptions::default();
    write_folder(&Site::new(board, "2026-10-19T09:00:00Z".parse().expect("a time"), &options), out)
}

fn board_with_rooms(names: &[&str]) -> Board {
    let mut board = board_of(&[]);
    let rooms: serde_json::Map<_, _> = names.iter().map(|name| ((*name).to_owned(), json!({}))).collect();
    let document = Document::check(&json!({ "schedule": rooms }), &board, Folding::Lowercase).expect("a data file");
    let event = Event::Board(BoardEvent::DocumentLoaded { document: Box::new(document), source: None });
    let at = "2026-10-19T09:00:00Z".parse().expect("a time");
    board.apply(&Record::new(2, at, event));
    board
}

fn names(out: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(out).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect()
}

/// Files with those that lie compressed beside them.
fn with_gzip(names: &[&str]) -> BTreeSet<String> {
    names.iter().flat_map(|name| [(*name).to_owned(), format!("{name}.gz")]).collect()
}

fn folder() -> (TempDir, PathBuf) {
    let root = tempdir().expect("a folder");
    let out = root.path().join("site");
    (root, out)
}

#[test]
fn what_compresses_well_lies_compressed_beside_it() {
    let (_root, out) = folder();
    for tracks in [&["swift"][..], &["swift", "nova"], &["swift", "nova"], &["nova"]] {
        write(tracks, &out).expect("written");
        let found = names(&out);
        for name in found.iter().filter(|name| name.ends_with(".gz")) {
            let mut plain = Vec::new();
            let packed = fs::File::open(out.join(name)).expect("there");
            io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed), &mut plain).expect("gzip");
            assert_eq!(plain, fs::read(out.join(name.trim_end_matches(".gz"))).expect("there"), "{name}");
        }
        assert!(found.contains("index.html.gz") && found.contains("board.js.gz"));
        assert_eq!(found.contains("swift.ics.gz"), tracks.contains(&"swift"));
    }
}

#[test]
fn a_new_folder_is_made_with_those_above_it() {
    let (root, out) = folder();
    write(&["swift"], &out.join("a/b")).expect("written");
    let found = names(&out.join("a/b"));
    assert!(found.contains("index.html") && found.contains("swift.ics") && found.contains(LIST));
    assert_eq!(names(&out.join("a")).len(), 1);
    assert_eq!(names(root.path()).len(), 1);
}

#[test]
fn files_of_ours_that_are_no_more_go_and_unchanged_ones_keep_their_time() {
    let (root, out) = folder();
    write(&["nova", "swift"], &out).expect("written");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o750)).expect("a mode");
    let before = fs::metadata(out.join("style.css")).expect("there");
    write(&["swift"], &out).expect("written");
    assert!(!out.join("nova.ics").exists() && out.join("swift.ics").exists());
    let after = fs::metadata(out.join("style.css")).expect("there");
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
    assert_eq!(fs::metadata(&out).expect("there").mode() & 0o777, 0o750);
    assert_eq!(names(root.path()).len(), 1, "nothing is left beside it");
}

#[test]
fn the_folder_is_replaced_at_once_and_left_alone_without_a_change() {
    let (_root, out) = folder();
    write(&["nova"], &out).expect("written");
    let first = fs::metadata(&out).expect("there").ino();
    write(&["nova"], &out).expect("written");
    assert_eq!(fs::metadata(&out).expect("there").ino(), first);
    write(&["swift"], &out).expect("written");
    assert_ne!(fs::metadata(&out).expect("there").ino(), first);
}

#[test]
fn what_belongs_to_others_stays() {
    let (_root, out) = folder();
    fs::create_dir_all(out.join("photos")).expect("a folder");
    fs::write(out.join("notes.txt"), "mine").expect("a file");
    write(&["nova", "swift"], &out).expect("written");
    write(&["swift"], &out).expect("written");
    let found = names(&out);
    assert!(found.contains("photos") && found.contains("swift.ics") && !found.contains("nova.ics"));
    assert_eq!(fs::read_to_string(out.join("notes.txt")).expect("there"), "mine");
    assert!(!found.iter().any(|name| name.starts_with(PASSING)));
}

#[test]
fn a_file_of_others_in_the_way_stops_everything() {
    let (_root, out) = folder();
    fs::create_dir(&out).expect("a folder");
    fs::write(out.join("index.html"), "mine").expect("a file");
    let error = write(&["swift"], &out).expect_err("in the way").to_string();
    assert!(error.contains("site/index.html was not written by ptgbot"), "{error}");
    assert_eq!(names(&out), BTreeSet::from(["index.html".to_owned()]));
    assert_eq!(fs::read_to_string(out.join("index.html")).expect("there"), "mine");
}

#[test]
fn a_file_in_place_of_the_folder_is_named() {
    let (_root, out) = folder();
    fs::write(&out, "a file").expect("a file");
    let error = write(&[], &out).expect_err("a file").to_string();
    assert!(error.ends_with("site is not a folder"), "{error}");
    let error = write(&[], &out.join("below")).expect_err("below a file").to_string();
    assert!(error.starts_with("cannot write ") && error.contains("site"), "{error}");
}

#[test]
fn a_link_to_a_folder_stays_a_link_and_a_list_cannot_reach_out() {
    let (root, out) = folder();
    let (real, precious) = (root.path().join("real"), root.path().join("precious"));
    fs::create_dir(&real).expect("a folder");
    fs::write(&precious, "keep").expect("a file");
    fs::write(real.join(LIST), "../precious\n..\n").expect("a list");
    symlink(&real, &out).expect("a link");
    write(&["swift"], &out).expect("written");
    assert!(fs::symlink_metadata(&out).expect("there").is_symlink());
    assert!(real.join("swift.ics").exists());
    assert_eq!(fs::read_to_string(precious).expect("there"), "keep");
}

#[test]
fn a_single_file_is_replaced_through_its_link_with_its_mode() {
    let (root, out) = folder();
    let link = root.path().join("link.json");
    fs::write(&out, "old").expect("a file");
    fs::set_permissions(&out, fs::Permissions::from_mode(0o640)).expect("a mode");
    symlink(&out, &link).expect("a link");
    replace_file(&link, b"new").expect("written");
    assert_eq!(fs::read_to_string(&out).expect("there"), "new");
    assert_eq!(fs::metadata(&out).expect("there").mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    let error = replace_file(&root.path().join("no/where"), b"x").expect_err("no folder").to_string();
    assert!(error.contains("no/where"), "{error}");
}

#[test]
fn calendars_of_rooms_lie_in_a_folder_that_goes_with_the_last_room() {
    let (root, out) = folder();
    write_board(&board_with_rooms(&["Ballroom A", "Saal"]), &out).expect("written");
    assert_eq!(names(&out.join("room")), with_gzip(&["ballroom-a.ics", "saal.ics"]));
    fs::set_permissions(out.join("room"), fs::Permissions::from_mode(0o750)).expect("a mode");
    write_board(&board_with_rooms(&["Saal"]), &out).expect("written");
    assert_eq!(names(&out.join("room")), with_gzip(&["saal.ics"]));
    assert_eq!(fs::metadata(out.join("room")).expect("there").mode() & 0o777, 0o750);
    write(&["swift"], &out).expect("written");
    assert!(!out.join("room").exists());
    assert_eq!(names(root.path()).len(), 1, "nothing is left beside it");
}

#[test]
fn a_folder_of_rooms_that_others_use_too_is_shared_with_them() {
    let (_root, out) = folder();
    fs::create_dir_all(out.join("room")).expect("a folder");
    fs::write(out.join("room/plan.pdf"), "mine").expect("a file");
    write_board(&board_with_rooms(&["Saal"]), &out).expect("written");
    assert_eq!(names(&out.join("room")), &with_gzip(&["saal.ics"]) | &["plan.pdf".to_owned()].into());
    fs::write(out.join("room/ballroom-a.ics"), "mine").expect("a file");
    let error = write_board(&board_with_rooms(&["Ballroom A"]), &out).expect_err("in the way").to_string();
    assert!(error.contains("room/ballroom-a.ics was not written by ptgbot"), "{error}");
    write(&["swift"], &out).expect("written");
    assert_eq!(names(&out.join("room")), ["ballroom-a.ics", "plan.pdf"].map(str::to_owned).into());
}

#[test]
fn a_link_in_place_of_the_folder_of_rooms_is_not_followed() {
    let (root, out) = folder();
    let elsewhere = root.path().join("elsewhere");
    fs::create_dir_all(&elsewhere).expect("a folder");
    fs::create_dir(&out).expect("a folder");
    symlink(&elsewhere, out.join("room")).expect("a link");
    let error = write_board(&board_with_rooms(&["Saal"]), &out).expect_err("a link").to_string();
    assert!(error.contains("site/room was not written by ptgbot"), "{error}");
    assert!(names(&elsewhere).is_empty());
    fs::remove_file(out.join("room")).expect("a link");
    write_board(&board_with_rooms(&["Saal"]), &out).expect("written");
    fs::rename(out.join("room"), root.path().join("moved")).expect("moved");
    symlink(root.path().join("moved"), out.join("room")).expect("a link");
    write(&["swift"], &out).expect_err("a link");
    assert!(root.path().join("moved/saal.ics").exists());
}
