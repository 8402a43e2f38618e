use super::*;
use crate::metrics::Waiting;
use crate::permit::Until;
use async_trait::async_trait;
use ptgbot_core::{Delivery, Folding, Network, Outcome, SendError, Sending as Piece, Target};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A network that takes one piece for each permit, cuts texts at blanks, and never answers in one room or to one text.
struct Slow {
    permits: mpsc::Receiver<()>,
    taken: mpsc::UnboundedSender<String>,
}

#[async_trait]
impl Outlet for Slow {
    fn split(&self, message: Outgoing) -> Vec<Outgoing> {
        match message {
            Outgoing::Reply { to, user, in_reply_to, reply } => {
                let piece = |text: &str| Outgoing::Reply {
                    to: to.clone(),
                    user: user.clone(),
                    in_reply_to: in_reply_to.clone(),
                    reply: text.into(),
                };
                reply.to_string().split(' ').map(piece).collect()
            }
            other => vec![other],
        }
    }

    async fn ready(&mut self) {
        if self.permits.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
    }

    fn send(&mut self, piece: Outgoing) -> Piece {
        let target = piece.target();
        let (Outgoing::Reply { reply, .. } | Outgoing::Notify { reply, .. } | Outgoing::Announce { reply, .. }) = piece
        else {
            return Box::pin(async { Err(SendError::Refused("no reactions here".into())) });
        };
        let taken = self.taken.clone();
        Box::pin(async move {
            if target == Target::Person(person("gone")) {
                return Err(SendError::Refused("no such nick".into()));
            }
            if target == Target::Room("#dead".into()) || reply.to_string() == "stuck" {
                std::future::pending::<()>().await;
            }
            taken.send(reply.to_string()).map_err(|_| SendError::Refused("the test has ended".into()))
        })
    }

    async fn handled(&mut self, handled: Handled) {
        self.taken.send(format!("handled {}", handled.revision)).ok();
    }
}

/// An outbox with its network; notifications are remembered as the driver does it, at once.
struct Stage {
    outbox: Outbox,
    permits: mpsc::Sender<()>,
    may_speak: watch::Sender<Until>,
    taken: mpsc::UnboundedReceiver<String>,
    marked: Arc<Mutex<Vec<String>>>,
    sending: JoinHandle<Result<(), TransportError>>,
    stop: CancellationToken,
}

impl Stage {
    fn new(options: Options) -> Self {
        let (may_speak, permit) = Permit::new(Until::Always);
        let ((permits, waiting), (taken, seen)) = (mpsc::channel(200), mpsc::unbounded_channel());
        let (outbox, sending, mut progress) =
            Outbox::new(Box::new(Slow { permits: waiting, taken }), options, permit, Waiting::default());
        let stop = CancellationToken::new();
        let sending = tokio::spawn(sending.run(stop.clone()));
        let marked = Arc::<Mutex<Vec<String>>>::default();
        let marks = marked.clone();
        tokio::spawn(async move {
            while let Some(progress) = progress.recv().await {
                let mark = match progress {
                    Progress::Sending(who, revision, durable) => {
                        durable.send(()).ok();
                        format!("sending {} {revision}", who.key())
                    }
                    Progress::Taken(who, revision) => format!("taken {} {revision}", who.key()),
                };
                marks.lock().expect("no panic").push(mark);
            }
        });
        Self { outbox, permits, may_speak, taken: seen, marked, sending, stop }
    }

    async fn permit(&self, count: usize) {
        for _ in 0..count {
            self.permits.send(()).await.expect("room for permits");
        }
    }

    async fn next(&mut self) -> String {
        self.taken.recv().await.expect("something is taken")
    }

    async fn take(&mut self, count: usize) -> Vec<String> {
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(self.next().await);
        }
        all
    }
}

fn person(name: &str) -> PersonId {
    PersonId::new(&Network::nearest("oftc"), name, Folding::Ascii)
}

fn answer(to: Target, text: &str, revision: Revision) -> Answered {
    let message = Outgoing::Reply { to, user: None, in_reply_to: None, reply: text.into() };
    Answered {
        messages: vec![message],
        who: None,
        role: Role::Member,
        handled: Some(Handled::new(None, Outcome::Answered, revision)),
    }
}

fn in_room(room: &str, text: &str, revision: Revision) -> Answered {
    answer(Target::Room(room.into()), text, revision)
}

fn in_private(name: &str, text: &str, revision: Revision) -> Answered {
    answer(Target::Person(person(name)), text, revision)
}

fn notification(name: &str, text: &str) -> Notification {
    Notification { to: person(name), revision: 7, changed_at: chrono::DateTime::UNIX_EPOCH, reply: text.into() }
}

#[tokio::test]
async fn an_answer_does_not_wait_for_a_notification_that_is_stuck() {
    let mut options = Options::default();
    options.delivery = Delivery::WhenTaken;
    let mut stage = Stage::new(options);
    stage.outbox.notify(vec![notification("jane", "stuck"), notification("mary", "told")]);
    stage.permit(2).await;
    assert_eq!(stage.next().await, "told");
    stage.outbox.answer(in_private("jane", "answer", 1));
    stage.permit(1).await;
    assert_eq!(stage.take(2).await, ["answer", "handled 1"]);
}

#[tokio::test]
async fn only_some_are_told_at_once_where_the_network_says_so() {
    let mut options = Options::default();
    options.delivery = Delivery::WhenTaken;
    options.told_at_once = 2;
    let mut stage = Stage::new(options);
    // Who came last has the first turn.
    let three = vec![notification("john", "told"), notification("mary", "stuck"), notification("jane", "stuck")];
    stage.outbox.notify(three);
    stage.outbox.answer(in_private("john", "answer", 1));
    stage.permit(20).await;
    assert_eq!(stage.take(2).await, ["answer", "handled 1"]);
    tokio::task::yield_now().await;
    assert!(stage.taken.try_recv().is_err(), "two of three are being told");
}

#[tokio::test]
async fn rooms_go_before_private_answers_and_those_before_notifications() {
    let mut stage = Stage::new(Options::default());
    stage.outbox.notify(vec![notification("john", "told")]);
    stage.outbox.answer(in_private("jane", "one two three", 1));
    stage.outbox.answer(in_private("mary", "short", 2));
    stage.outbox.answer(in_room("#ptg", "public", 3));
    // All of it is there before anything may leave.
    tokio::task::yield_now().await;
    stage.permit(20).await;
    let wanted = ["public", "handled 3", "short", "handled 2", "one", "two", "three", "handled 1", "told"];
    assert_eq!(stage.take(9).await, wanted);
}

#[tokio::test]
async fn many_who_ask_in_a_room_keep_nobody_who_asks_in_private() {
    let mut stage = Stage::new(Options::default());
    (1..=9).for_each(|number| stage.outbox.answer(asked(&format!("s{number}"), Role::Member, "a", number)));
    stage.outbox.answer(in_private("mary", "b b", 10));
    tokio::task::yield_now().await;
    stage.permit(20).await;
    let said: Vec<_> = stage.take(21).await.into_iter().filter(|said| !said.starts_with("handled")).collect();
    assert_eq!(said.concat(), "aaabaaabaaa");
}

#[tokio::test]
async fn what_waits_for_somebody_who_is_gone_is_dropped() {
    let mut stage = Stage::new(Options::default());
    stage.outbox.answer(in_private("jane", "here too", 4));
    (1..=3).for_each(|number| stage.outbox.answer(in_private("gone", "one two", number)));
    tokio::task::yield_now().await;
    // A line each for the two of them, and one more.
    stage.permit(3).await;
    let mut said = stage.take(6).await;
    said.sort_unstable();
    assert_eq!(said, ["handled 1", "handled 2", "handled 3", "handled 4", "here", "too"]);
}

#[tokio::test]
async fn a_pipe_says_everything_in_the_order_in_which_it_was_handled() {
    let mut stage = Stage::new(Options::pipe());
    stage.outbox.answer(in_private("jane", "one two", 1));
    stage.outbox.notify(vec![notification("john", "told")]);
    stage.outbox.answer(in_room("#ptg", "public", 3));
    stage.permit(10).await;
    assert_eq!(stage.take(6).await, ["one", "two", "handled 1", "told", "public", "handled 3"]);
}

#[tokio::test]
async fn a_dead_room_holds_nobody_else_up() {
    let mut stage = Stage::new(Options::default());
    stage.outbox.answer(in_room("#dead", "one two", 1));
    stage.outbox.answer(in_room("#alive", "a b", 2));
    stage.outbox.notify(vec![notification("john", "told")]);
    stage.permit(20).await;
    assert_eq!(stage.take(4).await, ["a", "b", "handled 2", "told"]);
}

#[tokio::test]
async fn a_notification_is_remembered_before_it_is_sent_or_when_it_was_taken() {
    for (delivery, wanted) in
        [(Delivery::BeforeSending, vec!["sending john 7", "taken john 7"]), (Delivery::WhenTaken, vec!["taken john 7"])]
    {
        let mut options = Options::default();
        options.delivery = delivery;
        let mut stage = Stage::new(options);
        stage.outbox.notify(vec![notification("john", "told")]);
        stage.permit(2).await;
        assert_eq!(stage.next().await, "told");
        drop(stage.outbox);
        stage.sending.await.expect("no panic").expect("sent");
        assert_eq!(*stage.marked.lock().expect("no panic"), wanted);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_leaves_notifications_to_the_next_start_and_does_not_wait_for_ever() {
    let stage = Stage::new(Options::default());
    stage.outbox.notify(vec![notification("john", "told"), notification("mary", "told")]);
    stage.outbox.answer(in_room("#ptg", "never leaves", 1));
    tokio::task::yield_now().await;
    drop(stage.outbox);
    stage.stop.cancel();
    stage.sending.await.expect("no panic").expect("given up");
    assert!(stage.marked.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn who_asks_faster_than_the_network_takes_is_told_so_once() {
    let mut stage = Stage::new(Options::default());
    (1..=9).for_each(|number| stage.outbox.answer(in_private("jane", "a", number)));
    tokio::task::yield_now().await;
    stage.permit(40).await;
    let mut said = Vec::new();
    let mut handled = 0;
    while handled < 9 {
        let left = stage.next().await;
        if left.starts_with("handled") { handled += 1 } else { said.push(left) }
    }
    let told: Vec<_> = said.iter().filter(|said| *said != "a").cloned().collect();
    assert_eq!(told.join(" "), "You ask faster than I may answer here: wait for these answers, then ask again.");
    assert_eq!(said.iter().filter(|said| *said == "a").count(), 5);
}

/// What somebody in the room asked.
fn asked(name: &str, role: Role, text: &str, revision: Revision) -> Answered {
    Answered { who: Some(person(name)), role, ..in_room("#ptg", text, revision) }
}

#[tokio::test]
async fn in_a_room_moderators_go_first_then_short_answers_and_members_do_not_mix() {
    let mut stage = Stage::new(Options::default());
    stage.outbox.answer(asked("mallory", Role::Member, "m1 m2 m3", 1));
    stage.permit(1).await;
    assert_eq!(stage.next().await, "m1");
    stage.outbox.answer(asked("eve", Role::Member, "e1 e2", 2));
    stage.outbox.answer(asked("john", Role::Member, "j1", 3));
    stage.outbox.answer(asked("jane", Role::Voice, "moderator", 4));
    tokio::task::yield_now().await;
    stage.permit(20).await;
    let said: Vec<_> = stage.take(10).await.into_iter().filter(|said| !said.starts_with("handled")).collect();
    assert_eq!(said, ["moderator", "m2", "m3", "j1", "e1", "e2"]);
}

#[tokio::test]
async fn many_answers_to_some_keep_nobody_else_waiting() {
    let mut stage = Stage::new(Options::default());
    for (name, text) in [("eve", "e"), ("bob", "b"), ("carl", "c")] {
        (1..=3).for_each(|number| stage.outbox.answer(asked(name, Role::Member, text, number)));
    }
    stage.outbox.answer(asked("dora", Role::Member, "d", 4));
    tokio::task::yield_now().await;
    stage.permit(10).await;
    let said: Vec<_> = stage.take(20).await.into_iter().filter(|said| !said.starts_with("handled")).collect();
    assert_eq!(said.concat(), "ebcdebcebc");
}

#[tokio::test]
async fn who_floods_a_room_is_told_so_and_comes_after_notifications() {
    let mut stage = Stage::new(Options::default());
    let long = "a ".repeat(LINES_OF_A_FLOOD).trim().to_owned();
    stage.outbox.answer(asked("mallory", Role::Member, &long, 1));
    stage.permit(LINES_OF_A_FLOOD).await;
    stage.take(LINES_OF_A_FLOOD + 1).await;
    (2..=24).for_each(|number| stage.outbox.answer(asked("mallory", Role::Member, "b", number)));
    stage.outbox.notify(vec![notification("john", "told")]);
    stage.outbox.answer(asked("jane", Role::Member, "c c", 25));
    tokio::task::yield_now().await;
    stage.permit(60).await;
    let mut said = Vec::new();
    while said.iter().filter(|said: &&String| said.starts_with("handled")).count() < 24 {
        said.push(stage.next().await);
    }
    // Those that are not answered at all have ended at once.
    let words: Vec<_> = said.iter().filter(|said| !said.starts_with("handled")).map(String::as_str).collect();
    let told = "You ask faster than I may answer here: wait for these answers, then ask again.";
    assert_eq!(words.join(" "), format!("c c told {}{told}", "b ".repeat(20)));
}

const LINES_OF_A_FLOOD: usize = 12;

#[tokio::test]
async fn what_the_network_has_not_confirmed_yet_does_not_count_as_waiting() {
    let mut options = Options::default();
    options.under_way = 100;
    let mut stage = Stage::new(options);
    for number in 1..=20 {
        stage.outbox.answer(in_private("jane", "stuck", number));
        stage.permit(1).await;
        while stage.permits.capacity() < stage.permits.max_capacity() {
            tokio::task::yield_now().await;
        }
    }
    stage.outbox.answer(in_private("jane", "last", 21));
    stage.permit(1).await;
    assert_eq!(stage.take(2).await, ["last", "handled 21"]);
}

#[tokio::test(start_paused = true)]
async fn many_who_ask_keep_no_notification_for_ever() {
    let mut stage = Stage::new(Options::default());
    stage.outbox.notify(vec![notification("john", "told"), notification("mary", "told")]);
    (1..=20).for_each(|number| stage.outbox.answer(asked(&format!("s{number}"), Role::Member, "a", number)));
    tokio::task::yield_now().await;
    stage.permit(4).await;
    assert!(stage.take(8).await.iter().all(|said| said != "told"));
    tokio::time::advance(Duration::from_secs(31)).await;
    let mut said = Vec::new();
    while said.len() < 6 {
        stage.permit(1).await;
        said.extend(Some(stage.next().await).filter(|said| !said.starts_with("handled")));
    }
    assert_eq!(said.iter().filter(|said| *said == "told").count(), 2, "{said:?}");
}

#[tokio::test]
async fn a_moderator_is_always_answered_and_in_order() {
    let mut stage = Stage::new(Options::default());
    (1..=20).for_each(|number| stage.outbox.answer(asked("jane", Role::Op, &number.to_string(), number)));
    tokio::task::yield_now().await;
    stage.permit(20).await;
    let said: Vec<_> = stage.take(40).await.into_iter().filter(|said| !said.starts_with("handled")).collect();
    assert_eq!(said, (1..=20).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn nothing_leaves_while_the_bot_may_not_speak_and_all_of_it_once_it_may() {
    let mut stage = Stage::new(Options::default());
    let soon = Duration::from_secs(5);
    stage.may_speak.send_replace(Until::Moment(Instant::now() + soon));
    stage.outbox.answer(in_room("#ptg", "one", 1));
    stage.permit(1).await;
    assert_eq!(stage.take(2).await, ["one", "handled 1"]);
    tokio::time::advance(soon).await;
    stage.outbox.answer(in_room("#ptg", "two", 2));
    stage.outbox.notify(vec![notification("jane", "news")]);
    stage.permit(9).await;
    let silent = tokio::time::timeout(soon, stage.taken.recv()).await;
    assert!(silent.is_err(), "{silent:?}");
    stage.may_speak.send_replace(Until::Moment(Instant::now() + soon));
    assert_eq!(stage.take(3).await, ["two", "handled 2", "news"]);
}

#[tokio::test]
async fn once_another_process_speaks_the_outbox_ends_and_leaves_the_rest_unsaid() {
    let mut stage = Stage::new(Options::default());
    stage.may_speak.send_replace(Until::Over);
    stage.outbox.answer(in_room("#ptg", "one", 1));
    stage.permit(9).await;
    stage.sending.await.expect("no panic").expect("no fault");
    assert_eq!(stage.taken.recv().await, None);
}

/// A network on which another process speaks as soon as a request was over.
struct Overtaken {
    may_speak: watch::Sender<Until>,
    left: Option<Duration>,
    closed: Option<oneshot::Sender<Option<Duration>>>,
}

#[async_trait]
impl Outlet for Overtaken {
    fn send(&mut self, _piece: Outgoing) -> Piece {
        Box::pin(async { Ok(()) })
    }

    fn speak_for(&mut self, left: Option<Duration>) {
        self.left = left;
    }

    async fn handled(&mut self, _handled: Handled) {
        self.may_speak.send_replace(Until::Over);
    }

    async fn close(mut self: Box<Self>) -> Result<(), TransportError> {
        self.closed.take().and_then(|closed| closed.send(self.left).ok());
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn the_network_is_told_that_another_process_speaks_before_it_says_goodbye() {
    let (may_speak, permit) = Permit::new(Until::Moment(Instant::now() + Duration::from_secs(10)));
    let (closed, told) = oneshot::channel();
    let outlet = Overtaken { may_speak, left: None, closed: Some(closed) };
    let (outbox, sending, _progress) = Outbox::new(Box::new(outlet), Options::default(), permit, Waiting::default());
    outbox.answer(in_room("#ptg", "hello", 1));
    sending.run(CancellationToken::new()).await.expect("a clean end");
    assert_eq!(told.await.expect("it was closed"), Some(Duration::ZERO));
}
