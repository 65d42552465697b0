//! A chunk of rows: read into leads, then written, then noted as progress.

use std::collections::{BTreeSet, HashMap};

use carillon_domain::base::ids::{LeadId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::Zone;
use carillon_domain::importing::{Column, ColumnMap, ImportDefaults, ReadRow, RowError};
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::campaign::OnDuplicate;
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::import::Import;
use carillon_domain::records::lead::{FileOrder, Lead, LeadBlock, Origin};
use carillon_runtime::context::Context;
use carillon_sheets::Record;
use carillon_store::{CREATE_BATCH, Held, RejectedBy, RejectedRow, RowOutcome};
use futures_util::future::try_join_all;

use crate::error::ImportError;
use crate::reading::Reading;
use crate::update::update;

/// Rows between two notes of progress.
pub(crate) const ROWS_PER_CHUNK: usize = 500;
/// Batches of leads that are created at the same time.
const BATCHES_AT_ONCE: usize = 4;

pub(crate) struct Chunk {
    /// Those that can become leads, each with its row as it stands in the file.
    leads: Vec<(Lead, Vec<String>)>,
    rejected: Vec<RejectedRow>,
    rows: u64,
    invalid: u64,
    warnings: u64,
    last_row: u64,
    position_bytes: u64,
    phone_header: String,
}

pub(crate) fn read(
    import: &Import,
    map: &ColumnMap,
    defaults: &ImportDefaults,
    records: &[Record],
    now: Timestamp,
) -> Chunk {
    let mut chunk = Chunk {
        leads: Vec::new(),
        rejected: Vec::new(),
        rows: 0,
        invalid: 0,
        warnings: 0,
        last_row: import.progress.last_row,
        position_bytes: import.progress.position_bytes,
        phone_header: map.header_of(&Column::Phone),
    };
    for record in records {
        chunk.last_row = record.next.row.saturating_sub(1);
        chunk.position_bytes = record.next.position;
        match record.lead(map, defaults) {
            Ok(None) => {}
            Ok(Some(ReadRow { mut draft, mut warnings })) => {
                let tags = draft.tag(&import.options.tags).err();
                let column = map.header_of(&Column::Tags);
                warnings.extend(tags.map(|fault| RowError::new(record.row, &column, "", fault)));
                let id = LeadId::derive(&import.campaign, &draft.primary.number);
                let order = FileOrder { at: import.created_at, row: record.row };
                let origin = Origin { import: import.id.clone(), row: record.row };
                let lead = draft.into_lead(id, order, Some(origin), now);
                chunk.rows += 1;
                chunk.warnings += warnings.len() as u64;
                chunk.rejected.extend(warnings.into_iter().map(|error| reported(record, error, true)));
                chunk.leads.push((lead, record.text().to_vec()));
            }
            Err(errors) => {
                chunk.rows += 1;
                chunk.invalid += 1;
                let mut faults: Vec<_> =
                    errors.into_iter().map(|error| reported(record, error, false)).collect();
                // The whole row stands with its first fault.
                faults.iter_mut().take(1).for_each(|fault| fault.fields = record.text().to_vec());
                chunk.rejected.extend(faults);
            }
        }
    }
    chunk
}

fn reported(record: &Record, error: RowError, is_warning: bool) -> RejectedRow {
    RejectedRow {
        row: record.row,
        column: Some(error.column).filter(|column| !column.is_empty()),
        value: Some(error.value),
        reason: error.reason.to_string(),
        lead: None,
        is_warning,
        fields: Vec::new(),
    }
}

/// Writes a chunk. Answers with the import as it stands then, or with nothing if another run of it
/// was faster.
pub(crate) async fn write(
    context: &Context,
    ws: &WorkspaceId,
    import: Import,
    mut chunk: Chunk,
    reading: &Reading,
    zones: &mut BTreeSet<Zone>,
) -> Result<Option<Import>, ImportError> {
    let new_zones: BTreeSet<_> =
        chunk.leads.iter().flat_map(|(lead, _)| lead.zones()).filter(|zone| !zones.contains(zone)).collect();
    context.store.add_zones(ws, &import.campaign, &new_zones).await?;
    zones.extend(new_zones);

    let suppressed = suppressed(context, ws, &chunk, &reading.lists).await?;
    let Stored { created, updated } = create(context, ws, &mut chunk, reading.on_duplicate).await?;
    let order = FileOrder { at: import.created_at, row: import.progress.last_row };
    let (created, block) = (created.len() as u64, LeadBlock::of_ids(&import.campaign, order, created));
    let duplicates = chunk.leads.len() as u64 - created - updated;
    chunk.rejected.sort_by_key(|rejected| rejected.row);
    let kept = import.progress.rejected_chunks;
    let chunks =
        context.store.keep_rejected(ws, RejectedBy::Import(&import.id), kept, chunk.rejected).await?;
    let mut next = Import { version: import.version + 1, updated_at: context.now(), ..import };
    next.progress.position_bytes = chunk.position_bytes;
    next.progress.last_row = chunk.last_row;
    next.progress.rows += chunk.rows;
    next.progress.created += created;
    next.progress.updated += updated;
    next.progress.duplicates += duplicates;
    next.progress.suppressed += suppressed;
    next.progress.invalid += chunk.invalid;
    next.progress.warnings += chunk.warnings;
    next.progress.rejected_chunks = kept + chunks;
    let mut counters = Counters::default();
    counters.add(Counter::Leads, i64::try_from(created).unwrap_or(i64::MAX));
    match context.store.advance_import(ws, &next, block.as_ref(), &counters).await {
        Ok(true) => {}
        Ok(false) => return Ok(None),
        Err(error) => {
            let stored = context.store.import(ws, &next.campaign, &next.id).await?;
            if stored.as_ref() != Some(&next) {
                return Err(error.into());
            }
        }
    }
    if created + updated > 0 {
        announce(context, ws).await;
    }
    Ok(Some(next))
}

/// How many rows have a number that is on a list which counts for the campaign. They become leads all the same, whom
/// nobody calls: the list may change.
async fn suppressed(
    context: &Context,
    ws: &WorkspaceId,
    chunk: &Chunk,
    lists: &BTreeSet<ListName>,
) -> Result<u64, ImportError> {
    let numbers: Vec<E164> = chunk.leads.iter().flat_map(|(lead, _)| lead.person()).collect();
    let records = context.store.number_records(ws, &numbers).await?;
    let listed = records.iter().filter(|record| record.suppressed_by(lists).is_some());
    let listed: BTreeSet<Subscriber> = listed.map(|record| Subscriber::of(&record.number)).collect();
    let is_listed = |lead: &Lead| lead.phones().any(|number| listed.contains(&Subscriber::of(number)));
    Ok(chunk.leads.iter().filter(|(lead, _)| is_listed(lead)).count() as u64)
}

/// Tells the planner of leads that are new or may have come back. It finds them anyway within a minute.
async fn announce(context: &Context, ws: &WorkspaceId) {
    if let Err(error) = context.store.add_work(ws, context.now()).await {
        tracing::warn!(%error, "the planner was not told of new leads");
    }
    context.hint_or_warn(ws).await;
}

/// What became leads of a chunk, or changed them.
struct Stored {
    created: Vec<LeadId>,
    updated: u64,
}

/// Creates the leads of a chunk, and updates or reports those of which a number is a lead already.
async fn create(
    context: &Context,
    ws: &WorkspaceId,
    chunk: &mut Chunk,
    on_duplicate: OnDuplicate,
) -> Result<Stored, ImportError> {
    let mut stored = Stored { created: Vec::new(), updated: 0 };
    let mut first_rows: HashMap<Subscriber, usize> = HashMap::new();
    let (mut fresh, mut again) = (Vec::new(), Vec::new());
    for (lead, fields) in &chunk.leads {
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
            RowOutcome::Created(lead) => stored.created.push(lead.clone()),
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
                    stored.updated += 1;
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
    Ok(stored)
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
        is_warning: false,
        fields: fields.to_vec(),
    }
}
