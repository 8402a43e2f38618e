//! A store on the command line. What is wrong there is told without what was written, which may hold a password.

use super::StoreAddress;
use clap::builder::{StringValueParser, TypedValueParser, ValueParserFactory};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};
use std::ffi::OsStr;

/// How a store's address is read from the command line.
#[derive(Clone, Copy, Debug)]
pub struct StoreAddressParser;

impl ValueParserFactory for StoreAddress {
    type Parser = StoreAddressParser;

    fn value_parser() -> StoreAddressParser {
        StoreAddressParser
    }
}

impl TypedValueParser for StoreAddressParser {
    type Value = StoreAddress;

    fn parse_ref(&self, command: &Command, flag: Option<&Arg>, written: &OsStr) -> Result<StoreAddress, Error> {
        let written = StringValueParser::new().parse_ref(command, flag, written)?;
        written.parse::<StoreAddress>().map_err(|error| {
            let place = flag.map_or_else(String::new, |flag| format!("{flag}: "));
            Error::raw(ErrorKind::ValueValidation, format!("{place}{error}\n")).with_cmd(command)
        })
    }
}
