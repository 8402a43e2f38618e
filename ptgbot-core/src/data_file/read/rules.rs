//! What a data file says of the rules for booking.

use super::{at_most, moment, track};
use crate::data_file::at::{At, Path};
use crate::document::DocumentError;
use crate::limits;
use crate::policy::{Enforcement, PastSlots, Policy};
use crate::track::TrackName;
use std::collections::BTreeSet;

/// The rules for booking. One that is not there is none.
pub(super) fn policy(at: &At<'_>) -> Result<Policy, DocumentError> {
    let object = at.object()?;
    let field = |key: &'static str| {
        let value = object.get(key).filter(|value| !value.is_null())?;
        Some(At { value, path: Path::Key(&at.path, key) })
    };
    let flag = |key| field(key).map(|at| at.value.as_bool().ok_or_else(|| at.expected("true or false"))).transpose();
    let clashes = match field("clashes") {
        Some(at) => {
            let pairs = at.array()?.map(|at| clash(&at)).collect::<Result<_, _>>()?;
            at_most(limits::CLASHES, &at, pairs)?.into_iter().collect()
        }
        None => BTreeSet::new(),
    };
    Ok(Policy {
        day_minutes: field("day_hours").map(|at| hours(&at)).transpose()?,
        total_minutes: field("total_hours").map(|at| hours(&at)).transpose()?,
        opens: field("opens").map(|at| moment(&at)).transpose()?,
        clashes,
        past: if flag("past")?.unwrap_or(true) { PastSlots::Bookable } else { PastSlots::Closed },
        enforcement: if flag("enforce")?.unwrap_or(false) { Enforcement::Enforce } else { Enforcement::Warn },
    })
}

/// Hours, in minutes.
fn hours(at: &At<'_>) -> Result<u32, DocumentError> {
    match at.value.as_f64() {
        Some(hours) if (0.0..1000.0).contains(&hours) => Ok((hours * 60.0).round() as u32),
        Some(_) => Err(at.wrong("expected hours from 0 to 999")),
        None => Err(at.expected("a number of hours")),
    }
}

/// Two tracks that must not meet at once, in the order of their names.
fn clash(at: &At<'_>) -> Result<(TrackName, TrackName), DocumentError> {
    let names = at.array()?.map(|at| track(at.string()?, &at)).collect::<Result<Vec<_>, _>>()?;
    match <[TrackName; 2]>::try_from(names) {
        Ok([one, other]) if one < other => Ok((one, other)),
        Ok([one, other]) if other < one => Ok((other, one)),
        Ok(_) | Err(_) => Err(at.wrong("expected two tracks")),
    }
}
