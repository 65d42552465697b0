//! Answers as CSV, in parts: each names the address of the next.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use carillon_domain::importing::{guarded, quoted};

/// Tells spreadsheets that the text is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
const DELIMITER: char = ',';
const LINE_END: &str = "\r\n";

/// A part of a sheet with so many columns. No cell of it can become a formula.
#[derive(Debug)]
pub(crate) struct Sheet<const COLUMNS: usize>(String);

impl<const COLUMNS: usize> Sheet<COLUMNS> {
    /// The first part begins with the names of the columns, a later one does not.
    pub(crate) fn begun(columns: &[&str; COLUMNS], is_first: bool) -> Self {
        let mut sheet = Self(String::new());
        if is_first {
            sheet.0.push_str(BYTE_ORDER_MARK);
            sheet.push(columns);
        }
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

    /// The part as text.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

/// A part as an answer; `next` is the address of the next one, if there is one.
pub(crate) fn part(text: String, file_name: &str, next: Option<&str>) -> Response {
    let mut response = ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], text).into_response();
    let name = format!("attachment; filename=\"{file_name}\"");
    let link = next.map(|next| format!("<{next}>; rel=\"next\""));
    let headers = response.headers_mut();
    headers.extend(HeaderValue::from_str(&name).ok().map(|name| (header::CONTENT_DISPOSITION, name)));
    let link = link.and_then(|link| HeaderValue::from_str(&link).ok());
    headers.extend(link.map(|link| (header::LINK, link)));
    response
}
