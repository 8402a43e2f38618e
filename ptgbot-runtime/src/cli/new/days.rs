//! The days of an event as people write them: the first and how many, from one to another, or all of them.

use chrono::{Days, NaiveDate, TimeDelta};

/// Reads the days, sorted. None of them is over by `today`.
pub(super) fn read(answer: &str, today: NaiveDate) -> Result<Vec<NaiveDate>, String> {
    let words: Vec<_> = answer.split([' ', ',', ';', '\t']).filter(|word| !word.is_empty()).collect();
    let mut days = match words[..] {
        [] => return Err("an event has days".into()),
        [first, count] if count.bytes().all(|b| b.is_ascii_digit()) => following(date(first)?, count)?,
        [first, "to" | "-" | "until", last] => from_to(date(first)?, date(last)?)?,
        _ => words.iter().map(|word| date(word)).collect::<Result<Vec<_>, _>>()?,
    };
    days.sort_unstable();
    if let Some(pair) = days.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("{} stands there twice", pair[0]));
    }
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Err("an event has days".into()) };
    if *first < today {
        return Err(format!("{first} is over: today is {today}"));
    }
    if *last - *first >= TimeDelta::days(MOST) {
        return Err(format!("from {first} to {last} is longer than {MOST} days"));
    }
    if *first - today > TimeDelta::days(FAR) {
        return Err(format!("{first} is years away: look at the year again"));
    }
    Ok(days)
}

fn following(first: NaiveDate, count: &str) -> Result<Vec<NaiveDate>, String> {
    let count = count.parse().ok().filter(|count| (1..=MOST).contains(count));
    let count = count.ok_or_else(|| format!("an event has 1 to {MOST} days"))?;
    let days = (0..count.unsigned_abs()).map(|after| first.checked_add_days(Days::new(after)));
    days.collect::<Option<Vec<_>>>().ok_or_else(|| "no calendar goes that far".into())
}

fn from_to(first: NaiveDate, last: NaiveDate) -> Result<Vec<NaiveDate>, String> {
    if last < first {
        return Err(format!("{last} is before {first}"));
    }
    following(first, &((last - first).num_days() + 1).to_string())
}

/// Reads `2026-10-19` and `19.10.2026`.
fn date(word: &str) -> Result<NaiveDate, String> {
    let shown: String = word.chars().filter(|c| !c.is_control()).take(20).collect();
    let numbers =
        word.split_once('.').map_or_else(|| word.split('-').collect(), |_| word.rsplit('.').collect::<Vec<_>>());
    let is_number = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    let [year, month, day] = numbers[..] else { return Err(format!("'{shown}' {NO_DATE}")) };
    if year.len() != 4 || ![year, month, day].iter().all(is_number) {
        return Err(format!("'{shown}' {NO_DATE}"));
    }
    let date = NaiveDate::parse_from_str(&format!("{year}-{month}-{day}"), "%Y-%m-%d");
    date.map_err(|_| format!("the calendar has no {shown}"))
}

const NO_DATE: &str = "is no date: write it like 2026-10-19";
/// The names of two days of a longer event could be the same.
const MOST: i64 = 28;
/// Three years.
const FAR: i64 = 3 * 365;

#[cfg(test)]
mod tests {
    use super::*;

    fn days(answer: &str) -> Result<String, String> {
        let today = NaiveDate::from_ymd_opt(2026, 10, 1).expect("a date");
        read(answer, today)
            .map(|days| days.iter().map(|day| day.format("%d").to_string()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn days_are_counted_ranged_or_listed() {
        assert_eq!(days("2026-10-19 5").as_deref(), Ok("19 20 21 22 23"));
        assert_eq!(days("2026-10-19 to 2026-10-21").as_deref(), Ok("19 20 21"));
        assert_eq!(days("2026-10-21, 2026-10-19").as_deref(), Ok("19 21"));
        assert_eq!(days("2026-10-01").as_deref(), Ok("01"));
        assert_eq!(days("19.10.2026 to 2026-10-21").as_deref(), Ok("19 20 21"));
    }

    #[test]
    fn what_is_no_event_is_told() {
        for (answer, reason) in [
            ("", "an event has days"),
            ("tomorrow", "'tomorrow' is no date: write it like 2026-10-19"),
            ("2026-02-30", "the calendar has no 2026-02-30"),
            ("31.11.2026", "the calendar has no 31.11.2026"),
            ("10.2026", "is no date"),
            ("19.10.26", "is no date"),
            ("2026-09-30 5", "2026-09-30 is over: today is 2026-10-01"),
            ("2026-10-19 0", "1 to 28 days"),
            ("2026-10-19 99999999999999999999", "1 to 28 days"),
            ("2026-10-21 to 2026-10-19", "2026-10-19 is before 2026-10-21"),
            ("2026-10-19 2026-10-19", "twice"),
            ("2026-10-19 2026-11-19", "longer than 28 days"),
            ("2036-10-19", "years away"),
        ] {
            let told = days(answer).expect_err(answer);
            assert!(told.contains(reason), "{answer}: {told}");
        }
    }
}
