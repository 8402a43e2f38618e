//! XML as a small tree with places. Nothing is ever expanded: a document type is refused, and so is every entity but the
//! five that XML itself has.

use super::place::Fault;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// An element with what it holds; comments are dropped.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    /// The byte at which it begins.
    pub(super) at: usize,
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    text: String,
}

/// A whole document.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: Element,
    /// What processing instructions for ptgbot say.
    pub(super) instruction: Option<(usize, String)>,
}

impl Element {
    /// The children of a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The words of a child, where there are some.
    pub(super) fn words(&self, child: &str) -> Option<&str> {
        let child = self.children.iter().find(|one| one.name == child)?;
        Some(child.own_words()).filter(|words| !words.is_empty())
    }

    /// What stands directly in it.
    pub(super) fn own_words(&self) -> &str {
        self.text.trim()
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(key, _)| key == name)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }
}

impl Tree {
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let mut reader = Reader::from_str(text);
        let (mut open, mut root, mut instruction): (Vec<Element>, Option<Element>, _) = (Vec::new(), None, None);
        let mut elements = 0_usize;
        loop {
            let at = position(reader.buffer_position());
            let event = reader
                .read_event()
                .map_err(|error| Fault::at(position(reader.error_position()), format!("no XML: {error}")))?;
            match event {
                Event::Start(ref start) | Event::Empty(ref start) => {
                    elements += 1;
                    if open.len() == DEEPEST || elements > MOST_ELEMENTS {
                        let problem = if open.len() == DEEPEST { "nested too deep" } else { "too many elements" };
                        return Err(Fault::at(at, format!("{problem} for a programme")));
                    }
                    let element = element(start, at)?;
                    match event {
                        Event::Empty(_) => close(element, &mut open, &mut root)?,
                        _ => open.push(element),
                    }
                }
                Event::End(_) => {
                    let element = open.pop().ok_or_else(|| Fault::at(at, "no XML: an end without a start"))?;
                    close(element, &mut open, &mut root)?;
                }
                Event::Text(words) => add(&mut open, at, &words.xml10_content())?,
                Event::CData(words) => add(&mut open, at, &words.xml10_content())?,
                Event::GeneralRef(name) => {
                    let unknown = || Fault::at(at, format!("the entity '&{};' is not known", &*name));
                    let meant = resolved(&name).ok_or_else(unknown)?;
                    add(&mut open, at, meant.encode_utf8(&mut [0; 4]))?;
                }
                Event::PI(said) => {
                    if said.target() == "ptgbot" {
                        instruction = Some((at, said.content().trim().to_owned()));
                    }
                }
                Event::DocType(_) => return Err(Fault::at(at, "a document type (DTD) is not taken")),
                Event::Decl(_) | Event::Comment(_) => {}
                Event::Eof => break,
            }
        }
        if let Some(unclosed) = open.pop() {
            return Err(Fault::at(text.len(), format!("the file ends within <{}>", unclosed.name)));
        }
        let root = root.ok_or_else(|| Fault::at(text.len(), "no XML: there is no element"))?;
        Ok(Self { root, instruction })
    }
}

fn element(start: &BytesStart, at: usize) -> Result<Element, Fault> {
    let name = start.name().as_ref().to_owned();
    let mut attributes = Vec::new();
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| Fault::at(at, format!("no XML: {error}")))?;
        if attributes.len() == MOST_ATTRIBUTES {
            return Err(Fault::at(at, format!("<{name}> has too many attributes")));
        }
        let key = attribute.key.as_ref().to_owned();
        if attributes.iter().any(|(known, _)| *known == key) {
            return Err(Fault::at(at, format!("<{name}> has '{key}' twice")));
        }
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| Fault::at(at, format!("no XML: {error}")))?;
        attributes.push((key, value.into_owned()));
    }
    Ok(Element { name, at, attributes, ..Element::default() })
}

fn close(element: Element, open: &mut [Element], root: &mut Option<Element>) -> Result<(), Fault> {
    match open.last_mut() {
        Some(parent) => parent.children.push(element),
        None if root.is_some() => {
            return Err(Fault::at(element.at, "no XML: a second element stands beside the first"));
        }
        None => *root = Some(element),
    }
    Ok(())
}

fn add(open: &mut [Element], at: usize, words: &str) -> Result<(), Fault> {
    match open.last_mut() {
        Some(element) => element.text.push_str(words),
        None if words.trim().is_empty() => {}
        None => return Err(Fault::at(at, "no XML: text outside of all elements")),
    }
    Ok(())
}

/// `lt`, `#228`, `#xE4`
fn resolved(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

fn position(byte: u64) -> usize {
    usize::try_from(byte).unwrap_or(usize::MAX)
}

/// Deeper than any programme; trees are walked, and dropped, by recursion.
const DEEPEST: usize = 30;
const MOST_ATTRIBUTES: usize = 50;
/// Some twenty of each of the most sessions that are read.
const MOST_ELEMENTS: usize = 3_000_000;
