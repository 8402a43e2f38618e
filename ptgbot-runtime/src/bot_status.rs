//! What a bot has and what it lacks, as of the moment when somebody asks.

use crate::permit::Permit;
use ptgbot_core::{Connection, Network, PersonId, Transport};

/// Whether a bot reaches its network and acts for its account.
#[derive(Clone, Debug)]
pub(crate) struct BotStatus {
    network: Network,
    connection: Connection,
    account: Option<PersonId>,
    /// The right to act, once it had it.
    permit: Option<Permit>,
}

impl BotStatus {
    /// That of a bot which does not act yet.
    pub(crate) fn of(transport: &dyn Transport) -> Self {
        let (network, account) = (transport.network().clone(), transport.account());
        Self { network, connection: transport.connection(), account, permit: None }
    }

    /// The same, from when it acts.
    pub(crate) fn acting(self, permit: Permit) -> Self {
        Self { permit: Some(permit), ..self }
    }
}

impl BotStatus {
    /// Its network, and whether that is reached.
    pub(crate) fn reaches(&self) -> (&Network, bool) {
        (&self.network, self.connection.stands())
    }

    /// Its account, and whether it acts for that. `None` where nobody else ever can.
    pub(crate) fn acts_for(&self) -> Option<(&PersonId, bool)> {
        Some((self.account.as_ref()?, self.permit.as_ref().is_some_and(Permit::is_good)))
    }

    /// What it does, for whoever looks after it.
    pub(crate) fn work(&self) -> String {
        match (&self.account, &self.permit) {
            (Some(account), Some(_)) => format!("acting as {account}"),
            (Some(account), None) => format!("standing by for {account}"),
            (None, _) => format!("at work on {}", self.network),
        }
    }

    /// What it needs for its work and does not have. Who stands by needs no lease.
    pub(crate) fn lacks(&self) -> Vec<String> {
        let network = (!self.connection.stands()).then(|| format!("{} is not reached", self.network));
        let lease = match (self.acts_for(), &self.permit) {
            (Some((account, false)), Some(_)) => Some(format!("the lease of {account} has run out")),
            _ => None,
        };
        network.into_iter().chain(lease).collect()
    }
}

#[cfg(test)]
impl BotStatus {
    /// Of a bot that reaches its network, where another process acts.
    pub(crate) fn standing_by(network: &str, name: &str) -> Self {
        let network = Network::nearest(network);
        let account = Some(PersonId::new(&network, name, ptgbot_core::Folding::Ascii));
        Self { network, connection: Connection::default(), account, permit: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permit::Until;
    use std::time::Duration;
    use tokio::time::{Instant, advance};

    #[tokio::test(start_paused = true)]
    async fn what_a_bot_lacks_is_told_in_words() {
        let bot = BotStatus::standing_by("oftc", "ptgbot");
        assert!(bot.lacks().is_empty() && bot.acts_for().is_some_and(|(_, acts)| !acts), "it stands by");
        let (_giver, permit) = Permit::new(Until::Moment(Instant::now() + Duration::from_secs(10)));
        let bot = bot.acting(permit);
        assert!(bot.lacks().is_empty() && bot.acts_for().is_some_and(|(_, acts)| acts));
        bot.connection.breaks();
        assert_eq!(bot.lacks(), ["oftc is not reached"]);
        advance(Duration::from_secs(10)).await;
        assert_eq!(bot.lacks(), ["oftc is not reached", "the lease of oftc/ptgbot has run out"]);
        bot.connection.returns();
        assert_eq!(bot.lacks(), ["the lease of oftc/ptgbot has run out"]);
    }
}
