//! The contract of transports over a real homeserver, with people whose client is not ours.
//!
//! It is here and not with the other tests on real servers because only here the library is built anyway.

#![recursion_limit = "256"]

use async_trait::async_trait;
use ptgbot_core::{Folding, Network, Person, PersonId, Place, Role, Target, Transport};
use ptgbot_matrix::{MatrixTransport, RoomSetting, Secret, Settings};
use ptgbot_runtime::testing::{Arrived, Capability, Counterpart, Somebody, transport_contract};
use ptgbot_tests::homeserver::Account;
use ptgbot_tests::matrix_client::NewRoom;
use ptgbot_tests::{Homeserver, HomeserverProxy, MatrixClient, Seen};
use std::sync::Arc;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_in_plain_rooms_keeps_the_contract() {
    keeps_the_contract(NewRoom::new).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_in_encrypted_rooms_keeps_the_contract() {
    keeps_the_contract(|| NewRoom::new().encrypted()).await;
}

async fn keeps_the_contract(new_room: fn() -> NewRoom) {
    let Some(server) = Homeserver::shared().await else { return };
    let (gibi, jane) = (Arc::new(server.person("gibi").await), Arc::new(server.person("jane").await));
    let new_network = async || {
        let bot = server.account("ptgbot").await;
        let room = gibi.create(new_room().invite(&bot.id)).await;
        gibi.invite(&room, jane.id()).await;
        jane.join(&room).await;
        let proxy = HomeserverProxy::before(&server).await;
        let data = tempfile::tempdir().expect("a folder");
        let transport = MatrixTransport::connect(settings(&bot, &proxy, &room, &data)).await.expect("an account");
        let network = transport.network().clone();
        let places = [&gibi, &jane].map(|client| At { client: client.clone(), direct: String::new(), seen: 0 });
        let people = People { network, bot: bot.id, room, new_room, places, last: None, proxy, _data: data };
        (Box::new(transport) as Box<dyn Transport>, people)
    };
    transport_contract(new_network).await.expect("it keeps the contract");
}

fn settings(bot: &Account, proxy: &HomeserverProxy, room: &str, data: &TempDir) -> Settings {
    let homeserver = proxy.url().parse().expect("an address");
    let mut settings = Settings::new(homeserver, bot.name.parse().expect("a user"), data.path()).expect("settings");
    settings.secret = Some(Secret::Password(bot.password.clone().into()));
    settings.rooms = vec![room.parse::<RoomSetting>().expect("a room")];
    settings
}

/// gibi, who has made the room, and jane.
struct People {
    network: Network,
    /// Whose messages arrive.
    bot: String,
    room: String,
    new_room: fn() -> NewRoom,
    places: [At; 2],
    /// Who said something last, where, and its name.
    last: Option<(usize, String, String)>,
    proxy: HomeserverProxy,
    _data: TempDir,
}

/// One of the people.
struct At {
    client: Arc<MatrixClient>,
    /// The room in which nobody is but this person and the bot.
    direct: String,
    /// How much of what the client has seen was looked at.
    seen: usize,
}

impl People {
    fn place_of(&self, who: &Person) -> usize {
        self.places.iter().position(|at| at.client.id() == who.id.key()).expect("one of us")
    }

    fn person(&self, client: &MatrixClient) -> Person {
        Person::new(&self.network, client.id(), Folding::Exact).shown_as(client.name())
    }

    /// Where a person sees a message of the bot. In the room one sees it for all.
    fn target(&self, place: usize, seen: &Seen) -> Option<Target> {
        if seen.sender() != self.bot || seen.event_type() != "m.room.message" {
            return None;
        }
        if seen.room() == self.room {
            return (place == 0).then(|| Target::Room(self.room.clone()));
        }
        let at = &self.places[place];
        (seen.room() == at.direct).then(|| Target::Person(PersonId::new(&self.network, at.client.id(), Folding::Exact)))
    }
}

#[async_trait]
impl Counterpart for People {
    fn people(&self) -> [Somebody; 2] {
        let [gibi, jane] = &self.places;
        let somebody = |at: &At, role| Somebody { person: self.person(&at.client), role };
        [somebody(gibi, Role::Op), somebody(jane, Role::Member)]
    }

    fn room(&self) -> String {
        self.room.clone()
    }

    async fn joined(&mut self) {
        for place in 0..self.places.len() {
            let client = self.places[place].client.clone();
            client.expect_member(&self.room, &self.bot).await;
            let direct = client.create((self.new_room)().direct(&self.bot)).await;
            client.expect_member(&direct, &self.bot).await;
            self.places[place].direct = direct;
        }
    }

    async fn say(&mut self, who: &Person, place: &Place, line: &str) {
        let index = self.place_of(who);
        let At { client, direct, .. } = &self.places[index];
        let room = match place {
            Place::Room(room) => room.clone(),
            Place::Private => direct.clone(),
        };
        let event = client.say(&room, line).await;
        self.last = Some((index, room, event));
    }

    async fn arrived(&mut self) -> Arrived {
        let people = &*self;
        let [gibi, jane] = [0, 1].map(|place| {
            let At { client, seen, .. } = &people.places[place];
            client.next_after(*seen, move |seen| people.target(place, seen).is_some())
        });
        let (place, (index, seen)) = tokio::select! {
            seen = gibi => (0, seen),
            seen = jane => (1, seen),
        };
        let at = self.target(place, &seen).expect("it is meant");
        self.places[place].seen = index + 1;
        Arrived { at, text: seen.body().to_owned() }
    }

    fn lacks(&self) -> &[Capability] {
        // A homeserver that is gone is awaited for ever.
        &[Capability::Ends]
    }

    async fn edit(&mut self, line: &str) {
        let (index, room, event) = self.last.as_ref().expect("something was said");
        self.places[*index].client.edit(room, event, line).await;
    }

    async fn delete(&mut self) {
        let (index, room, event) = self.last.as_ref().expect("something was said");
        self.places[*index].client.redact(room, event).await;
    }

    async fn break_off(&mut self) {
        self.proxy.break_off();
    }

    async fn mend(&mut self) {
        self.proxy.mend();
    }

    fn nobody(&self) -> Person {
        Person::new(&self.network, "@nobody:elsewhere.example", Folding::Exact)
    }
}
