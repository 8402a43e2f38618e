//! Earlier lists, told from the list that followed: what a change took away, and where the rest stands now.

use serde::{Deserialize, Serialize};

/// What stood at one place of an earlier list.
///
/// Exhaustive: there is no third.
///
/// ```
/// use ptgbot_core::Was;
/// let list: Vec<Was<String>> = serde_json::from_str(r#"[2, "gone", 1]"#).unwrap();
/// let followed = ["a".to_owned(), "b".to_owned()];
/// assert_eq!(Was::list_before(&list, &followed), ["b", "gone", "a"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Was<T> {
    /// What stands at this place, from 1, of the list that followed.
    Now(usize),
    /// What is in that list no more.
    Gone(Box<T>),
}

impl<T: Clone> Was<T> {
    /// Tells a list from the one that will follow. `place` says where an item's place, from 1, will be.
    pub(crate) fn of(list: &[T], place: impl Fn(usize) -> Option<usize>) -> Vec<Self> {
        let was = |(item, number): (&T, usize)| match place(number) {
            Some(place) => Self::Now(place),
            None => Self::Gone(Box::new(item.clone())),
        };
        list.iter().zip(1..).map(was).collect()
    }

    /// The earlier list.
    pub fn list_before(list: &[Self], followed: &[T]) -> Vec<T> {
        let item = |was: &Self| match was {
            Self::Now(place) => followed.get(place.checked_sub(1)?).cloned(),
            Self::Gone(item) => Some((**item).clone()),
        };
        list.iter().filter_map(item).collect()
    }
}

/// Where a place of a list will be once another was taken out; for [`Was::of`].
pub(crate) fn without(taken: usize) -> impl Fn(usize) -> Option<usize> {
    move |place| match place.cmp(&taken) {
        std::cmp::Ordering::Less => Some(place),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(place - 1),
    }
}
