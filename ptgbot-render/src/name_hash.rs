//! A number made of a name, the same for ever: it stands in addresses and identities that subscribers keep.

/// FNV-1a with 32 bits; two names may share one.
pub(crate) fn name_hash(name: impl Iterator<Item = u8>) -> u32 {
    name.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
