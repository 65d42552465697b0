//! Made-up campaigns for tests.

use carillon_adapters::queue::Message;
use carillon_domain::campaign::{Campaign, CampaignSpec};
use carillon_domain::ids::{CampaignId, LeadId};
use carillon_domain::intake::LeadDraft;
use carillon_domain::lead::{FileOrder, Lead, Origin};
use carillon_domain::tally::{Counter, Tally};
use carillon_domain::time::Timestamp;
use carillon_domain::write::{Transaction, Write};
use carillon_domain::{campaign::Command, ids::ImportId};
use carillon_runtime::lifecycle;
use carillon_runtime::world::World;

use crate::world::Keys;

/// A campaign with the defaults of the API.
pub fn spec(keys: &Keys) -> CampaignSpec {
    CampaignSpec {
        time_zone: chrono_tz::Tz::Europe__Berlin,
        welcome_message_template: Some("Hi {{ name }}".into()),
        ..CampaignSpec::new("Test", keys.assistant.clone())
    }
}

/// Creates a campaign with leads of these numbers and zones, and starts it.
pub async fn start_campaign(
    world: &World,
    keys: &Keys,
    spec: CampaignSpec,
    people: &[(String, chrono_tz::Tz)],
) -> CampaignId {
    let id = draft_campaign(world, keys, spec).await;
    add_leads(world, keys, &id, people).await;
    lifecycle::apply(world, &keys.workspace, &id, Command::Start).await.expect("a draft starts");
    id
}

/// Creates a campaign as a draft.
pub async fn draft_campaign(world: &World, keys: &Keys, spec: CampaignSpec) -> CampaignId {
    let ws = &keys.workspace;
    let now = world.now();
    let id = CampaignId::new(now, world.random.draw());
    let campaign = Campaign::draft(id.clone(), spec, now);
    assert!(world.store.create_campaign(ws, &campaign).await.expect("a table"));
    id
}

/// Tells the importer of a file, as the bucket does.
pub async fn tell_of_file(world: &World, key: &str) {
    let event = serde_json::json!({"Records": [{
        "eventTime": world.now(),
        "s3": {"object": {"key": key, "sequencer": "1"}},
    }]});
    world.queues.import.send(&[Message::now(event.to_string())]).await.expect("a queue");
}

/// Adds leads to a campaign as an importer does.
pub async fn add_leads(world: &World, keys: &Keys, id: &CampaignId, people: &[(String, chrono_tz::Tz)]) {
    let ws = &keys.workspace;
    let now = world.now();
    let import = ImportId::new(now, world.random.draw());
    let leads: Vec<Lead> =
        (1..).zip(people).map(|(row, (number, zone))| lead(id, &import, row, number, *zone, now)).collect();
    let zones = leads.iter().map(|lead| lead.zone.clone()).collect();
    world.store.add_zones(ws, id, &zones).await.expect("a table");
    for batch in leads.chunks(carillon_store::CREATE_BATCH) {
        world.store.create_leads(ws, batch).await.expect("a table");
        let mut tally = Tally::default();
        tally.add(Counter::Leads, i64::try_from(batch.len()).expect("small"));
        let count = Write::Count { campaign: id.clone(), lead: batch[0].id.clone(), tally };
        world.store.commit(ws, &Transaction::of(count)).await.expect("a table");
    }
    world.store.add_work(ws, now).await.expect("a table");
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
    let id = LeadId::derive(campaign, &draft.primary);
    let origin = Origin { import: import.clone(), row };
    Lead::new(id, draft, FileOrder { at: now, row }, Some(origin), now)
}

/// Numbers of nobody, one for each of `count` people, all in one zone.
pub fn people(count: usize, zone: chrono_tz::Tz) -> Vec<(String, chrono_tz::Tz)> {
    (0..count).map(|n| (format!("+4930231{:06}", 100_000 + n), zone)).collect()
}

/// The same of another part of town, 2 to 9: none of them is among those of any other.
pub fn crowd(part: u8, count: usize, zone: chrono_tz::Tz) -> Vec<(String, chrono_tz::Tz)> {
    (0..count).map(|n| (format!("+493023{part}{:06}", 100_000 + n), zone)).collect()
}

/// Takes the rate off the workspace's caller number.
pub async fn lift_rate(world: &World, keys: &Keys) {
    set_rate(world, keys, None).await;
}

/// Sets the rate of the workspace's caller number.
pub async fn set_rate(world: &World, keys: &Keys, per_minute: Option<u32>) {
    let ws = &keys.workspace;
    let stored = world.store.caller_number(ws, &keys.caller_number).await.expect("a table");
    let mut number = stored.expect("the number of the set-up");
    number.version += 1;
    number.rate_limit_per_minute = per_minute;
    assert!(world.store.update_caller_number(ws, &number).await.expect("a table"));
}
