//! The rows of the files that people send: CSV, Excel workbooks, JSON.
//!
//! Whatever a file is, its rows come out as [`Record`]s, and each says where the next one starts
//! ([`Checkpoint`]), so that a later run can go on from there. Nothing is lost in silence: a row that can't be
//! read comes out as [`Malformed`].
//!
//! Workbooks are written here as well ([`workbook_writer`]); CSV needs no more than the domain's lines.

mod beginning;
pub mod csv;
mod file_kind;
pub mod json;
mod record;
pub mod workbook;
pub mod workbook_writer;

pub use beginning::{Beginning, Unreadable};
pub use file_kind::FileKind;
pub use record::{CellFault, Checkpoint, Malformed, Record};

/// As many first bytes of a file tell what it is, and hold the header of one of text.
pub const HEAD_BYTES: usize = 64 * 1024;
/// Longest row in bytes of its text.
pub const MAX_ROW_BYTES: usize = 64 * 1024;
/// Most bytes of a malformed row that its report shows.
const MAX_SHOWN_BYTES: usize = 1_024;
