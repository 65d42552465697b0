//! What a dial, or a text, costs, all in: every function that has a part in it.

use std::collections::BTreeMap;
use std::fmt;

use carillon_domain::base::time::DAY_MS;
use carillon_domain::records::campaign::CampaignSpec;
use carillon_local::table::Usage;
use chrono_tz::Tz;

use crate::harness::{Delivery, Harness, MONDAY_AT_NINE, Options};
use crate::spent::Spent;
use crate::{checks, people};

/// How long a message or a webhook takes to its function, in milliseconds.
const HOP_MS: i64 = 60;
/// How long a planner is at work, in milliseconds: some eight requests to the table.
const PLAN_MS: i64 = 40;

/// Who is called, and how many at once.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub slots: u32,
    /// In all campaigns together.
    pub people: usize,
    /// Campaigns that share the slots.
    pub campaigns: u32,
}

/// What a day of calls, or of texts, took.
#[derive(Debug, Clone)]
pub struct Cost {
    /// What was made, in words.
    of: String,
    /// How many calls or texts.
    pub attempts: usize,
    pub events: usize,
    /// By function.
    pub spent: BTreeMap<&'static str, Spent>,
}

/// Requests and capacity for each call or text.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PerDial {
    pub requests: f64,
    pub read_units: f64,
    pub write_units: f64,
}

/// Calls everybody, from the first plan to the last event.
pub async fn of_dials(load: Load) -> Cost {
    let options = Options {
        hop_ms: HOP_MS,
        plan_ms: PLAN_MS,
        stream: Some(Delivery::Plain),
        ..Options::at(MONDAY_AT_NINE)
    };
    let mut harness = Harness::start(options).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    people::lift_rate(&context, &keys).await;
    people::set_slots(&context, &keys, load.slots).await;
    let everybody = people::people(load.people, Tz::Europe__Berlin);
    let each = load.people.div_ceil(usize::try_from(load.campaigns).unwrap_or(1));
    let mut campaigns = Vec::new();
    for some in everybody.chunks(each) {
        let spec = CampaignSpec { concurrent_limit: load.slots, ..people::spec(&keys) };
        campaigns.push(people::start_campaign(&context, &keys, spec, some).await);
    }
    let end = MONDAY_AT_NINE.plus_ms(DAY_MS);
    for campaign in &campaigns {
        assert!(harness.run_until(end, checks::has_ended(campaign)).await, "everybody is called in a day");
    }
    harness.tell_all().await;
    let (calls, events) = (harness.network.calls().len(), harness.events().len());
    let Load { slots, people, campaigns } = load;
    let of = format!("{slots} slots, {campaigns} campaigns, {people} people, {calls} calls");
    Cost { of, attempts: calls, events, spent: harness.spent }
}

/// Texts so many people, from the first plan to the last event, as fast as may be.
pub async fn of_texts(people: usize) -> Cost {
    let mut options = Options {
        hop_ms: HOP_MS,
        plan_ms: PLAN_MS,
        stream: Some(Delivery::Plain),
        ..Options::at(MONDAY_AT_NINE)
    };
    options.messages.replies = false;
    let mut harness = Harness::start(options).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    people::lift_rate(&context, &keys).await;
    let everybody = people::people(people, Tz::Europe__Berlin);
    let campaign = people::start_campaign(&context, &keys, people::texting(&keys), &everybody).await;
    let end = MONDAY_AT_NINE.plus_ms(DAY_MS);
    assert!(harness.run_until(end, checks::has_ended(&campaign)).await, "everybody is texted in a day");
    harness.tell_all().await;
    let (texts, events) = (harness.messages.messages().len(), harness.events().len());
    let of = format!("{people} people, {texts} texts");
    Cost { of, attempts: texts, events, spent: harness.spent }
}

impl Cost {
    /// Of all functions together.
    pub fn all_in(&self) -> PerDial {
        self.spent.keys().map(|name| self.of(name)).fold(PerDial::default(), |sum, one| PerDial {
            requests: sum.requests + one.requests,
            read_units: sum.read_units + one.read_units,
            write_units: sum.write_units + one.write_units,
        })
    }

    /// Of one function.
    pub fn of(&self, function: &str) -> PerDial {
        self.spent.get(function).map(|spent| self.per_dial(&spent.usage)).unwrap_or_default()
    }

    fn per_dial(&self, usage: &Usage) -> PerDial {
        let attempts = self.attempts as f64;
        PerDial {
            requests: usage.requests as f64 / attempts,
            read_units: usage.read_units / attempts,
            write_units: usage.write_units / attempts,
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.of)?;
        writeln!(
            f,
            "{:<28}{:>10}{:>10}{:>10}{:>10}",
            "per attempt", "runs", "requests", "read u.", "write u."
        )?;
        for (name, spent) in &self.spent {
            let runs = format!("{:.2}", spent.runs as f64 / self.attempts as f64);
            row(f, name, &runs, self.per_dial(&spent.usage))?;
            for (operation, usage) in &spent.operations {
                if usage.requests > 0 {
                    row(f, &format!("  {operation}"), "", self.per_dial(usage))?;
                }
            }
        }
        row(f, "all in", "", self.all_in())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, runs: &str, per_dial: PerDial) -> fmt::Result {
    let PerDial { requests, read_units, write_units } = per_dial;
    writeln!(f, "{name:<28}{runs:>10}{requests:>10.2}{read_units:>10.2}{write_units:>10.2}")
}
