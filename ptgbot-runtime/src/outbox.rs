//! The outbox: what was said and waits until the network takes it. Nothing in it is dropped, and nobody who
//! listens or decides ever waits for it.

use crate::signal::Stop;
use ptgbot_core::{Order, Outgoing, Outlet, TransportError};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::mpsc;

/// Where messages are put. The outbox ends when every clone of this is gone.
#[derive(Clone, Debug)]
pub(crate) struct Outbox(mpsc::UnboundedSender<Outgoing>);

impl Outbox {
    /// An outbox for a network, and the work of sending it.
    pub(crate) fn new(outlet: Box<dyn Outlet>) -> (Self, Sending) {
        let (sender, incoming) = mpsc::unbounded_channel();
        let waiting = Waiting { order: outlet.order(), answers: VecDeque::new(), rest: VecDeque::new() };
        (Self(sender), Sending { outlet, incoming, waiting })
    }

    /// Puts a message in. After the network has failed it goes nowhere; the failure is told elsewhere.
    pub(crate) fn push(&self, message: Outgoing) {
        self.0.send(message).ok();
    }
}

/// The work of sending what is in the outbox.
pub(crate) struct Sending {
    outlet: Box<dyn Outlet>,
    incoming: mpsc::UnboundedReceiver<Outgoing>,
    waiting: Waiting,
}

impl Sending {
    /// Sends until the outbox is closed and empty. The rest then has a while to leave; a pipe has all the time it
    /// needs, unless a stop is asked for.
    pub(crate) async fn run(mut self, stop: Stop) -> Result<(), TransportError> {
        let stopped = async {
            stop.asked().await;
            tokio::time::sleep(PATIENCE).await;
        };
        // A network that takes nothing any more must not hold up the end.
        tokio::select! {
            closed = self.send_until_closed() => closed?,
            () = stopped => {
                tracing::warn!("stopped while the network took nothing");
                return Ok(());
            }
        }
        let order = self.waiting.order;
        let too_late = async move {
            if order == Order::AsSaid {
                stop.asked().await;
            }
            tokio::time::sleep(PATIENCE).await;
        };
        let gave_up = tokio::select! {
            drained = self.drain() => return drained,
            () = too_late => self.waiting.len(),
        };
        tracing::warn!(messages = gave_up, "stopped before everything was sent");
        Ok(())
    }

    async fn send_until_closed(&mut self) -> Result<(), TransportError> {
        while let Some(message) = self.until_closed().await? {
            self.take(message);
        }
        Ok(())
    }

    /// Sends what waits until something new comes; `None` when nothing more will.
    async fn until_closed(&mut self) -> Result<Option<Outgoing>, TransportError> {
        loop {
            while let Ok(message) = self.incoming.try_recv() {
                self.take(message);
            }
            if self.waiting.len() == 0 {
                self.outlet.flush().await?;
                return Ok(self.incoming.recv().await);
            }
            tokio::select! {
                biased;
                message = self.incoming.recv() => return Ok(message),
                () = self.outlet.ready() => {}
            }
            self.send_next().await?;
        }
    }

    async fn drain(&mut self) -> Result<(), TransportError> {
        while self.waiting.len() > 0 {
            self.outlet.ready().await;
            self.send_next().await?;
        }
        self.outlet.flush().await
    }

    async fn send_next(&mut self) -> Result<(), TransportError> {
        match self.waiting.pop() {
            Some(message) => self.outlet.send(message).await,
            None => Ok(()),
        }
    }

    fn take(&mut self, message: Outgoing) {
        if matches!(&message, Outgoing::Notify { user, .. } if !self.outlet.reaches(user)) {
            return;
        }
        for piece in self.outlet.split(message) {
            self.waiting.push(piece);
        }
    }
}

/// Messages in the order in which they leave.
struct Waiting {
    order: Order,
    answers: VecDeque<Outgoing>,
    rest: VecDeque<Outgoing>,
}

impl Waiting {
    fn push(&mut self, message: Outgoing) {
        match self.order {
            Order::AnswersFirst if !is_answer(&message) => self.rest.push_back(message),
            Order::AnswersFirst | Order::AsSaid => self.answers.push_back(message),
        }
    }

    fn pop(&mut self) -> Option<Outgoing> {
        self.answers.pop_front().or_else(|| self.rest.pop_front())
    }

    fn len(&self) -> usize {
        self.answers.len() + self.rest.len()
    }
}

fn is_answer(message: &Outgoing) -> bool {
    match message {
        Outgoing::Reply { .. } | Outgoing::Ack { .. } | Outgoing::Done { .. } | Outgoing::Error { .. } => true,
        Outgoing::Notify { .. } | Outgoing::Announce { .. } => false,
    }
}

/// How long a closed outbox may go on sending.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::stop;
    use async_trait::async_trait;
    use ptgbot_core::{Folding, PersonId, Target};

    /// A network that takes one message for each permit, cuts texts at blanks, and reaches everybody but john.
    struct Slow {
        permits: mpsc::Receiver<()>,
        taken: mpsc::UnboundedSender<String>,
        order: Order,
    }

    #[async_trait]
    impl Outlet for Slow {
        fn split(&self, message: Outgoing) -> Vec<Outgoing> {
            match message {
                Outgoing::Notify { user, text } => {
                    let notify = |text: &str| Outgoing::Notify { user: user.clone(), text: text.to_owned() };
                    text.split(' ').map(notify).collect()
                }
                other => vec![other],
            }
        }

        async fn ready(&mut self) {
            if self.permits.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
        }

        async fn send(&mut self, message: Outgoing) -> Result<(), TransportError> {
            let (Outgoing::Reply { text, .. } | Outgoing::Notify { text, .. }) = message else {
                return Err(TransportError::new("not sent in this test"));
            };
            self.taken.send(text).map_err(TransportError::new)
        }

        fn order(&self) -> Order {
            self.order
        }

        fn reaches(&self, person: &PersonId) -> bool {
            person.as_str() != "john"
        }
    }

    fn slow(order: Order) -> (Slow, mpsc::Sender<()>, mpsc::UnboundedReceiver<String>) {
        let ((permit, permits), (taken, seen)) = (mpsc::channel(100), mpsc::unbounded_channel());
        (Slow { permits, taken, order }, permit, seen)
    }

    fn notify(user: &str, text: &str) -> Outgoing {
        Outgoing::Notify { user: PersonId::new(user, Folding::Ascii), text: text.into() }
    }

    fn reply(text: &str) -> Outgoing {
        Outgoing::Reply { to: Target::Room("#ptg".into()), user: "jane".into(), in_reply_to: None, text: text.into() }
    }

    async fn texts(order: Order, messages: &[Outgoing]) -> Vec<String> {
        let (outlet, permit, mut seen) = slow(order);
        let (outbox, sending) = Outbox::new(Box::new(outlet));
        messages.iter().for_each(|message| outbox.push(message.clone()));
        for _ in 0..100 {
            permit.send(()).await.expect("room for permits");
        }
        drop(outbox);
        let (_stopper, stop) = stop();
        sending.run(stop).await.expect("sent");
        let mut texts = Vec::new();
        while let Some(text) = seen.recv().await {
            texts.push(text);
        }
        texts
    }

    #[tokio::test]
    async fn answers_overtake_notifications_and_keep_their_order() {
        let messages = [notify("jane", "one two"), reply("a"), notify("jane", "three"), reply("b")];
        assert_eq!(texts(Order::AnswersFirst, &messages).await, ["a", "b", "one", "two", "three"]);
        assert_eq!(texts(Order::AsSaid, &messages).await, ["one", "two", "a", "three", "b"]);
    }

    #[tokio::test]
    async fn people_of_other_networks_are_not_written_to() {
        assert_eq!(texts(Order::AsSaid, &[notify("john", "x"), notify("jane", "y")]).await, ["y"]);
    }

    #[tokio::test]
    async fn an_answer_that_comes_while_the_network_is_slow_still_goes_first() {
        let (outlet, permit, mut seen) = slow(Order::AnswersFirst);
        let (outbox, sending) = Outbox::new(Box::new(outlet));
        let (_stopper, stop) = stop();
        let sending = tokio::spawn(sending.run(stop));
        (0..60).for_each(|n| outbox.push(notify("jane", &n.to_string())));
        permit.send(()).await.expect("a permit");
        assert_eq!(seen.recv().await.as_deref(), Some("0"));
        outbox.push(reply("answer"));
        permit.send(()).await.expect("a permit");
        let second = seen.recv().await;
        assert_eq!(second.as_deref(), Some("answer"));
        sending.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_does_not_wait_for_ever() {
        let (outlet, _permit, _seen) = slow(Order::AnswersFirst);
        let (outbox, sending) = Outbox::new(Box::new(outlet));
        outbox.push(reply("never leaves"));
        drop(outbox);
        let (_stopper, stop) = stop();
        sending.run(stop).await.expect("given up");
    }
}
