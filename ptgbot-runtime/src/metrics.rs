//! Numbers for operators, in the OpenMetrics text format.

use crate::store_status::StoreStatus;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use ptgbot_core::{Network, Outcome};
use std::sync::Arc;

/// What is counted. Clones count into the same numbers.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<MetricSet>);

#[derive(Debug)]
#[cfg_attr(not(feature = "site"), expect(dead_code, reason = "the web server tells them"))]
struct MetricSet {
    registry: Registry,
    revision: Gauge,
    commands: Family<ByOutcome, Counter>,
    notifications: Counter,
    waiting: Family<ByNetwork, Gauge>,
    requests: Family<ByCode, Counter>,
    /// The two most frequent ones, so that they need no search.
    ok: Counter,
    not_modified: Counter,
    listeners: Gauge,
    boards_loaded: Gauge,
    store: StoreStatus,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByOutcome {
    outcome: &'static str,
}

/// What waits until a network takes it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Waiting {
    /// Pieces of answers.
    pub(crate) answers: Gauge,
    /// Messages to subscribers.
    pub(crate) notifications: Gauge,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByNetwork {
    network: String,
    what: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByCode {
    code: u16,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("ptgbot");
        let (revision, listeners) = (Gauge::default(), Gauge::default());
        let commands = Family::<ByOutcome, Counter>::default();
        let notifications = Counter::default();
        let waiting = Family::<ByNetwork, Gauge>::default();
        let requests = Family::<ByCode, Counter>::default();
        let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "This program", build);
        registry.register("board_revision", "Changes of the board that the pages show", revision.clone());
        registry.register("commands", "Messages by how they ended", commands.clone());
        registry.register("notifications", "Messages to subscribers", notifications.clone());
        registry.register("outbox_waiting", "Messages that a network has not taken yet", waiting.clone());
        registry.register("http_requests", "Web requests by status", requests.clone());
        registry.register("event_listeners", "Open event streams", listeners.clone());
        let boards_loaded = Gauge::default();
        registry.register("boards_loaded", "Boards in memory, of those of a database", boards_loaded.clone());
        let store_up = Gauge::default();
        registry.register("store_up", "1 while the store can be read", store_up.clone());
        let store = StoreStatus::new(store_up);
        for outcome in [Outcome::Changed, Outcome::Answered, Outcome::Refused, Outcome::Ignored] {
            drop(commands.get_or_create(&ByOutcome { outcome: word(outcome) }));
        }
        let ok = requests.get_or_create_owned(&ByCode { code: 200 });
        let not_modified = requests.get_or_create_owned(&ByCode { code: 304 });
        let counted = MetricSet {
            registry,
            revision,
            commands,
            notifications,
            waiting,
            requests,
            ok,
            not_modified,
            listeners,
            boards_loaded,
            store,
        };
        Self(Arc::new(counted))
    }
}

impl Metrics {
    /// A message was dealt with.
    pub fn command(&self, outcome: Outcome) {
        self.0.commands.get_or_create(&ByOutcome { outcome: word(outcome) }).inc();
    }

    /// A message to a subscriber was queued.
    pub fn notification(&self) {
        self.0.notifications.inc();
    }

    /// Whether the store can be read: whoever reads it says so here.
    pub fn store(&self) -> &StoreStatus {
        &self.0.store
    }

    /// Where it is told how much waits for a network.
    pub(crate) fn waiting(&self, network: &Network) -> Waiting {
        let gauge = |what| self.0.waiting.get_or_create_owned(&ByNetwork { network: network.to_string(), what });
        Waiting { answers: gauge("answers"), notifications: gauge("notifications") }
    }
}

/// What the web server counts and tells.
#[cfg(feature = "site")]
impl Metrics {
    /// The pages show this revision.
    pub(crate) fn published(&self, revision: ptgbot_core::Revision) {
        self.0.revision.set(i64::try_from(revision).unwrap_or(i64::MAX));
    }

    pub(crate) fn request(&self, status: hyper::StatusCode) {
        match status {
            hyper::StatusCode::OK => self.0.ok.inc(),
            hyper::StatusCode::NOT_MODIFIED => self.0.not_modified.inc(),
            other => self.0.requests.get_or_create(&ByCode { code: other.as_u16() }).inc(),
        };
    }

    pub(crate) fn listeners(&self) -> &Gauge {
        &self.0.listeners
    }

    /// So many boards are in memory.
    pub(crate) fn boards_loaded(&self, count: usize) {
        self.0.boards_loaded.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Everything as text.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        prometheus_client::encoding::text::encode(&mut out, &self.0.registry).expect("a string takes everything");
        out
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Changed => "changed",
        Outcome::Answered => "answered",
        Outcome::Refused => "refused",
        Outcome::Ignored => "ignored",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_counted_is_told() {
        let metrics = Metrics::default();
        metrics.command(Outcome::Refused);
        metrics.clone().notification();
        metrics.published(17);
        metrics.waiting(&Network::nearest("oftc")).notifications.set(3);
        metrics.request(hyper::StatusCode::OK);
        metrics.request(hyper::StatusCode::NOT_FOUND);
        let text = metrics.text();
        for line in [
            "ptgbot_board_revision 17",
            "ptgbot_commands_total{outcome=\"refused\"} 1",
            "ptgbot_commands_total{outcome=\"changed\"} 0",
            "ptgbot_notifications_total 1",
            "ptgbot_outbox_waiting{network=\"oftc\",what=\"notifications\"} 3",
            "ptgbot_outbox_waiting{network=\"oftc\",what=\"answers\"} 0",
            "ptgbot_http_requests_total{code=\"200\"} 1",
            "ptgbot_http_requests_total{code=\"404\"} 1",
            concat!("ptgbot_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
