//! Parts of files that documents show.

use crate::block::Block;
use crate::document::root;
use std::fs;
use toml::Table;

/// Whether a block stands in its file, letter by letter.
pub(crate) fn stands_in_its_file(block: &Block) -> Result<(), String> {
    let name = block.file.as_deref().unwrap_or_default();
    let file = fs::read_to_string(root().join(name)).map_err(|error| format!("{name}: {error}"))?;
    if file.contains(block.text.trim_end()) { Ok(()) } else { Err(format!("this does not stand in {name}")) }
}

/// Whether a manifest names crates of ours in their version, with features that they have.
pub(crate) fn names_our_crates(block: &Block) -> Result<(), String> {
    let manifest: Table = block.text.parse().map_err(|error| format!("{error}"))?;
    let ours = manifest.get("dependencies").and_then(|all| all.as_table()).ok_or("no dependencies")?;
    for (name, wanted) in ours.iter().filter(|(name, _)| name.starts_with("ptgbot-")) {
        let version = wanted.as_str().or_else(|| wanted.get("version")?.as_str()).ok_or("no version")?;
        let own = env!("CARGO_PKG_VERSION");
        if !own.starts_with(&format!("{version}.")) {
            return Err(format!("{name} has version {own}, not {version}"));
        }
        let file =
            fs::read_to_string(root().join(name).join("Cargo.toml")).map_err(|error| format!("{name}: {error}"))?;
        let has: Table = file.parse().map_err(|error| format!("{error}"))?;
        let features = wanted.get("features").and_then(|features| features.as_array());
        for feature in features.into_iter().flatten().filter_map(|feature| feature.as_str()) {
            if has.get("features").and_then(|all| all.get(feature)).is_none() {
                return Err(format!("{name} has no feature {feature}"));
            }
        }
    }
    Ok(())
}
