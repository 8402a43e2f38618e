//! Lists that stay short, whatever people fill them with.

/// The beginning of a list, and how many more there are.
#[derive(Clone, Debug)]
pub(crate) struct Folded<T> {
    pub(crate) shown: Vec<T>,
    pub(crate) more: usize,
}

impl<T> Folded<T> {
    /// At most `limit` of them. What is beyond is counted and never made.
    pub(crate) fn first<S>(limit: usize, mut all: impl Iterator<Item = S>, make: impl FnMut(S) -> T) -> Self {
        let shown = all.by_ref().take(limit).map(make).collect();
        Self { shown, more: all.count() }
    }

    pub(crate) fn none() -> Self {
        Self { shown: Vec::new(), more: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_limit_is_counted() {
        let list = Folded::first(2, 1..=5, |number| number * 10);
        assert_eq!((list.shown, list.more), (vec![10, 20], 3));
        assert_eq!(Folded::first(2, 1..=2, |number| number).more, 0);
    }
}
