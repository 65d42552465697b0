//! Corrections as a page keeps them: a line of JSON each, without names, and each caller number once.
//!
//! They share a kilobyte with the numbers of their events.

use carillon_domain::base::ids::CallerNumberId;
use carillon_domain::base::outcome::AttemptOutcome;
use carillon_domain::records::tally::{Hour, Tally};
use carillon_domain::reporting::breakdown::Correction;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Default, Serialize, Deserialize)]
struct Written {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    callers: Vec<CallerNumberId>,
    rows: String,
}

/// 1 or, taken back, -1; minute; hour; place of the caller number; outcome; whether it was placed; seconds; cost.
#[derive(Serialize, Deserialize)]
struct Row(i8, i64, Hour, Option<usize>, AttemptOutcome, u8, u32, u64);

pub(crate) fn serialize<S: Serializer>(corrections: &[Correction], serializer: S) -> Result<S::Ok, S::Error> {
    let mut callers = Vec::new();
    let rows: Vec<_> = corrections.iter().map(|correction| row(correction, &mut callers)).collect();
    let rows = serde_json::to_string(&rows).map_err(S::Error::custom)?;
    Written { callers, rows }.serialize(serializer)
}

fn row(correction: &Correction, callers: &mut Vec<CallerNumberId>) -> Row {
    let sign = match correction {
        Correction::Count(_) => 1,
        Correction::TakeBack(_) => -1,
    };
    let tally = correction.tally();
    let caller = tally.caller_number.as_ref().map(|caller| {
        callers.iter().position(|known| known == caller).unwrap_or_else(|| {
            callers.push(caller.clone());
            callers.len() - 1
        })
    });
    let is_placed = u8::from(tally.is_placed);
    Row(
        sign,
        tally.minute,
        tally.hour,
        caller,
        tally.outcome,
        is_placed,
        tally.duration_secs,
        tally.cost_micros,
    )
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Correction>, D::Error> {
    let Written { callers, rows } = Written::deserialize(deserializer)?;
    let rows: Vec<Row> = serde_json::from_str(&rows).map_err(D::Error::custom)?;
    let correction = |Row(sign, minute, hour, caller, outcome, is_placed, duration_secs, cost_micros)| {
        let caller_number = caller.map(|place| callers.get(place).cloned());
        let caller_number = match caller_number {
            Some(None) => return Err(D::Error::custom("a caller number is missing")),
            known => known.flatten(),
        };
        let is_placed = is_placed > 0;
        let tally = Tally { minute, hour, caller_number, outcome, is_placed, duration_secs, cost_micros };
        Ok(if sign < 0 { Correction::TakeBack(tally) } else { Correction::Count(tally) })
    };
    rows.into_iter().map(correction).collect()
}

#[cfg(test)]
mod tests {
    use carillon_domain::base::call::Outcome;
    use carillon_domain::base::outcome::MessageOutcome;
    use carillon_domain::base::time::Timestamp;

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Page(#[serde(with = "super")] Vec<Correction>);

    #[test]
    fn corrections_are_read_back_as_they_were_written() {
        let caller = |n| Some(CallerNumberId::new(Timestamp::from_millis(1), [n; 10]));
        let tally = |hour, caller_number, outcome: AttemptOutcome| Tally {
            minute: 29_923_860,
            hour,
            caller_number,
            outcome,
            is_placed: outcome.is_answered(),
            duration_secs: 73,
            cost_micros: 14_600,
        };
        let corrections = vec![
            Correction::Count(tally(Hour::Of(9), caller(1), Outcome::NoAnswer.into())),
            Correction::TakeBack(tally(Hour::Of(9), caller(1), Outcome::NoAnswer.into())),
            Correction::Count(tally(Hour::OfCampaign, caller(2), Outcome::Completed.into())),
            Correction::Count(tally(Hour::Unknown, None, MessageOutcome::Replied.into())),
            Correction::Count(tally(Hour::Of(23), caller(1), Outcome::Busy.into())),
        ];
        let written = serde_json::to_string(&Page(corrections.clone())).expect("JSON");
        let Page(read) = serde_json::from_str(&written).expect("corrections");
        assert_eq!(read, corrections);
        assert!(written.len() < 60 * corrections.len() + 80, "{} bytes: {written}", written.len());
    }
}
