//! Rows that become leads of a campaign.

use std::collections::{BTreeSet, HashMap};

use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::base::zone::Zone;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::campaign::OnDuplicate;
use carillon_domain::records::import::Import;
use carillon_domain::records::lead::{FileOrder, Lead, LeadBlock, Origin};
use carillon_runtime::context::Context;
use carillon_store::{CREATE_BATCH, Held, RejectedRow, RowOutcome};
use futures_util::future::try_join_all;

use super::{Chunk, Row, Stored};
use crate::error::ImportError;
use crate::reading::Reading;
use crate::update::update;

/// Batches of leads that are created at the same time.
const BATCHES_AT_ONCE: usize = 4;

/// A lead to be, and its row as it stands in the file.
type LeadRow = (Lead, Vec<String>);

/// Stores the rows of a chunk as leads.
pub(super) async fn store(
    context: &Context,
    ws: &WorkspaceId,
    (import, campaign): (&Import, &CampaignId),
    chunk: &mut Chunk,
    rows: Vec<Row>,
    reading: &Reading,
    zones: &mut BTreeSet<Zone>,
) -> Result<Stored, ImportError> {
    let lead = |Row { draft, origin, fields }| {
        let id = LeadId::derive(campaign, &draft.primary.number);
        let order = FileOrder { at: import.created_at, row: origin.row };
        (draft.into_lead(id, order, Some(origin), context.now()), fields)
    };
    let leads: Vec<LeadRow> = rows.into_iter().map(lead).collect();
    let all = leads.iter().flat_map(|(lead, _)| lead.zones());
    let new_zones: BTreeSet<_> = all.filter(|zone| !zones.contains(zone)).collect();
    context.store.add_zones(ws, campaign, &new_zones).await?;
    zones.extend(new_zones);
    let suppressed = suppressed(context, ws, &leads, &reading.lists).await?;
    let (created, updated) = create(context, ws, chunk, &leads, reading.on_duplicate).await?;
    let order = FileOrder { at: import.created_at, row: import.progress.last_row };
    let (created, block) = (created.len() as u64, LeadBlock::of_ids(campaign, order, created));
    Ok(Stored { created, updated, suppressed, block })
}

/// How many rows have a number that is on a list which counts for the campaign. They become leads all the same, whom
/// nobody calls: the list may change.
async fn suppressed(
    context: &Context,
    ws: &WorkspaceId,
    leads: &[LeadRow],
    lists: &BTreeSet<ListName>,
) -> Result<u64, ImportError> {
    let numbers: Vec<E164> = leads.iter().flat_map(|(lead, _)| lead.person()).collect();
    let records = context.store.number_records(ws, &numbers).await?;
    let listed = records.iter().filter(|record| record.suppressed_by(lists).is_some());
    let listed: BTreeSet<Subscriber> = listed.map(|record| Subscriber::of(&record.number)).collect();
    let is_listed = |lead: &Lead| lead.phones().any(|number| listed.contains(&Subscriber::of(number)));
    Ok(leads.iter().filter(|(lead, _)| is_listed(lead)).count() as u64)
}

/// Tells the planner of leads that are new or may have come back. It finds them anyway within a minute.
pub(super) async fn announce(context: &Context, ws: &WorkspaceId) {
    if let Err(error) = context.store.add_work(ws, context.now()).await {
        tracing::warn!(%error, "the planner was not told of new leads");
    }
    context.hint_or_warn(ws).await;
}

/// Creates the leads of a chunk, and updates or reports those of which a number is a lead already. Says which were
/// created, and how many updated.
async fn create(
    context: &Context,
    ws: &WorkspaceId,
    chunk: &mut Chunk,
    leads: &[LeadRow],
    on_duplicate: OnDuplicate,
) -> Result<(Vec<LeadId>, u64), ImportError> {
    let (mut created, mut updated) = (Vec::new(), 0);
    let mut first_rows: HashMap<Subscriber, usize> = HashMap::new();
    let (mut fresh, mut again) = (Vec::new(), Vec::new());
    for (lead, fields) in leads {
        let subscribers = Subscriber::all(lead.phones());
        match subscribers.iter().find_map(|subscriber| first_rows.get(subscriber)) {
            Some(first) => again.push((lead, fields, *first)),
            None => {
                first_rows.extend(subscribers.into_iter().map(|subscriber| (subscriber, fresh.len())));
                fresh.push((lead, fields));
            }
        }
    }
    let batches: Vec<Vec<Lead>> = fresh
        .chunks(CREATE_BATCH)
        .map(|batch| batch.iter().map(|(lead, _)| (*lead).clone()).collect())
        .collect();
    let mut outcomes = Vec::with_capacity(fresh.len());
    for at_once in batches.chunks(BATCHES_AT_ONCE) {
        let asked: Vec<_> = at_once.iter().map(|leads| context.store.create_leads(ws, leads)).collect();
        outcomes.extend(try_join_all(asked).await?.into_iter().flatten());
    }
    let mut known = Vec::new();
    for (row, fields, first) in again {
        let (RowOutcome::Created(lead) | RowOutcome::Duplicate { lead, .. }) = &outcomes[first];
        let reason = format!("the same person as row {} of this file ({lead})", fresh[first].0.order.row);
        known.push((row, fields, lead, reason));
    }
    for ((row, fields), outcome) in fresh.into_iter().zip(&outcomes) {
        match outcome {
            RowOutcome::Created(lead) => created.push(lead.clone()),
            RowOutcome::Duplicate { lead, of } => {
                known.push((row, fields, lead, reason_of(row, lead, of.as_ref())));
            }
        }
    }
    // In the order of the file: of two rows for one person, the later one counts.
    known.sort_by_key(|(row, ..)| row.order);
    for (row, fields, lead, reason) in known {
        match on_duplicate {
            OnDuplicate::Update => match update(context, ws, lead, row).await? {
                Ok(held) => {
                    updated += 1;
                    chunk.warnings += held.len() as u64;
                    chunk.rejected.extend(held.into_iter().map(|held| left_out(row, held)));
                }
                Err(fault) => {
                    let reason = format!("{reason}, and can't take over this row: {fault}");
                    chunk.rejected.push(duplicate((row, lead), fields, &chunk.phone_header, reason));
                }
            },
            OnDuplicate::Skip => {
                chunk.rejected.push(duplicate((row, lead), fields, &chunk.phone_header, reason));
            }
        }
    }
    Ok((created, updated))
}

fn reason_of(row: &Lead, lead: &LeadId, of: Option<&Origin>) -> String {
    let ours = row.origin.as_ref().map(|origin| &origin.import);
    match of {
        None => format!("a number of theirs is a lead of this campaign already ({lead})"),
        Some(origin) if Some(&origin.import) == ours => {
            format!("the same person as row {} of this file ({lead})", origin.row)
        }
        Some(origin) => format!(
            "a number of theirs is a lead of this campaign already ({lead}), from row {} of import {}",
            origin.row, origin.import
        ),
    }
}

/// A number that the lead of a row does not get.
fn left_out(row: &Lead, Held { number, by }: Held) -> RejectedRow {
    RejectedRow {
        row: row.order.row,
        column: None,
        value: Some(number.to_string()),
        reason: format!("this number is another lead's of this campaign ({by}), and stays with it"),
        lead: Some(by),
        contact: None,
        is_warning: true,
        fields: Vec::new(),
    }
}

fn duplicate((row, lead): (&Lead, &LeadId), fields: &[String], column: &str, reason: String) -> RejectedRow {
    RejectedRow {
        row: row.order.row,
        column: Some(column.to_owned()),
        value: row.phones().next().map(ToString::to_string),
        reason,
        lead: Some(lead.clone()),
        contact: None,
        is_warning: false,
        fields: fields.to_vec(),
    }
}
