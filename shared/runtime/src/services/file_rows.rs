//! The rows of a file in the bucket, whatever it is, from any of them on.

mod beginning;

use std::ops::ControlFlow;

use carillon_adapters::files::{FileReader, FilesError};
use carillon_domain::records::import::FileFormat;
use carillon_sheets::csv::{Dialect, SheetParser};
use carillon_sheets::json::JsonParser;
use carillon_sheets::workbook::{Workbook, WorkbookError};
use carillon_sheets::{Checkpoint, Record, Unreadable};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::spawn_blocking;

use crate::context::Context;

pub use beginning::beginning;
use beginning::{broke_off, head, open_workbook};

/// Rows of a workbook that are handed over at once.
const PORTION_ROWS: usize = 500;
/// Portions of rows of a workbook that wait to be taken.
const PORTIONS_AHEAD: usize = 2;

/// Rows can't be had.
#[derive(Debug, thiserror::Error)]
pub enum FileRowsError {
    /// The file can't be read, now or later.
    #[error("{0}")]
    Unreadable(String),
    /// The bucket did not answer.
    #[error(transparent)]
    Files(#[from] FilesError),
}

/// A file of which the beginning was read.
#[derive(Debug, Clone, Copy)]
pub struct BegunFile<'a> {
    /// Its key in the bucket.
    pub key: &'a str,
    pub format: FileFormat,
    pub headers: &'a [String],
    /// The sheet of a workbook that is read.
    pub sheet: Option<&'a str>,
    pub size_bytes: u64,
}

/// The rows of a file, as they come.
pub enum FileRows {
    Csv {
        parser: SheetParser,
        reader: FileReader,
        is_over: bool,
    },
    Json {
        parser: JsonParser,
        reader: FileReader,
        is_over: bool,
    },
    /// A workbook is read by a thread of its own: its reader can't be left and come back to.
    Workbook(Receiver<Portion>),
}

/// Some rows; none behind the last one.
type Portion = Result<Option<Vec<Record>>, WorkbookError>;

impl FileRows {
    /// Those from this row on.
    ///
    /// # Errors
    /// [`FileRowsError`].
    pub async fn open(
        context: &Context,
        file: BegunFile<'_>,
        from: Checkpoint,
    ) -> Result<Self, FileRowsError> {
        let key = file.key;
        Ok(match file.format {
            FileFormat::Csv => {
                let parser = SheetParser::resume(Dialect::detect(&head(context, key).await?), from);
                Self::Csv { parser, reader: context.files.open(key, from.position).await?, is_over: false }
            }
            FileFormat::Json => {
                let parser = JsonParser::resume(file.headers, from);
                Self::Json { parser, reader: context.files.open(key, 0).await?, is_over: false }
            }
            FileFormat::Xlsx | FileFormat::Xls => {
                let workbook = open_workbook(context, key).await?;
                let (sender, receiver) = channel(PORTIONS_AHEAD);
                let sheet = file.sheet.unwrap_or_default().to_owned();
                let size_bytes = file.size_bytes;
                spawn_blocking(move || read_workbook(workbook, &sheet, from, size_bytes, &sender));
                Self::Workbook(receiver)
            }
        })
    }

    /// The next rows, as many as are complete; none behind the last one.
    ///
    /// # Errors
    /// [`FileRowsError`].
    pub async fn next(&mut self) -> Result<Option<Vec<Record>>, FileRowsError> {
        match self {
            Self::Csv { parser, reader, is_over } => {
                let Some((bytes, is_last)) = next_bytes(reader, is_over).await? else { return Ok(None) };
                Ok(Some(parser.push(&bytes, is_last)))
            }
            Self::Json { parser, reader, is_over } => {
                let Some((bytes, is_last)) = next_bytes(reader, is_over).await? else { return Ok(None) };
                Ok(Some(parser.push(&bytes, is_last)))
            }
            // A thread that ends without a word has panicked.
            Self::Workbook(portions) => Ok(portions.recv().await.ok_or_else(broke_off)??),
        }
    }
}

/// The next bytes and whether they are the last; none behind those.
async fn next_bytes(
    reader: &mut FileReader,
    is_over: &mut bool,
) -> Result<Option<(Vec<u8>, bool)>, FileRowsError> {
    if *is_over {
        return Ok(None);
    }
    let bytes = reader.chunk().await?;
    *is_over = bytes.is_none();
    Ok(Some((bytes.unwrap_or_default(), *is_over)))
}

/// Sends the rows of a sheet until nobody wants more.
fn read_workbook(
    mut workbook: Workbook,
    sheet: &str,
    from: Checkpoint,
    size_bytes: u64,
    portions: &Sender<Portion>,
) {
    let end = send_rows(&mut workbook, sheet, from, size_bytes, portions);
    let _ = portions.blocking_send(end.map(|()| None));
}

fn send_rows(
    workbook: &mut Workbook,
    sheet: &str,
    from: Checkpoint,
    size_bytes: u64,
    portions: &Sender<Portion>,
) -> Result<(), WorkbookError> {
    let rows_in_all = workbook.row_count(sheet)?;
    let mut portion = Vec::new();
    workbook.records(sheet, from, |mut record| {
        record.next.position = share(size_bytes, record.row, rows_in_all);
        portion.push(record);
        if portion.len() < PORTION_ROWS {
            return ControlFlow::Continue(());
        }
        match portions.blocking_send(Ok(Some(std::mem::take(&mut portion)))) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    let _ = portions.blocking_send(Ok(Some(portion)));
    Ok(())
}

/// How many bytes of a workbook so many of its rows are, for those who want to know how far its import is. One
/// that does not say how many rows it has tells nothing.
fn share(size_bytes: u64, row: u64, rows_in_all: u64) -> u64 {
    if row > rows_in_all {
        return 0;
    }
    let share = u128::from(size_bytes) * u128::from(row) / u128::from(rows_in_all.max(1));
    u64::try_from(share).unwrap_or(size_bytes)
}

impl From<Unreadable> for FileRowsError {
    fn from(error: Unreadable) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<WorkbookError> for FileRowsError {
    fn from(error: WorkbookError) -> Self {
        Self::Unreadable(error.to_string())
    }
}
