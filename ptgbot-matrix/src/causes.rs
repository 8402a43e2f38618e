//! An error in the words of all that caused it: what a network has failed with is said by the innermost.

use std::error::Error;

/// The error and its causes, each that says more than those before it.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot ask")]
    struct Outer(#[source] io::Error);

    #[derive(Debug, thiserror::Error)]
    #[error(transparent)]
    struct Wrapped(#[from] Outer);

    #[test]
    fn each_cause_is_told_once() {
        let refused = || Outer(io::Error::other("connection refused"));
        assert_eq!(causes(&refused()), "cannot ask: connection refused");
        assert_eq!(causes(&Wrapped(refused())), "cannot ask: connection refused");
        assert_eq!(causes(&Outer(io::Error::other(refused()))), "cannot ask: connection refused");
    }
}
