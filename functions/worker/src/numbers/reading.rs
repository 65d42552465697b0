//! What a file of numbers says: its beginning, its rows, and how much of it could not be read.

use std::collections::BTreeMap;

use carillon_domain::base::numbering::{BareDigits, Notation};
use carillon_domain::base::time::Timestamp;
use carillon_domain::importing::{BareDigitsQuestion, Fault, NumberColumns, PHONE_COLUMN, bare_digits_of};
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::import::FileFormat;
use carillon_domain::records::job::{BegunNumbers, Checkpoint, Job, JobKind, NumbersFile};
use carillon_runtime::context::Context;
use carillon_runtime::services::file_rows::{BegunFile, FileRows, FileRowsError, beginning};
use carillon_sheets::{Beginning, Record};
use carillon_store::RejectedRow;

use super::Portion;

/// Longest value of a row that can't be read which is kept, in bytes.
const MAX_SHOWN_BYTES: usize = 200;

/// A file that was begun.
pub(super) struct Begun {
    /// The job, which knows now what the file is and how its numbers are written.
    pub(super) job: Job,
    /// The file's first row, if that is no header.
    pub(super) first_row: Option<Record>,
}

/// Reads the beginning of a job's file.
///
/// # Errors
/// [`FileRowsError`]; it is unreadable, too, if nobody can say how its numbers are written.
pub(super) async fn begin(
    context: &Context,
    job: &Job,
    list: &ListName,
    file: &NumbersFile,
) -> Result<Begun, FileRowsError> {
    let size_bytes = context.files.size(&file.key).await?;
    let names = (file.key.as_str(), file.name.as_str());
    let beginning = beginning(context, names, file.sheet.as_deref(), BTreeMap::new()).await?;
    let columns = NumberColumns::named(&beginning.headers);
    let first_row = match (&columns, beginning.format) {
        (Some(_), _) => None,
        (None, FileFormat::Json) => {
            let reason = format!("no key names a number; call it `{PHONE_COLUMN}`");
            return Err(FileRowsError::Unreadable(reason));
        }
        (None, _) if beginning.headers.is_empty() => None,
        (None, FileFormat::Csv | FileFormat::Xlsx | FileFormat::Xls) => Some(Record {
            row: beginning.next.row.saturating_sub(1),
            fields: Ok(beginning.headers.clone()),
            cell_faults: Vec::new(),
            next: beginning.next,
        }),
    };
    let columns = columns.unwrap_or_else(NumberColumns::unnamed);
    let notation = told(&columns, &beginning, file.notation)?;
    let checkpoint = checkpoint(beginning.next);
    let begun = BegunNumbers {
        format: beginning.format,
        delimiter: beginning.delimiter,
        headers: beginning.headers,
        size_bytes,
    };
    let sheet = beginning.sheet.or_else(|| file.sheet.clone());
    let file = NumbersFile { notation, sheet, begun: Some(begun), ..file.clone() };
    let kind = JobKind::ImportNumbers { list: list.clone(), file };
    Ok(Begun { job: Job { kind, checkpoint, ..job.clone() }, first_row })
}

/// The rows of a job's file from its checkpoint on, where what stands in them, and how their numbers are written.
///
/// # Errors
/// [`FileRowsError`].
pub(super) async fn open(
    context: &Context,
    job: &Job,
) -> Result<(NumberColumns, Notation, FileRows), FileRowsError> {
    let JobKind::ImportNumbers { file: NumbersFile { key, notation, sheet, begun: Some(begun), .. }, .. } =
        &job.kind
    else {
        return Err(FileRowsError::Unreadable("the job has no file".to_owned()));
    };
    let source = BegunFile {
        key,
        format: begun.format,
        headers: &begun.headers,
        sheet: sheet.as_deref(),
        size_bytes: begun.size_bytes,
    };
    let columns = NumberColumns::named(&begun.headers).unwrap_or_else(NumberColumns::unnamed);
    Ok((columns, *notation, FileRows::open(context, source, place(&job.checkpoint)).await?))
}

/// How the numbers of a file are written, if its first rows tell.
fn told(
    columns: &NumberColumns,
    beginning: &Beginning,
    notation: Notation,
) -> Result<Notation, FileRowsError> {
    if notation.bare_digits != BareDigits::Unknown {
        return Ok(notation);
    }
    let rows = std::iter::once(beginning.headers.as_slice()).chain(beginning.cells());
    let phones: Vec<String> = rows.flat_map(|cells| columns.read(cells).phones).collect();
    match bare_digits_of(PHONE_COLUMN, phones.iter().map(String::as_str), notation) {
        Ok(bare_digits) => Ok(Notation { bare_digits, ..notation }),
        Err(BareDigitsQuestion { value, national, international, .. }) => {
            Err(FileRowsError::Unreadable(format!(
                "`{value}` can be {national} or {international}: say with `bare_digits`, `national` or \
                 `international`, which it is; nothing was listed"
            )))
        }
    }
}

/// What some rows say.
pub(super) fn portion(
    columns: &NumberColumns,
    notation: Notation,
    records: &[Record],
    now: Timestamp,
) -> Portion {
    let mut portion = Portion::default();
    for record in records {
        portion.to = Some(record.next);
        let cells = match &record.fields {
            Ok(cells) => cells,
            Err(malformed) => {
                let shown = malformed.fields.first().map(String::as_str).unwrap_or_default();
                portion.unread.push(rejected(record, shown, &malformed.fault));
                continue;
            }
        };
        let faults = record.cell_faults.iter().filter(|fault| fault.fault != Fault::List);
        let faults: Vec<_> =
            faults.filter(|fault| fault.field.is_none_or(|place| columns.is_phone(place))).collect();
        let row = columns.read(cells);
        let listing = row.listing(now);
        let mut unread = Vec::new();
        for phone in row.phones.iter().filter(|phone| faults.is_empty() || !phone.is_empty()) {
            match notation.read(phone) {
                Ok(number) => {
                    portion.numbers += 1;
                    portion.entries.entry(number).or_insert_with(|| listing.clone());
                }
                Err(error) => unread.push(rejected(record, phone, &error)),
            }
        }
        unread.extend(faults.into_iter().map(|fault| rejected(record, &fault.value, &fault.fault)));
        // The row stands whole with its first fault.
        unread.iter_mut().skip(1).for_each(|fault| fault.fields.clear());
        portion.unread.extend(unread);
    }
    portion
}

/// Something in a row that is no number.
fn rejected(record: &Record, value: &str, reason: &impl ToString) -> RejectedRow {
    RejectedRow {
        row: record.row,
        column: None,
        value: Some(value[..value.floor_char_boundary(MAX_SHOWN_BYTES)].to_owned()),
        reason: reason.to_string(),
        lead: None,
        contact: None,
        is_warning: false,
        fields: record.text().to_vec(),
    }
}

/// The job at the end of its file; it says how many people can still be called.
pub(super) fn completed(job: &Job, now: Timestamp) -> Job {
    let error = match job.counts.refused {
        0 => None,
        1 => Some("1 number can't be read, and can still be called".to_owned()),
        refused => Some(format!("{refused} numbers can't be read, and can still be called")),
    };
    Job { error, ..job.completed(now) }
}

/// A place in a file, as a job keeps it.
pub(super) fn checkpoint(place: carillon_sheets::Checkpoint) -> Checkpoint {
    Checkpoint { part: u32::try_from(place.row).unwrap_or(u32::MAX), after: Some(place.position.to_string()) }
}

/// The place in a file that a job keeps.
fn place(checkpoint: &Checkpoint) -> carillon_sheets::Checkpoint {
    let position = checkpoint.after.as_deref().and_then(|position| position.parse().ok());
    carillon_sheets::Checkpoint { position: position.unwrap_or_default(), row: checkpoint.part.into() }
}
