//! What lists of leads cost in campaigns of three sizes: ten typical questions through the API, and beside them
//! what reading all leads takes.
//!
//! `cargo run --release -p carillon-system-tests --bin lead_list [leads...]`
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::time::Instant;

use carillon_domain::base::ids::{CampaignId, ImportId, LeadId};
use carillon_domain::importing::LeadDraft;
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::lead::{FileOrder, Lead, LeadBlock, LeadState, Origin};
use carillon_domain::reporting::events::Change;
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::context::Context;
use carillon_runtime::services::lead_search;
use carillon_store::CREATE_BATCH;
use carillon_system_tests::api::Api;
use carillon_system_tests::context::Keys;

const SIZES: [u64; 3] = [1_000, 100_000, 1_000_000];
/// Leads that one chunk of a file lists.
const BLOCK: usize = 500;
/// Changes that the stream function gets at once.
const CHANGES: usize = 100;
/// How often each question is asked.
const TIMES: usize = 40;
/// More leads than this are not read as a whole.
const MOST_READ: u64 = 100_000;

const QUESTIONS: [(&str, &str); 10] = [
    ("first page", "limit=50"),
    ("latest first", "limit=50&sort=-order"),
    ("part of a name, many", "limit=50&search=ida"),
    ("part of a name, one", "limit=50&search=ida%20500%20"),
    ("part of a number", "limit=50&search=230000"),
    ("one status", "limit=50&status=completed"),
    ("waiting, with a part of a name", "limit=50&status=waiting&search=bo"),
    ("a tag, newest first", "limit=50&tag=vip&sort=-created_at"),
    ("by name", "limit=100&sort=name"),
    ("by last call", "limit=100&sort=-last_call_at"),
];

#[tokio::main]
async fn main() {
    let given: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    for size in if given.is_empty() { SIZES.to_vec() } else { given } {
        let api = Api::start_telling().await;
        let path = api.campaign().await;
        let id: CampaignId = path.trim_start_matches("/campaigns/").parse().expect("an id");
        fill(&api.context, &api.keys, &id, size).await;
        println!("\n{size} leads{:27} p50 ms   p99 ms  requests  read u.   total", "");
        for (name, query) in QUESTIONS {
            ask(&api, name, &format!("{path}/leads?{query}")).await;
        }
        let first = api.get(&format!("{path}/leads?limit=50&sort=name")).await.ok(200);
        let cursor = first["next_cursor"].as_str().expect("more").to_owned();
        ask(&api, "by name, the next page", &format!("{path}/leads?limit=50&sort=name&cursor={cursor}"))
            .await;
        if size <= MOST_READ {
            let begun = Instant::now();
            let leads = api.context.store.all_leads(&api.keys.workspace, &id).await.expect("a table").len();
            println!("{:<38}{:8.1}  ({leads} leads)", "beside it, reading all", ms(begun));
        }
    }
}

async fn ask(api: &Api, name: &str, path: &str) {
    let before = api.table.meter().snapshot().total();
    let (mut took, mut total) = (Vec::with_capacity(TIMES), 0);
    for _ in 0..TIMES {
        let begun = Instant::now();
        total = api.get(path).await.ok(200)["total"].as_u64().unwrap_or_default();
        took.push(ms(begun));
    }
    let used = api.table.meter().snapshot().total() - before;
    took.sort_by(f64::total_cmp);
    let (times, at) = (TIMES as f64, |part: f64| took[((TIMES - 1) as f64 * part).round() as usize]);
    let (requests, read_units) = (used.requests as f64 / times, used.read_units / times);
    println!("{name:<38}{:8.1} {:8.1} {requests:9.1} {read_units:8.1} {total:8}", at(0.5), at(0.99));
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// Leads as an importer creates them, told of as the stream does, and the index written anew as it falls due.
async fn fill(context: &Context, keys: &Keys, campaign: &CampaignId, size: u64) {
    let (ws, now) = (&keys.workspace, context.now());
    let import = ImportId::new(now, context.random.draw());
    let rows: Vec<u64> = (1..=size).collect();
    for rows in rows.chunks(BLOCK) {
        let leads: Vec<Lead> = rows.iter().map(|row| lead(campaign, &import, *row, now)).collect();
        for batch in leads.chunks(CREATE_BATCH) {
            context.store.create_leads(ws, batch).await.expect("a table");
        }
        let block = LeadBlock::of(&leads).expect("leads");
        let mut counters = Counters::default();
        counters.add(Counter::Leads, i64::try_from(leads.len()).expect("small"));
        let count = Write::Count { campaign: campaign.clone(), lead: leads[0].id.clone(), counters };
        let transaction = Transaction(vec![Write::ListLeads(block), count]);
        context.store.commit(ws, &transaction).await.expect("a table");
        let changes: Vec<_> = leads.into_iter().map(|after| Change::Lead { before: None, after }).collect();
        for some in changes.chunks(CHANGES) {
            let some: Vec<_> = some.iter().map(|change| (ws, change)).collect();
            lead_search::note(context, &some).await.expect("a table");
        }
        if rows[0] % 5_000 == 1 {
            lead_search::rewrite(context, ws, campaign).await.expect("a table");
        }
    }
}

fn lead(
    campaign: &CampaignId,
    import: &ImportId,
    row: u64,
    now: carillon_domain::base::time::Timestamp,
) -> Lead {
    let number = format!("+49302{:07}", row % 10_000_000).parse().expect("an E.164 number");
    let mut draft = LeadDraft::new(number, []);
    let first = ["Ida", "Bo", "Zoë", "Marie-Louise", "Kim"][row as usize % 5];
    draft.name = Some(format!("{first} {row} Example"));
    draft.tags = if row.is_multiple_of(97) { vec!["VIP".to_owned()] } else { Vec::new() };
    let id = LeadId::derive(campaign, &draft.primary.number);
    let order = FileOrder { at: now, row };
    let lead = draft.into_lead(id, order, Some(Origin { import: import.clone(), row }), now);
    let state = if row.is_multiple_of(3) { LeadState::Completed } else { LeadState::Pending };
    Lead { state, ..lead }
}
