//! What `ptgbot import` reads: programmes of conferences and spreadsheets, each turned into the document that a data file
//! would be, by functions of bytes alone.

mod c3voc;
mod csv;
mod document;
mod format;
mod frab;
mod links;
mod note;
mod place;
mod programme;
mod room_order;
mod rooms;
mod slots;
mod track_name;
mod wall_clock;
mod xml_tree;

pub(crate) use document::Given;
pub(crate) use format::{Format, read_file};
