//! A process: it may sleep at any moment, be cut off from the store, or be killed.

use crate::signal::Signal;
use std::sync::Arc;

/// What a bot runs in. Whatever the bot does outside itself asks it first.
#[derive(Clone)]
pub(crate) struct Process {
    pub(crate) number: usize,
    sleeps: Arc<Signal<bool>>,
    is_cut_off: Arc<Signal<bool>>,
}

impl Process {
    pub(crate) fn new(number: usize) -> Self {
        Self { number, sleeps: Arc::default(), is_cut_off: Arc::default() }
    }

    /// Puts it to sleep, as SIGSTOP does, or wakes it up.
    pub(crate) fn sleep(&self, sleeps: bool) {
        self.sleeps.set(sleeps);
    }

    pub(crate) fn cut_off(&self, is_cut_off: bool) {
        self.is_cut_off.set(is_cut_off);
    }

    pub(crate) fn is_cut_off(&self) -> bool {
        self.is_cut_off.get()
    }

    /// Waits while it sleeps.
    pub(crate) async fn awake(&self) {
        self.sleeps.wait(|sleeps| !sleeps).await;
    }
}
