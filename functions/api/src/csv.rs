//! Answers as CSV, in parts: each names the address of the next.

use std::fmt;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use carillon_domain::importing::{guarded, quoted};
use serde::Deserialize;
use utoipa::ToSchema;

/// Tells spreadsheets that the text is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
const LINE_END: &str = "\r\n";

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Delimiter {
    Comma,
    Semicolon,
    Tab,
    Bar,
}

impl Delimiter {
    const ALL: [(Self, char, &'static str); 4] = [
        (Self::Comma, ',', "comma"),
        (Self::Semicolon, ';', "semicolon"),
        (Self::Tab, '\t', "tab"),
        (Self::Bar, '|', "bar"),
    ];

    /// That of a file.
    pub(crate) fn of(delimiter: char) -> Self {
        let known = Self::ALL.into_iter().find(|(_, known, _)| *known == delimiter);
        known.map_or(Self::Comma, |(own, _, _)| own)
    }

    pub(crate) const fn as_char(self) -> char {
        Self::ALL[self as usize].1
    }
}

impl fmt::Display for Delimiter {
    /// As a query names it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL[*self as usize].2)
    }
}

/// A part of a sheet with so many columns. No cell of it can become a formula.
#[derive(Debug)]
pub(crate) struct Sheet<const COLUMNS: usize> {
    text: String,
    delimiter: char,
}

impl<const COLUMNS: usize> Sheet<COLUMNS> {
    /// The first part begins with the names of the columns, a later one does not.
    pub(crate) fn begun(columns: &[&str; COLUMNS], delimiter: Delimiter, is_first: bool) -> Self {
        let mut sheet = Self { text: String::new(), delimiter: delimiter.as_char() };
        if is_first {
            sheet.text.push_str(BYTE_ORDER_MARK);
            sheet.push(columns);
        }
        sheet
    }

    /// Adds a line.
    pub(crate) fn push(&mut self, cells: &[impl AsRef<str>; COLUMNS]) {
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                self.text.push(self.delimiter);
            }
            self.text.push_str(&quoted(&guarded(cell.as_ref()), self.delimiter));
        }
        self.text.push_str(LINE_END);
    }

    /// The part as text.
    pub(crate) fn into_text(self) -> String {
        self.text
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
