//! A value for whose change many may wait; those who waited first go on first, in every run alike.

use std::sync::Mutex;
use tokio::sync::Notify;

#[derive(Default)]
pub(crate) struct Signal<T> {
    value: Mutex<T>,
    changed: Notify,
}

impl<T: Copy> Signal<T> {
    pub(crate) fn get(&self) -> T {
        *self.value.lock().expect("no panic")
    }

    pub(crate) fn set(&self, value: T) {
        *self.value.lock().expect("no panic") = value;
        self.changed.notify_waiters();
    }

    pub(crate) async fn wait(&self, is_wanted: impl Fn(T) -> bool) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if is_wanted(self.get()) {
                return;
            }
            changed.await;
        }
    }
}
