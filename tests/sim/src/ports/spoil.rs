//! Planted bugs at the table: conditions dropped from writes, writes left out or acknowledged too soon,
//! attributes that nobody reads.

use carillon_domain::base::call::CALLBACK_WINDOW_MS;
use carillon_domain::base::time::{MINUTE_MS, SECOND_MS, Timestamp};
use carillon_store::table::Key;
use carillon_store::table::{Action, AttributeValue, Change, Item, ItemWrite, Partition, Query};

use super::written::Kind;
use crate::bug::Bug;
use crate::executor::Function;
use crate::simulation::{Simulation, with};

/// A number of no known place: its day is one of UTC.
const NOWHERE: &str = "+8835550000000";

/// Whether a bug keeps a question from being asked at all.
pub(super) fn finds_nothing(query: &Query) -> bool {
    let Partition::Table(pk) = &query.partition else { return false };
    let is_later_shard = pk.contains("#leads#") && !pk.ends_with("#000");
    is_later_shard && planted(Function::Importer) == Some(Bug::WalkStopsShort)
}

/// What a bug makes of a single write.
pub(super) fn write(write: &mut ItemWrite) {
    if planted(Function::Planner) == Some(Bug::DoesNotLookAgain)
        && let Action::Update(_, changes) = &mut write.action
        && changes.iter().any(|change| matches!(change, Change::Set("wake_at", _)))
    {
        changes.retain(|change| !matches!(change, Change::Set("wake_at" | "gsi1pk" | "gsi1sk", _)));
        changes.extend(["wake_at", "gsi1pk", "gsi1sk"].map(Change::Remove));
    }
    if planted(Function::Stream) == Some(Bug::FoldedUnfenced)
        && let Action::Put(item) = &mut write.action
        && item.contains_key("sums")
    {
        item.insert("folded".to_owned(), number(0));
    }
}

/// What a bug makes of a transaction; what it does later than it says, and after how many milliseconds.
pub(super) fn transaction(writes: &mut Vec<ItemWrite>) -> Option<(Vec<ItemWrite>, i64)> {
    let (bug, function, is_lost) = with(|run| {
        (run.bug.filter(|_| !run.is_direct()), run.at_work.get().function, run.rng.below(40) == 0)
    });
    let bug = bug?;
    let dialled = writes.iter().find(|write| is_dial(write)).map(|write| write.key().sk);
    let ended = writes.iter().find(|write| is_removal(write)).map(|write| write.key().sk);
    let is_of = |write: &ItemWrite, sk: &str| write.key().pk.ends_with(sk.trim_start_matches(PREFIX));
    match (bug, dialled, ended) {
        (Bug::NoVersionCheck, ..) => drop_conditions(writes, Kind::Lead, "version"),
        (Bug::NumberVersionNotChecked, ..) => {
            of_kind(writes, Kind::NumberRecord).for_each(|write| write.condition = None);
        }
        (Bug::DoesNotLookAgain, ..) => writes.iter_mut().for_each(write),
        (Bug::JobVersionNotChecked, ..) => drop_conditions(writes, Kind::Job, "version"),
        (Bug::ResultsApart, ..) if writes.len() > 1 => {
            let results: Vec<_> = writes.extract_if(.., |write| kind(write) == Kind::Results).collect();
            return (!results.is_empty()).then_some((results, 20));
        }
        (Bug::NoEpochCheck, ..) => drop_conditions(writes, Kind::Plan, "epoch"),
        (Bug::RunningCountedBefore, ..) => drop_conditions(writes, Kind::Plan, "running"),
        (Bug::EffectBeforeWrite, Some(_), _) => return Some((std::mem::take(writes), 3 * SECOND_MS)),
        (Bug::PauseBeforeRevoke, _, Some(_)) if writes.len() == 1 && function == Function::Api => {
            return Some((std::mem::take(writes), MINUTE_MS));
        }
        (Bug::CountsApart, ..) if writes.len() > 1 => {
            let counts: Vec<_> = writes.extract_if(.., |write| kind(write) == Kind::Counters).collect();
            return (!counts.is_empty() && !is_lost).then_some((counts, 20));
        }
        (Bug::DropsRequestedCalls, _, Some(_)) => writes.retain(|write| kind(write) != Kind::Request),
        (Bug::NotesDialledNumberOnly, Some(sk), _) => {
            writes.retain(|write| kind(write) != Kind::NumberRecord || is_of(write, &sk));
        }
        (Bug::OptOutInListAlone, ..) if writes.iter().any(|write| kind(write) == Kind::Listing) => {
            writes.retain(|write| kind(write) != Kind::NumberRecord);
        }
        (Bug::AttemptsNotCounted, Some(_), _) => {
            for item in puts(writes, Kind::Lead) {
                item.insert("attempts".to_owned(), AttributeValue::N("0".to_owned()));
            }
        }
        (Bug::EvidenceLeftOut, Some(_), _) => {
            puts(writes, Kind::Interaction).for_each(|item| drop(item.remove("evidence")));
        }
        (Bug::ChargedTwice, _, None) => {
            let cost = puts(writes, Kind::Interaction).find_map(|item| number_of(item, "cost_micros"));
            for write in of_kind(writes, Kind::Spent) {
                if let (Action::Update(_, changes), Some(cost)) = (&mut write.action, cost) {
                    changes.iter_mut().for_each(|change| charge(change, cost.cast_signed()));
                }
            }
        }
        (Bug::RecordLeftOut, Some(_), _) => writes.retain(|write| kind(write) != Kind::Interaction),
        (Bug::InboundNotFenced, ..) => writes.retain(|write| !is_inbound(write)),
        (Bug::InboundEndLost, _, Some(sk)) if with(|run| is_of_inbound(run, &sk)) => {
            writes.retain(|write| kind(write) != Kind::Interaction);
        }
        (Bug::NumberFailuresNotCounted, ..) => {
            writes.retain(|write| !write.key().sk.starts_with("failures#num_"));
        }
        _ => {}
    }
    None
}

fn charge(change: &mut Change, micros: i64) {
    if let Change::Add(_, by) = change {
        *by = micros;
    }
}

/// What a bug makes of items that were read.
pub(super) fn read(items: &mut Vec<Item>) {
    if planted(Function::Stream) == Some(Bug::ToldAgainAsNew) {
        items.iter_mut().for_each(forget_events);
    }
    let (bug, function) = with(|run| (run.bug.filter(|_| !run.is_direct()), run.at_work.get().function));
    let (Some(bug), Function::Planner | Function::Dialer) = (bug, function) else { return };
    if bug == Bug::CallbackDropped {
        items.retain(|item| !is_missed_callback(item));
    }
    for item in items {
        let Some(kind) = Key::of(item).map(|key| Kind::of(&key)) else { continue };
        match (bug, kind) {
            (Bug::RampIgnored, Kind::Campaign) => set_in_spec(item, "ramp_up_minutes", number(0)),
            (Bug::GapOfOwnCalls, Kind::Campaign) => set_in_spec(item, "min_gap_minutes", number(0)),
            (Bug::ListsOfCampaignIgnored, Kind::Campaign) => {
                set_in_spec(item, "suppression_lists", AttributeValue::L(Vec::new()));
            }
            (Bug::OverlapAllowed, Kind::Attempt) if function == Function::Planner => {
                if let Some(number) = item.get("number").cloned() {
                    item.insert("person".to_owned(), AttributeValue::L(vec![number]));
                }
            }
            (Bug::CapsIgnored, Kind::NumberRecord) => drop(item.remove("attempts_secs")),
            (Bug::NumberLimitIgnored, Kind::CallerNumber) => drop(item.remove("concurrent_limit")),
            (Bug::DailyCapByUtc, Kind::CallerNumber) => {
                item.insert("number".to_owned(), AttributeValue::S(NOWHERE.to_owned()));
            }
            (Bug::ReservedLaneOnTop, Kind::CallerNumber) => {
                let (rate, reserved) =
                    (number_of(item, "rate_limit_per_minute"), number_of(item, "reserved_per_minute"));
                if let (Some(rate), Some(reserved)) = (rate, reserved) {
                    item.insert("rate_limit_per_minute".to_owned(), number(rate + reserved));
                }
            }
            (Bug::DialDoesNotLook, Kind::Lead) if function == Function::Dialer && !is_waiting(item) => {
                let pending = AttributeValue::S("pending".to_owned());
                item.insert("state".to_owned(), AttributeValue::M([("name".to_owned(), pending)].into()));
            }
            _ => {}
        }
    }
}

/// What a bug makes of an item after a write: the planner's state, as its lease is taken.
pub(super) fn updated(item: &mut Item) {
    if planted(Function::Planner) == Some(Bug::ProbesAreForgotten)
        && let Some(states) = item.get_mut("rate_states")
    {
        forget_probes(states);
    }
}

/// The bug that is planted, while this function is at work.
fn planted(function: Function) -> Option<Bug> {
    with(|run| run.bug.filter(|_| !run.is_direct() && run.at_work.get().function == function))
}

/// How the sort key of an active attempt begins.
const PREFIX: &str = "attempt#";

fn kind(write: &ItemWrite) -> Kind {
    Kind::of(&write.key())
}

fn of_kind(writes: &mut [ItemWrite], of: Kind) -> impl Iterator<Item = &mut ItemWrite> {
    writes.iter_mut().filter(move |write| kind(write) == of)
}

fn puts(writes: &mut [ItemWrite], of: Kind) -> impl Iterator<Item = &mut Item> {
    of_kind(writes, of).filter_map(|write| match &mut write.action {
        Action::Put(item) => Some(item),
        _ => None,
    })
}

fn drop_conditions(writes: &mut [ItemWrite], of: Kind, attribute: &str) {
    for write in of_kind(writes, of) {
        write.condition = write.condition.take().filter(|condition| !condition.names(attribute));
    }
}

fn is_dial(write: &ItemWrite) -> bool {
    let is_claimed_before = write.condition.as_ref().is_some_and(|condition| condition.names("state.name"));
    let Action::Put(item) = &write.action else { return false };
    kind(write) == Kind::Attempt && is_claimed_before && {
        let requires = format!("{:?}", write.condition);
        requires.contains("claimed") && text(item, "cause") != Some("inbound")
    }
}

fn is_inbound(write: &ItemWrite) -> bool {
    matches!(&write.action, Action::Put(item) if kind(write) == Kind::Attempt && text(item, "cause") == Some("inbound"))
}

fn is_removal(write: &ItemWrite) -> bool {
    matches!(write.action, Action::Delete(_)) && kind(write) == Kind::Attempt
}

fn is_of_inbound(run: &Simulation, sk: &str) -> bool {
    let Ok(number) = sk.trim_start_matches(PREFIX).parse() else { return false };
    let checker = run.checker.borrow();
    checker.workspaces.iter().filter_map(|ws| ws.active.get(&number)).any(|active| !active.holds_slot())
}

fn is_missed_callback(item: &Item) -> bool {
    let Some(AttributeValue::M(state)) = item.get("state") else { return false };
    let due_at = text(state, "due_at").and_then(|at| at.parse::<Timestamp>().ok());
    text(state, "name") == Some("callback_scheduled")
        && due_at.is_some_and(|at| with(|run| run.now()).since_ms(at) > CALLBACK_WINDOW_MS)
}

fn is_waiting(item: &Item) -> bool {
    let Some(AttributeValue::M(state)) = item.get("state") else { return true };
    matches!(text(state, "name"), Some("pending" | "retry_scheduled" | "callback_scheduled"))
}

fn forget_probes(value: &mut AttributeValue) {
    let AttributeValue::M(map) = value else { return };
    if text(map, "name") == Some("probing") {
        map.remove("attempt");
        map.insert("name".to_owned(), AttributeValue::S("open".to_owned()));
    }
    map.values_mut().for_each(forget_probes);
}

/// A page of numbers no longer says whose they are.
fn forget_events(page: &mut Item) {
    if let Some(AttributeValue::S(digests)) = page.get_mut("digests") {
        *digests = "-".repeat(digests.len());
    }
}

fn set_in_spec(item: &mut Item, name: &str, value: AttributeValue) {
    let inner = match item.get_mut("spec") {
        Some(AttributeValue::M(spec)) => spec,
        _ => item,
    };
    inner.insert(name.to_owned(), value);
}

fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    match item.get(name)? {
        AttributeValue::S(text) => Some(text),
        _ => None,
    }
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn number_of(item: &Item, name: &str) -> Option<u64> {
    match item.get(name)? {
        AttributeValue::N(number) => number.parse().ok(),
        _ => None,
    }
}
