//! What must hold after every run, whatever failed in it.

use crate::chat::{Chat, STUCK, Sent, What};
use crate::programme::{REMINDED, meetings, reminders};
use crate::store::{Kept, POISON, Store, topic_of};
use ptgbot_core::{Event, Outcome, Revision, Target};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How a run has ended.
pub(crate) struct Verdict {
    /// What should not be.
    pub(crate) wrongs: Vec<String>,
    /// Everything that was said and written, in order.
    pub(crate) story: Vec<String>,
}

impl Verdict {
    pub(crate) fn expect_good(self, seed: u64) {
        let again = format!("SIMULATION_SEED={seed} cargo test -p ptgbot-runtime --test simulation whatever_fails");
        assert!(self.wrongs.is_empty(), "{:#?}\nto see it again: {again}", self.wrongs);
    }
}

/// Judges a run in which all has healed. `ends` counts how often a process of each network has ended at its work.
pub(crate) fn judge(store: &Store, chats: &[Chat], ends: &[usize]) -> Verdict {
    let kept = store.kept();
    let mut wrongs = kept.wrongs.clone();
    let topics: Vec<(Revision, String)> =
        kept.records.iter().filter_map(|record| Some((record.revision, topic_of(record)?))).collect();
    for (chat, ends) in chats.iter().zip(ends) {
        each_command_counts_once(&kept, &topics, chat, *ends, &mut wrongs);
        one_acts_at_a_time(&kept.taken, chat, &mut wrongs);
        everybody_was_told_once(&kept.records, &topics, chat, *ends, &mut wrongs);
        answers_came_first(&topics, chat, &mut wrongs);
        time_is_told_once(&kept.records, chat, &mut wrongs);
    }
    let mut story: Vec<String> = kept.records.iter().map(|record| format!("{record:?}")).collect();
    for chat in chats {
        story.extend(chat.state().sent.iter().map(|sent| format!("{} {:?}", sent.process, sent.what)));
    }
    story.iter_mut().for_each(|line| *line = without_time(line));
    Verdict { wrongs, story }
}

/// The calendar's time is not the simulation's.
fn without_time(line: &str) -> String {
    line.split(", ").filter(|part| !part.starts_with("at: ")).collect()
}

/// Once, or not at all where the store did not take it and whoever said it was told so; a process that ended may have
/// owed them that word.
fn each_command_counts_once(
    kept: &Kept,
    topics: &[(Revision, String)],
    chat: &Chat,
    ends: usize,
    wrongs: &mut Vec<String>,
) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    topics.iter().for_each(|(_, topic)| *counts.entry(topic).or_default() += 1);
    let state = chat.state();
    let refused = state.handled.iter().filter(|(_, outcome)| *outcome == Outcome::Refused);
    let refused: BTreeSet<usize> = refused.map(|(number, _)| state.said[*number].original).collect();
    for (number, said) in state.said.iter().enumerate().filter(|(number, said)| said.original == *number) {
        let Some((_, topic)) = said.text.split_once(" now ") else { continue };
        let count = counts.get(topic).copied().unwrap_or_default();
        let is_refused = refused.contains(&number) || (ends > 0 && kept.not_taken.contains(topic));
        let is_good = if topic.starts_with(POISON) { count == 0 } else { count == 1 || (count == 0 && is_refused) };
        if !is_good {
            wrongs.push(format!("{:?} of {} counts {count} times", said.text, chat.network));
        }
    }
}

fn one_acts_at_a_time(
    taken: &[(ptgbot_core::PersonId, tokio::time::Instant, usize)],
    chat: &Chat,
    wrongs: &mut Vec<String>,
) {
    for sent in &chat.state().sent {
        let mut of_chat = taken.iter().filter(|(account, ..)| account.network() == Some(&chat.network));
        let acts = of_chat.rfind(|(_, at, _)| *at <= sent.begun).map(|(.., process)| *process);
        if acts != Some(sent.process) {
            wrongs.push(format!("process {} says {:?} while {acts:?} acts", sent.process, sent.what));
        }
    }
}

fn everybody_was_told_once(
    records: &[ptgbot_core::Record],
    topics: &[(Revision, String)],
    chat: &Chat,
    ends: usize,
    wrongs: &mut Vec<String>,
) {
    let mut arrived: HashMap<(&str, Revision), usize> = HashMap::new();
    let state = chat.state();
    for sent in state.sent.iter().filter(|sent| sent.has_arrived) {
        if let What::Notification { to, revision } = &sent.what {
            *arrived.entry((to.key(), *revision)).or_default() += 1;
        }
    }
    for ((who, revision), count) in &arrived {
        if *count > 1 {
            wrongs.push(format!("{who} of {} was told of change {revision} {count} times", chat.network));
        }
    }
    let mut lost = Vec::new();
    for who in REMINDED {
        let id = chat.person(who).id;
        let reminded = records.iter().filter(|record| reminders(record).any(|(person, ..)| *person == id));
        let reminded =
            reminded.map(|record| record.revision).filter(|revision| !arrived.contains_key(&(who, *revision)));
        lost.extend(reminded.map(|revision| (who, revision)));
        let since = records.iter().find(|record| {
            matches!(&record.event, Event::Person(ptgbot_core::PersonEvent::Subscribed { person, .. }) if *person == id)
        });
        let Some(since) = since.map(|record| record.revision) else {
            wrongs.push(format!("{who} of {} is no subscriber", chat.network));
            continue;
        };
        let news = topics.iter().map(|(revision, _)| *revision).filter(|revision| *revision > since);
        lost.extend(news.filter(|revision| !arrived.contains_key(&(who, *revision))).map(|revision| (who, revision)));
    }
    if lost.len() > ends {
        wrongs.push(format!("{} lost {lost:?}, and only {ends} processes have ended there", chat.network));
    }
}

/// Each slot of a track is found due once by all bots together, for each who wants to know, and a room hears of nothing twice.
fn time_is_told_once(records: &[ptgbot_core::Record], chat: &Chat, wrongs: &mut Vec<String>) {
    for (who, (track, start)) in REMINDED.into_iter().flat_map(|who| meetings().map(move |meeting| (who, meeting))) {
        let id = chat.person(who).id;
        let found = records.iter().flat_map(reminders).filter(|found| *found == (&id, &track, start)).count();
        if found != 1 {
            wrongs.push(format!("{who} of {} is reminded of {track} {found} times", chat.network));
        }
    }
    let state = chat.state();
    for (place, sent) in state.sent.iter().enumerate() {
        let is_announced = matches!(sent.what, What::Announcement { .. });
        if is_announced && state.sent[..place].iter().any(|earlier| earlier.what == sent.what) {
            wrongs.push(format!("a room of {} is told twice: {:?}", chat.network, sent.what));
        }
    }
}

/// Who asks is answered before others are told of it, by the bot that answers, unless the room is taken up. The one
/// notification that is remembered as sent already goes first.
fn answers_came_first(topics: &[(Revision, String)], chat: &Chat, wrongs: &mut Vec<String>) {
    let revisions: HashMap<&str, Revision> =
        topics.iter().map(|(revision, topic)| (topic.as_str(), *revision)).collect();
    let state = chat.state();
    for (place, sent) in state.sent.iter().enumerate() {
        let What::Answer { message, .. } = &sent.what else { continue };
        let said = &state.said[*message];
        let topic = said.text.split_once(" now ").map(|(_, topic)| topic);
        let Some(revision) = topic.and_then(|topic| revisions.get(topic)) else { continue };
        let of_process = || state.sent[..place].iter().filter(|earlier| earlier.process == sent.process);
        let is_early = |earlier: &&Sent| match &earlier.what {
            What::Notification { to, revision: of } => of == revision && to.key() != STUCK,
            What::Answer { .. } | What::Announcement { .. } => false,
        };
        let found_the_room_free = |early: &&Sent| {
            !of_process().any(|answer| {
                matches!(&answer.what, What::Answer { to: Target::Room(_), .. })
                    && answer.begun <= early.begun
                    && answer.taken.is_none_or(|taken| taken >= early.begun)
            })
        };
        if said.original == *message && of_process().filter(is_early).filter(found_the_room_free).count() > 1 {
            wrongs.push(format!("others of {} were told of {:?} before its answer", chat.network, said.text));
        }
    }
}
