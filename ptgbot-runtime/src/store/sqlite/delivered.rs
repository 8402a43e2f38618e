//! How far deliveries have come.

use super::file::File;
use super::lease::{Standing, stand_at};
use crate::store::StoreError;
use crate::store::held::HeldLease;
use ptgbot_core::{Delivered, JournalError, Mark, Network, PersonId, Revision};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

impl File {
    /// How far a network has been told.
    pub(super) fn delivered(&mut self, network: &Network) -> Result<Delivered, StoreError> {
        let read = |connection: &Connection| {
            let everyone = "SELECT revision FROM delivered WHERE network = ?1";
            let everyone = connection.query_row(everyone, [network.as_str()], revision).optional()?;
            let people = "SELECT revision, person FROM delivered_to WHERE network = ?1";
            let mut people = connection.prepare_cached(people)?;
            let told = people
                .query_map([network.as_str()], |row| Ok((PersonId::from(row.get::<_, String>(1)?), revision(row)?)));
            let mut delivered = Delivered::default();
            (delivered.everyone, delivered.people) = (everyone, told?.collect::<rusqlite::Result<_>>()?);
            Ok(delivered)
        };
        read(&self.connection).map_err(|error| StoreError::sqlite(&self.path, "read", error))
    }

    /// Remembers what was delivered; nothing ever goes back.
    pub(super) fn mark_delivered(
        &mut self,
        network: &Network,
        mark: &Mark,
        held: Option<&HeldLease>,
    ) -> Result<(), JournalError> {
        let path = self.path.clone();
        let mut standing = Standing::Newest;
        let work = |work: &Transaction<'_>| {
            standing = stand_at(work, held, None)?;
            match mark {
                _ if standing == Standing::Fenced => Ok(()),
                Mark::Everyone(revision) => mark_everyone(work, network, *revision),
                Mark::People(people) => {
                    people.iter().try_for_each(|(person, revision)| mark_person(work, network, person, *revision))
                }
            }
        };
        self.in_transaction(work).map_err(|error| StoreError::sqlite(&path, "write to", error))?;
        match held {
            Some(held) if standing == Standing::Fenced => Err(held.fenced()),
            Some(_) | None => Ok(()),
        }
    }
}

fn mark_everyone(work: &Transaction<'_>, network: &Network, revision: Revision) -> rusqlite::Result<()> {
    let mark = "INSERT INTO delivered (network, revision) VALUES (?1, ?2)
        ON CONFLICT (network) DO UPDATE SET revision = max(revision, excluded.revision)";
    work.prepare_cached(mark)?.execute(params![network.as_str(), revision.cast_signed()])?;
    let behind = "DELETE FROM delivered_to WHERE network = ?1 AND revision <= ?2";
    work.prepare_cached(behind)?.execute(params![network.as_str(), revision.cast_signed()])?;
    Ok(())
}

/// Whoever is not ahead of everyone needs no mark.
fn mark_person(
    work: &Transaction<'_>,
    network: &Network,
    person: &PersonId,
    revision: Revision,
) -> rusqlite::Result<()> {
    let mark = "INSERT INTO delivered_to (network, person, revision) SELECT ?1, ?2, ?3
        WHERE NOT EXISTS (SELECT 1 FROM delivered WHERE network = ?1 AND revision >= ?3)
        ON CONFLICT (network, person) DO UPDATE SET revision = max(revision, excluded.revision)";
    let mut mark = work.prepare_cached(mark)?;
    mark.execute(params![network.as_str(), person.to_string(), revision.cast_signed()])?;
    Ok(())
}

fn revision(row: &rusqlite::Row<'_>) -> rusqlite::Result<Revision> {
    Ok(row.get::<_, i64>(0)?.cast_unsigned())
}
