//! Names as the programme spells them: of rooms and of slots.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! programme_name {
    ($(#[$meaning:meta])* $name:ident) => {
        $(#[$meaning])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes a name, dropping what may not stand in one.
            pub fn new(raw: &str) -> Self {
                Self(crate::text::clean_name(raw))
            }

            /// The name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(raw: String) -> Self {
                Self::new(&raw)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

programme_name! {
    /// A room's name; it may hold blanks, dashes and apostrophes.
    RoomName
}

programme_name! {
    /// A slot's short name, such as `MonA1`; it is unique within the event.
    SlotName
}
