//! Numbers for operators, in the OpenMetrics text format.

use crate::bot_status::BotStatus;
use crate::clock::{self, Clock};
use crate::store_status::StoreStatus;
use chrono::{DateTime, Utc};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use ptgbot_core::{Network, Outcome};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// What is counted. Clones count into the same numbers.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<MetricSet>);

#[derive(Debug)]
#[cfg_attr(not(feature = "web"), expect(dead_code, reason = "the web server tells them"))]
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
    leases: Family<ByAccount, Gauge>,
    connected: Family<OfNetwork, Gauge>,
    bot: Mutex<Option<BotStatus>>,
    lag: Histogram,
    store_calls: Family<ByCall, Histogram, fn() -> Histogram>,
    store: StoreStatus,
    waiting_for_store: Gauge,
    clock: Arc<dyn Clock>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByOutcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByAccount {
    account: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfNetwork {
    network: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByCall {
    call: &'static str,
}

/// What is asked of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreCall {
    /// To keep changes.
    Append,
    /// To give the board, or changes.
    Read,
}

/// What waits until a network takes it, and how long that took.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// Pieces of answers.
    pub(crate) answers: Gauge,
    /// Messages to subscribers.
    pub(crate) notifications: Gauge,
    /// From a change until the network had a message of it.
    lag: Histogram,
    clock: Arc<dyn Clock>,
}

impl Waiting {
    /// The network has taken a message of a change of then.
    pub(crate) fn taken(&self, changed_at: DateTime<Utc>) {
        let since = self.clock.now() - changed_at;
        self.lag.observe(since.as_seconds_f64().max(0.0));
    }
}

impl Default for Waiting {
    /// Of a network that nobody watches.
    fn default() -> Self {
        Self { answers: Gauge::default(), notifications: Gauge::default(), lag: lag(), clock: clock::system() }
    }
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
    /// Those of a process that goes by the system's clock.
    fn default() -> Self {
        Self::by(clock::system())
    }
}

impl Metrics {
    /// Those of a process that goes by a clock.
    pub fn by(clock: Arc<dyn Clock>) -> Self {
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
        let leases = Family::<ByAccount, Gauge>::default();
        registry.register("lease_held", "1 where this process acts for the account", leases.clone());
        let connected = Family::<OfNetwork, Gauge>::default();
        registry.register("connected", "1 while the bot reaches its network", connected.clone());
        let lag = lag();
        registry.register("delivery_lag_seconds", "From a change until a network had a message of it", lag.clone());
        let store_calls = Family::new_with_constructor(store_call as fn() -> Histogram);
        registry.register("store_seconds", "How long the store took", store_calls.clone());
        let store_up = Gauge::default();
        registry.register("store_up", "1 while the store can be read", store_up.clone());
        let store = StoreStatus::new(store_up, clock.clone());
        let waiting_for_store = Gauge::default();
        registry.register("store_waiting", "Messages that wait for the store", waiting_for_store.clone());
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
            leases,
            connected,
            bot: Mutex::default(),
            lag,
            store_calls,
            store,
            waiting_for_store,
            clock,
        };
        Self(Arc::new(counted))
    }

    /// A message was dealt with.
    pub fn command(&self, outcome: Outcome) {
        self.0.commands.get_or_create(&ByOutcome { outcome: word(outcome) }).inc();
    }

    /// A message to a subscriber was queued.
    pub fn notification(&self) {
        self.0.notifications.inc();
    }

    /// Whose numbers these are.
    pub(crate) fn is_of(&self, bot: BotStatus) {
        *self.bot() = Some(bot);
    }

    fn bot(&self) -> MutexGuard<'_, Option<BotStatus>> {
        self.0.bot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Measures a call of the store.
    pub(crate) async fn timed<T>(&self, call: StoreCall, answer: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let answer = answer.await;
        let call = match call {
            StoreCall::Append => "append",
            StoreCall::Read => "read",
        };
        self.0.store_calls.get_or_create(&ByCall { call }).observe(begun.elapsed().as_secs_f64());
        answer
    }

    /// So many messages wait for the store.
    pub(crate) fn waiting_for_store(&self, count: usize) {
        self.0.waiting_for_store.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Whether the store can be read: whoever reads it says so here.
    pub fn store(&self) -> &StoreStatus {
        &self.0.store
    }

    /// Where it is told how much waits for a network.
    pub(crate) fn waiting(&self, network: &Network) -> Waiting {
        let gauge = |what| self.0.waiting.get_or_create_owned(&ByNetwork { network: network.to_string(), what });
        let (lag, clock) = (self.0.lag.clone(), self.0.clock.clone());
        Waiting { answers: gauge("answers"), notifications: gauge("notifications"), lag, clock }
    }

    /// What the process needs for its work and does not have, each in words.
    pub(crate) fn lacks(&self) -> Vec<String> {
        let store = self.store().away_since().map(|since| {
            let since = since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            format!("the store cannot be read since {since}")
        });
        store.into_iter().chain(self.bot().iter().flat_map(BotStatus::lacks)).collect()
    }

    /// True where there is nothing to be reached, or it is.
    pub(crate) fn reaches_its_network(&self) -> bool {
        self.bot().as_ref().is_none_or(|bot| bot.reaches().1)
    }

    /// What the bot does, in words; nothing where there is none.
    pub(crate) fn what_the_bot_does(&self) -> String {
        self.bot().as_ref().map(BotStatus::work).unwrap_or_default()
    }
}

/// What the web server counts and tells.
#[cfg(feature = "web")]
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

    fn look_at_the_bot(&self) {
        let bot = self.bot();
        let Some(bot) = bot.as_ref() else { return };
        let (network, is_reached) = bot.reaches();
        self.0.connected.get_or_create(&OfNetwork { network: network.to_string() }).set(is_reached.into());
        if let Some((account, acts)) = bot.acts_for() {
            self.0.leases.get_or_create(&ByAccount { account: account.to_string() }).set(acts.into());
        }
    }

    /// Everything as text.
    pub(crate) fn text(&self) -> String {
        self.look_at_the_bot();
        let mut out = String::new();
        prometheus_client::encoding::text::encode(&mut out, &self.0.registry).expect("a string takes everything");
        out
    }
}

/// Up to half an hour: so long a network with narrow limits may take.
fn lag() -> Histogram {
    Histogram::new([0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0])
}

/// From a file on a quick disk to a database that is about to be given up.
fn store_call() -> Histogram {
    Histogram::new([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0])
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

    #[tokio::test]
    async fn everything_counted_is_told() {
        let metrics = Metrics::default();
        metrics.command(Outcome::Refused);
        metrics.clone().notification();
        metrics.published(17);
        metrics.waiting(&Network::nearest("oftc")).notifications.set(3);
        metrics.waiting(&Network::nearest("oftc")).taken(DateTime::UNIX_EPOCH);
        metrics.is_of(BotStatus::standing_by("oftc", "ptgbot"));
        metrics.timed(StoreCall::Append, async {}).await;
        metrics.waiting_for_store(5);
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
            "ptgbot_delivery_lag_seconds_count 1",
            "ptgbot_connected{network=\"oftc\"} 1",
            "ptgbot_lease_held{account=\"oftc/ptgbot\"} 0",
            "ptgbot_store_seconds_count{call=\"append\"} 1",
            "ptgbot_store_up 1",
            "ptgbot_store_waiting 5",
            "ptgbot_boards_loaded 0",
            "ptgbot_http_requests_total{code=\"200\"} 1",
            "ptgbot_http_requests_total{code=\"404\"} 1",
            concat!("ptgbot_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }

    /// What the queries of a dashboard name.
    fn queried(dashboard: &serde_json::Value, names: &mut Vec<String>) {
        match dashboard {
            serde_json::Value::Object(fields) => {
                for (key, value) in fields {
                    if let ("expr", Some(query)) = (key.as_str(), value.as_str()) {
                        let words = query.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_');
                        names.extend(words.filter(|word| word.starts_with("ptgbot_")).map(str::to_owned));
                    }
                    queried(value, names);
                }
            }
            serde_json::Value::Array(values) => values.iter().for_each(|value| queried(value, names)),
            _ => {}
        }
    }

    #[tokio::test]
    async fn the_dashboard_asks_only_for_what_is_told() {
        let metrics = Metrics::default();
        metrics.waiting(&Network::nearest("oftc")).taken(DateTime::UNIX_EPOCH);
        metrics.is_of(BotStatus::standing_by("oftc", "ptgbot"));
        metrics.timed(StoreCall::Read, async {}).await;
        let text = metrics.text();
        let told: Vec<_> = text.lines().filter_map(|line| line.split(['{', ' ']).next()).collect();
        let dashboard = include_str!("../../examples/grafana-dashboard.json");
        let mut names = Vec::new();
        queried(&serde_json::from_str(dashboard).expect("JSON"), &mut names);
        assert!(names.len() > 10, "{names:?}");
        for name in names {
            assert!(told.contains(&name.as_str()), "{name} is not in {text}");
        }
    }
}
