//! A chunk of rows: read into drafts, then written as leads or contacts, then noted as progress.

mod contacts;
mod leads;

use std::collections::BTreeSet;

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::zone::Zone;
use carillon_domain::importing::{Column, ColumnMap, ImportDefaults, LeadDraft, ReadRow, RowError};
use carillon_domain::records::counters::{Counter, Counters};
use carillon_domain::records::import::{Import, ImportTarget};
use carillon_domain::records::lead::{LeadBlock, Origin};
use carillon_runtime::context::Context;
use carillon_sheets::Record;
use carillon_store::{RejectedBy, RejectedRow};

use crate::error::ImportError;
use crate::reading::Reading;

/// Rows between two notes of progress.
pub(crate) const ROWS_PER_CHUNK: usize = 500;

pub(crate) struct Chunk {
    /// Those that can become leads or contacts.
    readable: Vec<Row>,
    rejected: Vec<RejectedRow>,
    rows: u64,
    invalid: u64,
    warnings: u64,
    last_row: u64,
    position_bytes: u64,
    phone_header: String,
}

/// A row that could be read.
struct Row {
    draft: LeadDraft,
    origin: Origin,
    /// The row as it stands in the file.
    fields: Vec<String>,
}

/// What came of the rows of a chunk.
#[derive(Default)]
struct Stored {
    created: u64,
    updated: u64,
    /// Rows whose number is on a do-not-call list that counts.
    suppressed: u64,
    /// The leads that were created.
    block: Option<LeadBlock>,
}

pub(crate) fn read(import: &Import, map: &ColumnMap, defaults: &ImportDefaults, records: &[Record]) -> Chunk {
    let mut chunk = Chunk {
        readable: Vec::new(),
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
                chunk.rows += 1;
                chunk.warnings += warnings.len() as u64;
                chunk.rejected.extend(warnings.into_iter().map(|error| reported(record, error, true)));
                let origin = Origin { import: import.id.clone(), row: record.row };
                chunk.readable.push(Row { draft, origin, fields: record.text().to_vec() });
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
        contact: None,
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
    let rows = std::mem::take(&mut chunk.readable);
    let readable = rows.len() as u64;
    let Stored { created, updated, suppressed, block } = match &import.target {
        ImportTarget::Campaign(campaign) => {
            leads::store(context, ws, (&import, campaign), &mut chunk, rows, reading, zones).await?
        }
        ImportTarget::ContactList(list) => {
            contacts::store(context, ws, list, &mut chunk, rows, reading.on_duplicate).await?
        }
    };
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
    next.progress.duplicates += readable - created - updated;
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
            let stored = context.store.import(ws, &next.target, &next.id).await?;
            if stored.as_ref() != Some(&next) {
                return Err(error.into());
            }
        }
    }
    if next.target.campaign().is_some() && created + updated > 0 {
        leads::announce(context, ws).await;
    }
    Ok(Some(next))
}
