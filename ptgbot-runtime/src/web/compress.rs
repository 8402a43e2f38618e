//! Compression of files, once for all who load them.

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// How the bytes of a file are encoded, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    pub(super) const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Identity];

    /// The bytes in this encoding, always the same for the same; `None` where it gains nothing.
    pub(crate) fn compress(self, raw: &Bytes) -> Option<Bytes> {
        let compressed = match self {
            Self::Identity => return Some(raw.clone()),
            Self::Brotli | Self::Gzip if raw.len() < WORTHWHILE => return None,
            Self::Brotli => brotli(raw)?,
            Self::Gzip => gzip(raw)?,
        };
        (compressed.len() < raw.len()).then(|| compressed.into())
    }

    /// For the `Content-Encoding` header.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

fn brotli(raw: &[u8]) -> Option<Vec<u8>> {
    let mut compressed = Vec::with_capacity(raw.len() / 4);
    let mut writer = brotli::CompressorWriter::new(&mut compressed, BUFFER, BROTLI_QUALITY, BROTLI_WINDOW);
    writer.write_all(raw).ok()?;
    drop(writer);
    Some(compressed)
}

fn gzip(raw: &[u8]) -> Option<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::with_capacity(raw.len() / 4), Compression::default());
    writer.write_all(raw).ok()?;
    writer.finish().ok()
}

/// Below this a compressed answer is hardly smaller, and fits into one packet anyway.
const WORTHWHILE: usize = 256;
const BUFFER: usize = 1 << 16;
/// More takes several times as long for a twentieth of the size.
const BROTLI_QUALITY: u32 = 5;
/// 256 KiB: a page is hardly larger, and each doubling doubles the memory that compressing takes.
const BROTLI_WINDOW: u32 = 18;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_shrink_is_not_compressed() {
        let (short, long) = (Bytes::from_static(b"short"), Bytes::from("all the same ".repeat(100)));
        for encoding in [Encoding::Brotli, Encoding::Gzip] {
            assert_eq!(encoding.compress(&short), None);
            assert!(encoding.compress(&long).expect("compressed").len() < 100);
        }
    }
}
