//! The other side of a transport that is tried.

use async_trait::async_trait;
use ptgbot_core::{Person, Place, Role, Target};

/// The people on the other side of a network: they speak, and see what arrives there.
///
/// Of a pipe it holds the other end, of a chat server a second and a third client. Two people are in one room with
/// the bot. Where something goes wrong here a method panics, as a test does.
///
/// Each fact has a network of its own: of a real server either a process each, or rooms and names each, so that nothing of
/// one fact is heard in the next.
///
/// What only some networks can do is a [`Capability`]: whoever does not name it in [`lacks`](Self::lacks) writes its
/// method. Where neither is done, the method panics, and the panic names the capability.
///
/// The other end of a pipe. What it cannot do it says, and the facts about that are left out:
///
/// ```
/// use async_trait::async_trait;
/// use ptgbot_runtime::ptgbot_core::{Folding, Network, Person, Place, Role, Target};
/// use ptgbot_runtime::testing::{Arrived, Capability, Counterpart, Somebody};
/// use tokio::sync::mpsc;
///
/// /// Two people at the other end of two queues.
/// struct OtherEnd {
///     to_bot: mpsc::Sender<(Person, Place, String)>,
///     from_bot: mpsc::Receiver<(Target, String)>,
/// }
///
/// #[async_trait]
/// impl Counterpart for OtherEnd {
///     fn people(&self) -> [Somebody; 2] {
///         let pipe = Network::nearest("pipe");
///         let person = |name| Person::new(&pipe, name, Folding::Ascii);
///         [
///             Somebody { person: person("jane"), role: Role::Op },
///             Somebody { person: person("john"), role: Role::Member },
///         ]
///     }
///
///     fn room(&self) -> String {
///         "#ptg".into()
///     }
///
///     async fn say(&mut self, who: &Person, place: &Place, line: &str) {
///         self.to_bot.send((who.clone(), place.clone(), line.into())).await.expect("the bot listens");
///     }
///
///     async fn arrived(&mut self) -> Arrived {
///         let (at, text) = self.from_bot.recv().await.expect("the bot speaks");
///         Arrived { at, text }
///     }
///
///     fn lacks(&self) -> &[Capability] {
///         use Capability::*;
///         &[Edits, Deletions, Breaks, Ends, Refusals]
///     }
/// }
/// ```
#[async_trait]
pub trait Counterpart: Send {
    /// The two people, as the transport has to name them.
    fn people(&self) -> [Somebody; 2];

    /// The room in which they are, under the transport's name for it.
    fn room(&self) -> String;

    /// Waits until the bot is in the room, once it was opened, so that what is said from now on reaches it. Where nothing
    /// on this side shows that, a clone of the transport's [`Connection`](ptgbot_core::Connection) does.
    async fn joined(&mut self) {}

    /// One of the people says a line, in the room or to the bot alone.
    async fn say(&mut self, who: &Person, place: &Place, line: &str);

    /// Waits for the next message of the bot that anybody here sees, oldest first, for as long as it takes: the suite has
    /// the patience. Of one that several people see it is told once; a repetition that people's programs know and do not
    /// show is not told. Cancel safe.
    async fn arrived(&mut self) -> Arrived;

    /// What this network cannot do; by default it can do all. Facts about the rest are left out.
    fn lacks(&self) -> &[Capability] {
        &[]
    }

    /// The author edits what was said last ([`Capability::Edits`]).
    async fn edit(&mut self, _line: &str) {
        unwritten(Capability::Edits)
    }

    /// The author deletes what was said last ([`Capability::Deletions`]).
    async fn delete(&mut self) {
        unwritten(Capability::Deletions)
    }

    /// Breaks the bot's connection: from now on nothing passes between the bot and the server, until
    /// [`mend`](Self::mend). The people keep theirs. Of a real server, a TCP proxy in front of it that cuts its connections
    /// and takes no new ones ([`Capability::Breaks`]).
    async fn break_off(&mut self) {
        unwritten(Capability::Breaks)
    }

    /// Lets the transport connect again, and waits until the bot is back in the room; what the bot says meanwhile has yet
    /// to [arrive](Self::arrived). Where the network keeps the bot in the room over a break, it is back when it answers.
    /// Called after [`break_off`](Self::break_off) only.
    async fn mend(&mut self) {
        unwritten(Capability::Breaks)
    }

    /// Ends the network for good, in the way that is no failure: the end of input ([`Capability::Ends`]).
    async fn end(&mut self) {
        unwritten(Capability::Ends)
    }

    /// Somebody to whom no message can be brought ([`Capability::Refusals`]).
    fn nobody(&self) -> Person {
        unwritten(Capability::Refusals)
    }
}

/// What some networks can do and others cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Capability {
    /// What was said can be edited.
    Edits,
    /// What was said can be deleted.
    Deletions,
    /// The connection can be lost, and comes back.
    Breaks,
    /// The network can end for good without a failure.
    Ends,
    /// A message can be refused for good.
    Refusals,
}

/// # Panics
/// Always: a counterpart that says nothing of a capability is a mistake in the test that uses it.
fn unwritten(capability: Capability) -> ! {
    panic!("the counterpart neither lacks {capability:?} nor says how it is done")
}

/// One of the people.
#[derive(Clone, Debug, PartialEq)]
pub struct Somebody {
    /// Who it is, as the transport names them.
    pub person: Person,
    /// Their standing in the room.
    pub role: Role,
}

/// A message of the bot, as people see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrived {
    /// Where it is seen.
    pub at: Target,
    /// How it reads, with anything that the network puts around it.
    pub text: String,
}

#[async_trait]
impl<C: Counterpart + ?Sized> Counterpart for Box<C> {
    fn people(&self) -> [Somebody; 2] {
        (**self).people()
    }

    fn room(&self) -> String {
        (**self).room()
    }

    async fn joined(&mut self) {
        (**self).joined().await;
    }

    async fn say(&mut self, who: &Person, place: &Place, line: &str) {
        (**self).say(who, place, line).await;
    }

    async fn arrived(&mut self) -> Arrived {
        (**self).arrived().await
    }

    fn lacks(&self) -> &[Capability] {
        (**self).lacks()
    }

    async fn edit(&mut self, line: &str) {
        (**self).edit(line).await;
    }

    async fn delete(&mut self) {
        (**self).delete().await;
    }

    async fn break_off(&mut self) {
        (**self).break_off().await;
    }

    async fn mend(&mut self) {
        (**self).mend().await;
    }

    async fn end(&mut self) {
        (**self).end().await;
    }

    fn nobody(&self) -> Person {
        (**self).nobody()
    }
}
