//! Answers as CSV. They come whole: what is too large for an answer goes into the files, and the answer leads there.

use std::collections::BTreeSet;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::importing::BYTE_ORDER_MARK;
use carillon_domain::records::export::Delimiter;
use carillon_domain::reporting::export::{Column, Layout, Row, csv_line};
use carillon_runtime::context::Context;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::exports::LINK_SECS;
use crate::http::problem::{Code, Problem};

/// Largest sheet that is itself the answer, in bytes: a function may answer with 6 MB.
const MAX_ANSWER_BYTES: usize = 4 << 20;
/// Largest sheet at all, in bytes: as much as a function can gather in its time and memory.
const MAX_SHEET_BYTES: usize = 128 << 20;

/// How a list is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    #[default]
    Json,
    Csv,
}

/// How a sheet is to be written.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CsvQuery {
    /// What stands between two cells: that of the file that it tells of, and else a comma.
    #[param(inline)]
    pub(crate) delimiter: Option<Delimiter>,
}

/// A sheet. No cell of it can become a formula.
#[derive(Debug)]
pub(crate) struct Sheet {
    text: String,
    layout: Layout,
    delimiter: char,
}

/// None of the sheets that are answers has columns that depend on its rows.
const NO_VARIABLES: &BTreeSet<String> = &BTreeSet::new();

impl Sheet {
    /// Begins with the names of the columns.
    pub(crate) fn begun<C: Column>(columns: &[C], delimiter: Delimiter) -> Self {
        let (layout, delimiter) = (Layout::of(columns), delimiter.as_char());
        let header = csv_line(&layout.header(NO_VARIABLES), delimiter);
        Self { text: format!("{BYTE_ORDER_MARK}{header}"), layout, delimiter }
    }

    /// Adds a line.
    pub(crate) fn push(&mut self, row: &Row) {
        self.text.push_str(&csv_line(&self.layout.line(row, NO_VARIABLES), self.delimiter));
    }

    /// # Errors
    /// A problem if it has grown too large.
    pub(crate) fn check_size(&self) -> Result<(), Problem> {
        check_size(&self.text)
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// # Errors
/// A problem that names the first of these parameters that is given.
pub(crate) fn refuse_given<const N: usize>(given: [(&str, bool); N], reason: &str) -> Result<(), Problem> {
    match given.into_iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some((field, _)) => Err(Problem::of_field(Code::InvalidQuery, field, reason)),
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
    answer_file(context, ws, text.into_bytes(), "text/csv; charset=utf-8", file_name).await
}

/// A whole file as an answer: itself, or the way to it (303) if it is large.
pub(crate) async fn answer_file(
    context: &Context,
    ws: &WorkspaceId,
    bytes: Vec<u8>,
    media_type: &'static str,
    file_name: &str,
) -> Result<Response, Problem> {
    if bytes.len() > MAX_ANSWER_BYTES {
        let name = hex::encode(context.random.draw());
        let key = format!("exports/{ws}/{name}/{file_name}");
        context.files.write(&key, bytes).await?;
        let link = context.files.presign_get(&key, LINK_SECS).await?;
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, link)]).into_response());
    }
    let mut response = ([(header::CONTENT_TYPE, media_type)], bytes).into_response();
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{file_name}\"")).ok();
    response.headers_mut().extend(name.map(|name| (header::CONTENT_DISPOSITION, name)));
    Ok(response)
}
