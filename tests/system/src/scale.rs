//! What the tick and the planner cost beside so many leads.

use std::collections::BTreeMap;

use carillon_domain::base::ids::{CampaignId, ImportId, LeadId};
use carillon_domain::base::time::MINUTE_MS;
use carillon_domain::importing::LeadDraft;
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::lead::{FileOrder, Lead, Origin};
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::services::lifecycle;
use chrono_tz::Tz::Europe__Berlin as BERLIN;

use crate::harness::{Harness, MONDAY_AT_NINE, Options};
use crate::people;
use crate::spent::Spent;

/// How long a campaign runs, in virtual minutes.
const MINUTES: i64 = 30;
/// The functions that are looked at.
const FUNCTIONS: [&str; 2] = ["tick", "planner"];

/// What the functions used, by name, in half an hour of a campaign with so many leads, of whom the same
/// few hundred are called.
pub async fn cost_beside(leads: u32) -> BTreeMap<&'static str, Spent> {
    let mut harness = Harness::start(Options { hop_ms: 80, ..Options::at(MONDAY_AT_NINE) }).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    let campaign = people::draft_campaign(&context, &keys, people::spec(&keys)).await;
    fill(&harness, &campaign, leads).await;
    let start = carillon_domain::records::campaign::Command::Start;
    lifecycle::apply(&context, &keys.workspace, &campaign, start).await.expect("a draft starts");
    harness.run_to(MONDAY_AT_NINE.plus_ms(MINUTES * MINUTE_MS)).await;
    FUNCTIONS.into_iter().map(|name| (name, harness.spent[name].clone())).collect()
}

/// Creates leads in bulk, a request of them at a time.
async fn fill(harness: &Harness, campaign: &CampaignId, count: u32) {
    let (context, ws) = (&harness.context, &harness.keys.workspace);
    let now = context.now();
    let import = ImportId::new(now, context.random.draw());
    let lead = |row: u32| {
        let primary = format!("+49302{row:08}").parse().expect("an E.164 number");
        let mut draft = LeadDraft::new(primary, []);
        draft.timezone = Some(BERLIN);
        let (id, row) = (LeadId::derive(campaign, &draft.primary.number), u64::from(row));
        draft.into_lead(id, FileOrder { at: now, row }, Some(Origin { import: import.clone(), row }), now)
    };
    let zone = lead(0).zone;
    context.store.add_zones(ws, campaign, &[zone].into()).await.expect("a table");
    let batch_size = u32::try_from(carillon_store::CREATE_BATCH).expect("small");
    for first in (0..count).step_by(carillon_store::CREATE_BATCH) {
        let batch: Vec<Lead> = (first..count.min(first + batch_size)).map(lead).collect();
        context.store.create_leads(ws, &batch).await.expect("a table");
    }
    let mut counters = Counters::default();
    counters.add(Counter::Leads, i64::from(count));
    let counted = Write::Count { campaign: campaign.clone(), lead: lead(0).id, counters };
    context.store.commit(ws, &Transaction::of(counted)).await.expect("a table");
    context.store.add_work(ws, now).await.expect("a table");
}

/// The figures of two runs beside each other, as a table.
pub fn table(few: (u32, &BTreeMap<&str, Spent>), many: (u32, &BTreeMap<&str, Spent>)) -> String {
    let mut lines = format!("{:<28}{:>16}{:>16}{:>9}\n", "per run, with leads", few.0, many.0, "ratio");
    for ((name, one), other) in few.1.iter().zip(many.1.values()) {
        lines.push_str(&format!("{:<28}{:>16}{:>16}\n", format!("{name}: runs"), one.runs, other.runs));
        for ((figure, before), (_, after)) in one.per_run().into_iter().zip(other.per_run()) {
            let name = format!("{name}: {figure}");
            let ratio = if after == before { 1.0 } else { after / before };
            lines.push_str(&format!("{name:<28}{before:>16.2}{after:>16.2}{ratio:>9.3}\n"));
        }
    }
    lines
}
