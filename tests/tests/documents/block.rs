//! A block of a document, and what its info string says.

/// A fenced block, or one in a comment.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    /// The file that it is, or stands in.
    pub(crate) file: Option<String>,
    /// Whether its last command has to fail.
    pub(crate) fails: bool,
    /// Whether its last command runs until the document ends.
    pub(crate) keep: bool,
    /// Document and line, for messages.
    pub(crate) at: String,
}

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Commands and what they print.
    Console,
    /// What people and the bot say.
    Chat,
    /// A configuration of ours, or a manifest.
    Toml,
    Json,
    Nginx,
    /// A unit of systemd.
    Ini,
    /// Part of a file of the repository.
    Excerpt,
    /// A test of the documentation: rustdoc runs it.
    Doctest,
    /// What nobody tests.
    Text,
}

impl Block {
    /// Reads an info string.
    ///
    /// # Errors
    /// When it is none that CONTRIBUTING.md tells of.
    pub(crate) fn read(info: &str, text: &str, at: String) -> Result<Self, String> {
        let mut words = info.split([',', ' ']).filter(|word| !word.is_empty());
        let language = words.next().ok_or_else(|| format!("{at}: a block without an info string"))?;
        let mut block = Self { kind: Kind::Text, text: text.to_owned(), file: None, fails: false, keep: false, at };
        for word in words {
            match word.split_once('=') {
                Some(("file", file)) => block.file = Some(file.to_owned()),
                None if word == "fails" => block.fails = true,
                None if word == "keep" => block.keep = true,
                // A test of the documentation that is built only.
                None if word == "no_run" && language == "rust" => {}
                _ => return Err(format!("{}: what is '{word}'?", block.at)),
            }
        }
        block.kind = match (language, &block.file) {
            ("console", None) => Kind::Console,
            ("chat", None) => Kind::Chat,
            ("toml", _) => Kind::Toml,
            ("json", _) => Kind::Json,
            ("nginx", _) => Kind::Nginx,
            ("ini", _) => Kind::Ini,
            ("text", _) => Kind::Text,
            ("rust", None) => Kind::Doctest,
            ("rust" | "python" | "typescript" | "javascript" | "yaml", Some(_)) => Kind::Excerpt,
            ("markdown" | "html" | "xml" | "css", None) => Kind::Text,
            _ => return Err(format!("{}: a block of '{info}'", block.at)),
        };
        Ok(block)
    }
}
