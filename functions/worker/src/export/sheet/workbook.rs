//! The file as an Excel workbook.

use std::collections::BTreeSet;
use std::io;

use carillon_domain::records::job::JobKind;
use carillon_domain::reporting::export::Cell;
use carillon_sheets::workbook_writer::{MAX_SHEET_COLUMNS, WorkbookWriter, WriteError};
use tokio::sync::mpsc;

use super::{Sheet, TooLarge, part};
use crate::error::JobError;

/// Most cells of a workbook: its rows lie on the function's disk (4 GB) until they are packed, at some 60 bytes a cell, and
/// are written within one run (five minutes).
const MAX_CELLS: u64 = 40_000_000;
/// Bytes that go to the bucket at once.
const PIECE_BYTES: usize = 1 << 20;
/// Pieces that wait for the bucket.
const WAITING_PIECES: usize = 4;

impl Sheet<'_> {
    /// Rows go into a file on the disk as they come, and that file, packed, to the bucket.
    pub(super) async fn write_workbook(
        &self,
        key: &str,
        variables: &BTreeSet<String>,
    ) -> Result<Result<u64, TooLarge>, JobError> {
        let header = self.layout.header(variables);
        if header.len() > MAX_SHEET_COLUMNS {
            return Ok(Err(TooLarge::Columns(header.len())));
        }
        let cells = self.job.counts.done.saturating_mul(header.len() as u64);
        if cells > MAX_CELLS {
            return Ok(Err(TooLarge::Cells(cells)));
        }
        let texts: Vec<_> = header.iter().map(Cell::in_workbook).collect();
        let mut writer = WorkbookWriter::begun(self.sheet_name(), &texts, self.job.created_at)?;
        for key in self.part_keys() {
            for row in part::rows(self.context, &key).await? {
                writer.push_line(&self.layout.line(&row, variables))?;
            }
        }
        self.send(key, writer).await.map(Ok)
    }

    /// Packs the workbook in a thread of its own, and hands on what is packed.
    async fn send(&self, key: &str, writer: WorkbookWriter) -> Result<u64, JobError> {
        let (sender, mut pieces) = mpsc::channel(WAITING_PIECES);
        let packing = tokio::task::spawn_blocking(move || pack(writer, sender));
        let (mut file, mut bytes) = (self.context.files.create(key).await?, 0);
        while let Some(piece) = pieces.recv().await {
            bytes += piece.len() as u64;
            file.push(piece).await?;
        }
        packing.await.map_err(io::Error::other)??;
        file.finish().await?;
        Ok(bytes)
    }

    fn sheet_name(&self) -> &'static str {
        let JobKind::Export(export) = &self.job.kind else { return "Sheet" };
        export.sheet_name()
    }
}

fn pack(writer: WorkbookWriter, sender: mpsc::Sender<Vec<u8>>) -> Result<(), WriteError> {
    let mut pieces = Pieces { pending: Vec::new(), sender };
    writer.finish(&mut pieces)?;
    // Whoever no longer takes pieces has failed, and says why.
    let _ = pieces.sender.blocking_send(pieces.pending);
    Ok(())
}

/// Gathers what is written, and sends it piece by piece.
struct Pieces {
    pending: Vec<u8>,
    sender: mpsc::Sender<Vec<u8>>,
}

impl io::Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= PIECE_BYTES {
            let piece = std::mem::take(&mut self.pending);
            self.sender.blocking_send(piece).map_err(|_| io::ErrorKind::BrokenPipe)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
