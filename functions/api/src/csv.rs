//! Answers as CSV. They come whole: what is too large for an answer goes into the files, and the answer leads there.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::importing::{guarded, quoted};
use carillon_runtime::context::Context;

use crate::http::problem::{Code, Problem};

/// Tells spreadsheets that the text is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
const DELIMITER: char = ',';
const LINE_END: &str = "\r\n";
/// Largest sheet that is itself the answer, in bytes: a function may answer with 6 MB.
const MAX_ANSWER_BYTES: usize = 4 << 20;
/// Largest sheet at all, in bytes: as much as a function can gather in its time and memory.
const MAX_SHEET_BYTES: usize = 128 << 20;
/// How long the link to a sheet lives, in seconds.
const LINK_SECS: u32 = 15 * 60;

/// A sheet with so many columns. No cell of it can become a formula.
#[derive(Debug)]
pub(crate) struct Sheet<const COLUMNS: usize>(String);

impl<const COLUMNS: usize> Sheet<COLUMNS> {
    /// Begins with the names of the columns.
    pub(crate) fn begun(columns: &[&str; COLUMNS]) -> Self {
        let mut sheet = Self(BYTE_ORDER_MARK.to_owned());
        sheet.push(columns);
        sheet
    }

    /// Adds a line.
    pub(crate) fn push(&mut self, cells: &[impl AsRef<str>; COLUMNS]) {
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                self.0.push(DELIMITER);
            }
            self.0.push_str(&quoted(&guarded(cell.as_ref()), DELIMITER));
        }
        self.0.push_str(LINE_END);
    }

    /// # Errors
    /// A problem if it has grown too large.
    pub(crate) fn check_size(&self) -> Result<(), Problem> {
        check_size(&self.0)
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

/// # Errors
/// A problem if a sheet has grown too large.
pub(crate) fn check_size(text: &str) -> Result<(), Problem> {
    if text.len() <= MAX_SHEET_BYTES {
        return Ok(());
    }
    let detail = format!(
        "as CSV this is more than {} MB, which can't be had at once; read it in pages of JSON",
        MAX_SHEET_BYTES >> 20
    );
    Err(Problem::new(Code::ExportTooLarge, detail))
}

/// A whole sheet as an answer: itself, or the way to it (303) if it is large.
pub(crate) async fn answer(
    context: &Context,
    ws: &WorkspaceId,
    text: String,
    file_name: &str,
) -> Result<Response, Problem> {
    if text.len() > MAX_ANSWER_BYTES {
        let name = hex::encode(context.random.draw());
        let key = format!("exports/{ws}/{name}/{file_name}");
        context.files.write(&key, text.into_bytes()).await?;
        let link = context.files.presign_get(&key, LINK_SECS).await?;
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, link)]).into_response());
    }
    let mut response = ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response();
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{file_name}\"")).ok();
    response.headers_mut().extend(name.map(|name| (header::CONTENT_DISPOSITION, name)));
    Ok(response)
}
