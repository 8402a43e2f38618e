//! The documents of the repository, read.

use crate::block::{Block, Kind};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::fs;
use std::path::{Path, PathBuf};

/// A document.
pub(crate) struct Document {
    /// From the repository's root.
    pub(crate) path: PathBuf,
    pub(crate) blocks: Vec<Block>,
    pub(crate) links: Vec<Link>,
    /// What its headings are called in an address.
    pub(crate) anchors: Vec<String>,
    /// Blocks that cannot be read.
    pub(crate) faults: Vec<String>,
}

/// A link or a picture.
pub(crate) struct Link {
    pub(crate) line: usize,
    pub(crate) to: String,
}

impl Document {
    /// Every document of the repository.
    pub(crate) fn all() -> Vec<Self> {
        let mut paths = Vec::new();
        find(&root(), ".md", &mut paths);
        paths.sort();
        assert!(paths.iter().any(|path| path.ends_with("README.md")), "no documents in {}", root().display());
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a document can be read");
        let path = path.strip_prefix(root()).expect("it was found there").to_owned();
        let mut document =
            Self { path, blocks: Vec::new(), links: Vec::new(), anchors: Vec::new(), faults: Vec::new() };
        let line_of = |byte: usize| 1 + text[..byte].matches('\n').count();
        let mut heading: Option<String> = None;
        let mut code: Option<(String, usize, String)> = None;
        for (event, range) in Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => document.anchors.extend(heading.take().map(|title| anchor(&title))),
                Event::Start(Tag::Link { dest_url: to, .. } | Tag::Image { dest_url: to, .. }) => {
                    document.links.push(Link { line: line_of(range.start), to: to.into_string() });
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    let info = match kind {
                        CodeBlockKind::Fenced(info) => info.into_string(),
                        CodeBlockKind::Indented => INDENTED.to_owned(),
                    };
                    code = Some((info, line_of(range.start), String::new()));
                }
                Event::End(TagEnd::CodeBlock) => {
                    let (info, line, content) = code.take().expect("it began");
                    document.block(&info, &content, line);
                }
                Event::Start(Tag::HtmlBlock) => {
                    if let Some((info, content)) = hidden(&text[range.clone()]) {
                        document.block(info, content, line_of(range.start));
                    }
                }
                Event::Text(words) | Event::Code(words) => {
                    if let Some((_, _, content)) = &mut code {
                        content.push_str(&words);
                    } else if let Some(title) = &mut heading {
                        title.push_str(&words);
                    }
                }
                _ => {}
            }
        }
        document
    }

    fn block(&mut self, info: &str, text: &str, line: usize) {
        if info == INDENTED && self.path.ends_with("CONTRIBUTING.md") {
            return;
        }
        match Block::read(info, text, format!("{}:{line}", self.name())) {
            Ok(block) => self.blocks.push(block),
            Err(fault) => self.faults.push(fault),
        }
    }

    /// Its name, for messages.
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Its blocks of a kind.
    pub(crate) fn of(&self, kind: Kind) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a member lies in its workspace").to_owned()
}

/// The names of the packages of the workspace.
pub(crate) fn packages() -> Vec<String> {
    let mut manifests = Vec::new();
    find(&root(), "Cargo.toml", &mut manifests);
    let read = |path: &PathBuf| fs::read_to_string(path).expect("a manifest can be read");
    let name = |text: String| Some(text.split_once("[package]\nname = \"")?.1.split('"').next()?.to_owned());
    manifests.iter().map(read).filter_map(name).collect()
}

fn find(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("a folder can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && !NOT_OURS.contains(&name.as_str()) {
            find(&path, ending, found);
        } else if name.ends_with(ending) && path.is_file() {
            found.push(path);
        }
    }
}

/// A heading in an address, as GitHub and mdBook make it.
fn anchor(title: &str) -> String {
    let kept = title.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The info string and the content of a block in a comment.
fn hidden(html: &str) -> Option<(&str, &str)> {
    let (info, rest) = html.trim_end().strip_prefix("<!-- ")?.split_once('\n')?;
    let content = rest.strip_suffix("-->")?;
    (!info.contains("-->")).then_some((info.trim(), content))
}

const INDENTED: &str = "an indented block";
/// Folders of others.
const NOT_OURS: [&str; 2] = ["target", "node_modules"];
