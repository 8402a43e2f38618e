//! Identities for sessions and rooms, made of their names and so the same for ever: apps know by them what somebody has
//! starred, and would take a session with another one for a new session. That is why they are not UUIDs of version 5,
//! which have the same purpose.

use crate::name_hash::name_hash;
use std::collections::HashSet;

/// A UUID of version 8 (RFC 9562 section 5.8), made of a name.
pub(super) fn guid(name: &str) -> String {
    let hash = name.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    let hash = hash & !(0xf << 76) & !(0x3 << 62) | (0x8 << 76) | (0x2 << 62);
    let hex = format!("{hash:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// Gives out numbers that no two names share.
#[derive(Debug, Default)]
pub(super) struct UniqueNumbers(HashSet<u32>);

impl UniqueNumbers {
    /// The name's own number, or the next one that is free: 1000 to 2³¹ - 1, for apps keep it in 32 bits with a sign.
    pub(super) fn number(&mut self, name: &str) -> u32 {
        let mut number = LEAST + name_hash(name.bytes()) % (MOST - LEAST);
        while !self.0.insert(number) {
            number = if number == MOST { LEAST } else { number + 1 };
        }
        number
    }
}

const LEAST: u32 = 1000;
const MOST: u32 = i32::MAX.unsigned_abs();
/// FNV-1a with 128 bits.
const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_depends_on_the_name_alone_and_says_what_it_is() {
        let ids: HashSet<_> = (0..10_000).map(|number| guid(&format!("oct_swift_MonA{number}"))).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 36 && &id[14..15] == "8" && "89ab".contains(&id[19..20])));
        assert_eq!(guid("oct_swift_MonA1_1@ptgbot"), guid("oct_swift_MonA1_1@ptgbot"));
    }

    #[test]
    fn two_names_with_one_number_get_two() {
        let mut numbers = UniqueNumbers::default();
        let first = numbers.number("a");
        assert_eq!(numbers.number("a"), first + 1);
        assert!((LEAST..=MOST).contains(&first));
    }
}
