//! Made-up campaigns for tests.

use std::collections::BTreeSet;

use carillon_adapters::queue::Message;
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{CampaignId, LeadId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::importing::LeadDraft;
use carillon_domain::policy::cadence::{Cadence, Step};
use carillon_domain::records::campaign::{Campaign, CampaignSpec};
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::lead::{FileOrder, Lead, LeadBlock, Origin};
use carillon_domain::transaction::{Transaction, Write};
use carillon_domain::{base::ids::ImportId, records::campaign::Command};
use carillon_runtime::context::Context;
use carillon_runtime::services::lifecycle;

use crate::context::Keys;

/// A campaign with the defaults of the API.
pub fn spec(keys: &Keys) -> CampaignSpec {
    CampaignSpec {
        time_zone: chrono_tz::Tz::Europe__Berlin,
        welcome_message_template: Some("Hi {{ name }}".into()),
        ..CampaignSpec::new("Test", keys.assistant.clone())
    }
}

/// A campaign that sends each lead a text, and nothing else.
pub fn texting(keys: &Keys) -> CampaignSpec {
    let text = Step { channel: Channel::Sms, delay_minutes: 0, after: BTreeSet::new() };
    CampaignSpec {
        cadence: Cadence::try_from(vec![text]).expect("one step"),
        sms_message_template: Some("Hi {{ name }}, your order {{ order | default('A-1') }} is ready".into()),
        ..spec(keys)
    }
}

/// Creates a campaign with leads of these numbers and zones, and starts it.
pub async fn start_campaign(
    context: &Context,
    keys: &Keys,
    spec: CampaignSpec,
    people: &[(String, chrono_tz::Tz)],
) -> CampaignId {
    let id = draft_campaign(context, keys, spec).await;
    add_leads(context, keys, &id, people).await;
    lifecycle::apply(context, &keys.workspace, &id, Command::Start).await.expect("a draft starts");
    id
}

/// Creates a campaign as a draft.
pub async fn draft_campaign(context: &Context, keys: &Keys, spec: CampaignSpec) -> CampaignId {
    let ws = &keys.workspace;
    let now = context.now();
    let id = CampaignId::new(now, context.random.draw());
    let campaign = Campaign::draft(id.clone(), spec, now);
    assert!(context.store.create_campaign(ws, &campaign).await.expect("a table"));
    id
}

/// Tells the importer of a file, as the bucket does.
pub async fn tell_of_file(context: &Context, key: &str) {
    let event = serde_json::json!({"Records": [{
        "eventTime": context.now(),
        "s3": {"object": {"key": key, "sequencer": "1"}},
    }]});
    context.queues.import.send(&[Message::now(event.to_string())]).await.expect("a queue");
}

/// Adds leads to a campaign as an importer does.
pub async fn add_leads(context: &Context, keys: &Keys, id: &CampaignId, people: &[(String, chrono_tz::Tz)]) {
    let ws = &keys.workspace;
    let now = context.now();
    let import = ImportId::new(now, context.random.draw());
    let leads: Vec<Lead> =
        (1..).zip(people).map(|(row, (number, zone))| lead(id, &import, row, number, *zone, now)).collect();
    let zones = leads.iter().map(|lead| lead.zone.clone()).collect();
    context.store.add_zones(ws, id, &zones).await.expect("a table");
    for batch in leads.chunks(carillon_store::CREATE_BATCH) {
        context.store.create_leads(ws, batch).await.expect("a table");
        let mut counters = Counters::default();
        counters.add(Counter::Leads, i64::try_from(batch.len()).expect("small"));
        let count = Write::Count { campaign: id.clone(), lead: batch[0].id.clone(), counters };
        context.store.commit(ws, &Transaction::of(count)).await.expect("a table");
    }
    if let Some(block) = LeadBlock::of(&leads) {
        context.store.list_leads(ws, &block).await.expect("a table");
    }
    context.store.add_work(ws, now).await.expect("a table");
}

fn lead(
    campaign: &CampaignId,
    import: &ImportId,
    row: u64,
    number: &str,
    zone: chrono_tz::Tz,
    now: Timestamp,
) -> Lead {
    let primary = number.parse().expect("an E.164 number");
    let mut draft = LeadDraft::new(primary, []);
    draft.timezone = Some(zone);
    let id = LeadId::derive(campaign, &draft.primary.number);
    let origin = Origin { import: import.clone(), row };
    draft.into_lead(id, FileOrder { at: now, row }, Some(origin), now)
}

/// Numbers of nobody, one for each of `count` people, all in one zone.
pub fn people(count: usize, zone: chrono_tz::Tz) -> Vec<(String, chrono_tz::Tz)> {
    (0..count).map(|n| (format!("+4930231{:06}", 100_000 + n), zone)).collect()
}

/// The same of another part of town, 2 to 9: none of them is among those of any other.
pub fn population(part: u8, count: usize, zone: chrono_tz::Tz) -> Vec<(String, chrono_tz::Tz)> {
    (0..count).map(|n| (format!("+493023{part}{:06}", 100_000 + n), zone)).collect()
}

/// Takes the rates off the workspace's caller number: of calls and of texts.
pub async fn lift_rate(context: &Context, keys: &Keys) {
    set_rate(context, keys, None).await;
}

/// Sets how many calls the workspace may have in flight.
pub async fn set_slots(context: &Context, keys: &Keys, slots: u32) {
    let stored = context.store.workspace(&keys.workspace).await.expect("a table");
    let mut workspace = stored.expect("the workspace of the set-up");
    workspace.version += 1;
    workspace.concurrent_limit = slots;
    assert!(context.store.update_workspace(&workspace).await.expect("a table"));
}

/// Sets the rate of the workspace's caller number.
pub async fn set_rate(context: &Context, keys: &Keys, per_minute: Option<u32>) {
    set_lanes(context, keys, per_minute, None).await;
}

/// Sets the rate of the workspace's caller number, and how much of it is kept for calls by hand. Without one, texts
/// have none either.
pub async fn set_lanes(context: &Context, keys: &Keys, per_minute: Option<u32>, reserved: Option<u32>) {
    let ws = &keys.workspace;
    let stored = context.store.caller_number(ws, &keys.caller_number).await.expect("a table");
    let mut number = stored.expect("the number of the set-up");
    number.version += 1;
    (number.rate_limit_per_minute, number.reserved_per_minute) = (per_minute, reserved);
    if let Some(sender) = &mut number.sms {
        sender.rate_limit_per_minute = sender.rate_limit_per_minute.filter(|_| per_minute.is_some());
    }
    assert!(context.store.update_caller_number(ws, &number).await.expect("a table"));
}
