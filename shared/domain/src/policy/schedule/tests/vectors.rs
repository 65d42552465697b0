//! The runs of many rules around changes of the clocks, as python-dateutil has them:
//! `testdata/recurrence.py` says how.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::first_run;
use crate::base::time::Timestamp;
use crate::policy::schedule::Recurrence;

const VECTORS: &str = include_str!("../../../../testdata/recurrence.txt");
/// Stands for the runs that are not listed.
const MORE: &str = "...";

struct Vector<'a> {
    rule: Recurrence,
    tz: Tz,
    anchor: NaiveDate,
    from: Timestamp,
    runs: Vec<&'a str>,
}

impl<'a> Vector<'a> {
    fn read(line: &'a str) -> Self {
        let mut fields = line.split('\t');
        let mut field = || fields.next().expect("a field");
        Self {
            rule: serde_json::from_str(field()).expect("a rule"),
            tz: field().parse().expect("a zone"),
            anchor: field().parse().expect("a date"),
            from: instant(field()),
            runs: field().split_whitespace().collect(),
        }
    }
}

fn instant(text: &str) -> Timestamp {
    let minute = text.strip_suffix('Z').expect("UTC");
    format!("{minute}:00Z").parse().expect("a time")
}

#[test]
fn runs_are_those_of_dateutil() {
    let mut compared = 0;
    for line in VECTORS.lines() {
        let Vector { rule, tz, anchor, from, runs } = Vector::read(line);
        let mut next = first_run(&rule, tz, from, anchor);
        for run in runs {
            compared += 1;
            if run == MORE {
                assert_ne!(next, None, "{line}");
                next = None;
                continue;
            }
            let found = next.expect(line);
            assert_eq!(found, instant(run), "{line}");
            next = rule.next_run(tz, found, anchor);
        }
        assert_eq!(next, None, "{line}");
    }
    assert!(compared > 4_000, "{compared}");
}
