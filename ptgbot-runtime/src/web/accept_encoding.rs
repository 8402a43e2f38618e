//! Which encodings a client takes (RFC 9110 section 12.5.3).

use super::compress::Encoding;
use hyper::HeaderMap;
use hyper::header::ACCEPT_ENCODING;

/// What the `Accept-Encoding` headers of a request say; qualities in thousandths.
#[derive(Debug, Default)]
pub(super) struct AcceptEncoding {
    brotli: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    others: Option<u16>,
}

impl AcceptEncoding {
    /// Reads a request's headers; what is no text is passed over.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut accepted = Self::default();
        let lists = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|list| list.to_str().ok());
        for item in lists.flat_map(|list| list.split(',')) {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            let is = |known: &str| name.trim().eq_ignore_ascii_case(known);
            let place = if is("br") {
                &mut accepted.brotli
            } else if is("gzip") || is("x-gzip") {
                &mut accepted.gzip
            } else if is("identity") {
                &mut accepted.identity
            } else if is("*") {
                &mut accepted.others
            } else {
                continue;
            };
            *place = Some(quality(parameters));
        }
        accepted
    }

    /// Which of the encodings on offer, the smallest first, the client likes most. Whoever takes none of them gets the
    /// plain bytes.
    pub(super) fn best(&self, offered: impl DoubleEndedIterator<Item = Encoding>) -> Encoding {
        let taken = offered.rev().filter(|encoding| self.takes(*encoding));
        taken.max_by_key(|encoding| self.quality(*encoding)).unwrap_or(Encoding::Identity)
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

#[cfg(test)]
mod tests {
    use super::*;
    use Encoding::{Brotli, Gzip, Identity};

    #[test]
    fn the_client_decides() {
        assert_eq!(AcceptEncoding::default().best(Encoding::ALL.into_iter()), Identity);
        for (list, best) in [
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
            let headers = [(ACCEPT_ENCODING, list.parse().expect("a value"))].into_iter().collect();
            assert_eq!(AcceptEncoding::of(&headers).best(Encoding::ALL.into_iter()), best, "{list}");
        }
    }
}
