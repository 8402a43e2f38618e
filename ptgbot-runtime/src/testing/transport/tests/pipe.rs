//! The JSON Lines transport, and who sits at the other end of its pipe.

use crate::StdioTransport;
use crate::testing::{Arrived, Capability, Counterpart, Somebody};
use async_trait::async_trait;
use ptgbot_core::{Folding, Network, Person, PersonId, Place, Role, Target, Transport};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, duplex};

pub(super) struct Pipe {
    network: Network,
    input: Option<DuplexStream>,
    output: Lines<BufReader<DuplexStream>>,
}

pub(super) async fn pipe() -> (Box<dyn Transport>, Pipe) {
    let (input, from) = duplex(1 << 16);
    let (output, to) = duplex(1 << 16);
    let transport = StdioTransport::new("ptgbot", from, to);
    let network = transport.network().clone();
    (Box::new(transport), Pipe { network, input: Some(input), output: BufReader::new(output).lines() })
}

#[async_trait]
impl Counterpart for Pipe {
    fn people(&self) -> [Somebody; 2] {
        let somebody = |name, role| Somebody { person: Person::new(&self.network, name, Folding::Lowercase), role };
        [somebody("Jane", Role::Op), somebody("John", Role::Voice)]
    }

    fn room(&self) -> String {
        "#ptg".into()
    }

    async fn say(&mut self, who: &Person, place: &Place, line: &str) {
        let role = self.people().into_iter().find(|somebody| somebody.person == *who).expect("one of us").role;
        let mut said = json!({ "from": who.name, "role": role, "text": line });
        if let Place::Room(room) = place {
            said["room"] = json!(room);
        }
        let input = self.input.as_mut().expect("open");
        input.write_all(format!("{said}\n").as_bytes()).await.expect("taken");
    }

    async fn arrived(&mut self) -> Arrived {
        while let Some(line) = self.output.next_line().await.expect("text") {
            let said: Value = serde_json::from_str(&line).expect("an object");
            let (to, text) = (&said["to"], said["text"].as_str());
            match (to["room"].as_str(), to["user"].as_str(), text) {
                (Some(room), _, Some(text)) => return Arrived { at: Target::Room(room.into()), text: text.into() },
                (_, Some(user), Some(text)) => {
                    let person = PersonId::new(&self.network, user, Folding::Lowercase);
                    return Arrived { at: Target::Person(person), text: text.into() };
                }
                _ => {}
            }
        }
        std::future::pending().await
    }

    fn lacks(&self) -> &[Capability] {
        &[Capability::Edits, Capability::Deletions, Capability::Breaks, Capability::Refusals]
    }

    async fn end(&mut self) {
        self.input = None;
    }
}
