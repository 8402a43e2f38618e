//! Compression, and which of it a client takes (RFC 9110 section 12.5.3).

use bytes::Bytes;
use flate2::write::GzEncoder;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use std::io::Write;
use std::thread;

/// How the bytes of a file are packed, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

/// How hard was tried. The same bytes packed the same way always give the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// Somebody waits for it.
    Quick,
    /// There was time.
    Thorough,
}

impl Encoding {
    pub(super) const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Identity];

    /// Packs `raw`; `None` where that gains nothing.
    pub(super) fn pack(self, raw: &[u8], effort: Effort) -> Option<Bytes> {
        if raw.len() < WORTHWHILE {
            return None;
        }
        let packed = match (self, effort) {
            (Self::Brotli, _) => brotli(raw)?,
            (Self::Gzip, Effort::Quick) if raw.len() >= WORTH_TWO => gzip_by_two(raw)?,
            (Self::Gzip, Effort::Quick) => gzip(raw, GZIP_QUICK)?,
            (Self::Gzip, Effort::Thorough) => gzip(raw, GZIP_LEVEL)?,
            (Self::Identity, _) => return None,
        };
        (packed.len() < raw.len()).then(|| packed.into())
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

/// What a client says about encodings; qualities in thousandths.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    brotli: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    others: Option<u16>,
}

impl Wishes {
    /// Reads an `Accept-Encoding` header; there may be several.
    pub(super) fn add(&mut self, list: &str) {
        for item in list.split(',') {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            let quality = quality(parameters);
            let is = |known: &str| name.trim().eq_ignore_ascii_case(known);
            if is("br") {
                self.brotli = Some(quality);
            } else if is("gzip") || is("x-gzip") {
                self.gzip = Some(quality);
            } else if is("identity") {
                self.identity = Some(quality);
            } else if is("*") {
                self.others = Some(quality);
            }
        }
    }

    /// The encodings a client takes, the one it likes most first; those it likes the same in our order. Whoever
    /// takes nothing at all gets the plain bytes.
    pub(super) fn ranked(&self) -> impl Iterator<Item = Encoding> {
        let mut ranked = Encoding::ALL.map(|encoding| (self.quality(encoding), encoding));
        ranked.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
        let taken = ranked.into_iter().filter(|(quality, _)| *quality > 0).map(|(_, encoding)| encoding);
        taken.chain([Encoding::Identity])
    }

    /// True when the client can read it.
    pub(super) fn takes(&self, encoding: Encoding) -> bool {
        self.quality(encoding) > 0
    }

    fn quality(&self, encoding: Encoding) -> u16 {
        match encoding {
            Encoding::Brotli => self.brotli.or(self.others).unwrap_or(0),
            Encoding::Gzip => self.gzip.or(self.others).unwrap_or(0),
            // Plain bytes are fine unless they are ruled out, but nobody asks for them before the others.
            Encoding::Identity => self.identity.or(self.others).unwrap_or(1),
        }
    }
}

/// The `q` parameter; what cannot be read counts as "no".
fn quality(parameters: &str) -> u16 {
    let q = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    let Some(q) = q else { return 1000 };
    match q.parse::<f32>() {
        Ok(q) if (0.0..=1.0).contains(&q) => (q * 1000.0).round() as u16,
        Ok(_) | Err(_) => 0,
    }
}

fn brotli(raw: &[u8]) -> Option<Vec<u8>> {
    let mut packed = Vec::with_capacity(raw.len() / 4);
    let mut writer = brotli::CompressorWriter::new(&mut packed, BUFFER, BROTLI_QUALITY, BROTLI_WINDOW);
    writer.write_all(raw).ok()?;
    drop(writer);
    Some(packed)
}

fn gzip(raw: &[u8], level: u32) -> Option<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::with_capacity(raw.len() / 4), Compression::new(level));
    writer.write_all(raw).ok()?;
    writer.finish().ok()
}

/// Packs the two halves at the same time. They become one stream (RFC 1951): the first ends at a byte's edge and is
/// not the last, so a reader notices nothing.
fn gzip_by_two(raw: &[u8]) -> Option<Vec<u8>> {
    let (first, second) = raw.split_at(raw.len() / 2);
    let deflated = |part: &[u8], flush| {
        let mut crc = Crc::new();
        crc.update(part);
        Some((deflate(part, flush)?, crc))
    };
    let (first, second) = thread::scope(|scope| {
        let first = scope.spawn(|| deflated(first, FlushCompress::Sync));
        let second = deflated(second, FlushCompress::Finish);
        (first.join().ok().flatten(), second)
    });
    let ((first, mut crc), (second, rest)) = (first?, second?);
    crc.combine(&rest);
    Some([GZIP_HEAD.as_slice(), &first, &second, &crc.sum().to_le_bytes(), &crc.amount().to_le_bytes()].concat())
}

fn deflate(raw: &[u8], flush: FlushCompress) -> Option<Vec<u8>> {
    let mut state = Compress::new(Compression::new(GZIP_QUICK), false);
    let mut packed = Vec::with_capacity(raw.len() / 4 + 64);
    loop {
        let from = usize::try_from(state.total_in()).ok()?;
        let status = state.compress_vec(&raw[from..], &mut packed, flush).ok()?;
        let has_room = packed.len() < packed.capacity();
        if status == Status::StreamEnd
            || (flush == FlushCompress::Sync && state.total_in() == raw.len() as u64 && has_room)
        {
            return Some(packed);
        }
        packed.reserve(packed.capacity());
    }
}

/// Below this a packed answer is hardly smaller, and fits into one packet anyway.
const WORTHWHILE: usize = 256;
const BUFFER: usize = 1 << 16;
/// The last tenth of size is not worth the heat.
const BROTLI_QUALITY: u32 = 5;
const BROTLI_WINDOW: u32 = 22;
const GZIP_LEVEL: u32 = 6;
/// A change is to be seen within milliseconds.
const GZIP_QUICK: u32 = 1;
/// From here on a second thread is worth its start.
pub(super) const WORTH_TWO: usize = 128 << 10;
/// RFC 1952 section 2.3: deflate, no flags, no time, quickest, any system.
const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255];

#[cfg(test)]
mod tests {
    use super::*;
    use Encoding::{Brotli, Gzip, Identity};

    fn first(wish: &str) -> Encoding {
        let mut wishes = Wishes::default();
        wishes.add(wish);
        wishes.ranked().next().expect("always one")
    }

    #[test]
    fn the_client_decides() {
        assert_eq!(Wishes::default().ranked().next(), Some(Identity));
        for (wish, best) in [
            ("gzip, deflate, br", Brotli),
            ("GZIP", Gzip),
            ("x-gzip;q=0.5", Gzip),
            ("br;q=0, gzip", Gzip),
            ("br;q=0.1, gzip;q=0.2", Gzip),
            ("*", Brotli),
            ("*;q=0", Identity),
            ("*;q=0, gzip;q=0.001", Gzip),
            ("identity, br;q=0.9", Identity),
            ("identity;q=0, *;q=0", Identity),
            ("br;q=x, gzip;q=7", Identity),
            ("deflate", Identity),
            ("", Identity),
            (",,;;q=,;", Identity),
            ("br ; q = 1.000", Brotli),
        ] {
            assert_eq!(first(wish), best, "{wish}");
        }
    }

    #[test]
    fn what_does_not_shrink_is_not_packed() {
        assert_eq!(Gzip.pack(b"short", Effort::Quick), None);
        let long = "all the same ".repeat(100);
        for (encoding, effort) in [(Brotli, Effort::Thorough), (Gzip, Effort::Thorough), (Gzip, Effort::Quick)] {
            assert!(encoding.pack(long.as_bytes(), effort).expect("packed").len() < 100);
        }
    }

    #[test]
    fn two_halves_are_read_as_one() {
        let noise = |size: usize| (0..size).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect::<Vec<_>>();
        for raw in
            [noise(WORTH_TWO), noise(WORTH_TWO + 77_777), b"all the same ".repeat(90_001), vec![0; WORTH_TWO + 1]]
        {
            let packed = gzip_by_two(&raw).expect("packed");
            let mut read = Vec::new();
            let mut reader = flate2::read::GzDecoder::new(packed.as_slice());
            std::io::Read::read_to_end(&mut reader, &mut read).expect("one stream");
            assert!(read == raw);
            assert_eq!(packed, gzip_by_two(&raw).expect("packed"), "the same bytes for the same tag");
        }
    }
}
