//! What a file would be read as, before anybody becomes a lead.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use carillon_adapters::files::FilesError;
use carillon_domain::base::ids::{CampaignId, ImportId, WorkspaceId};
use carillon_domain::importing::{
    Certainty, Column, ColumnMap, HeaderError, ImportDefaults, Notice, RowError, bare_digits,
    numbers_in_disguise,
};
use carillon_domain::records::import::{FileFormat, Import, ImportOptions};
use carillon_domain::records::mapping::MappingName;
use carillon_runtime::context::Context;
use carillon_runtime::services::mappings;
use carillon_sheets::json::KeyScan;
use carillon_sheets::workbook::{Workbook, WorkbookError};
use carillon_sheets::{Beginning, FileKind, Unreadable};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::SentFile;
use super::{FileQuery, load, options};
use crate::auth::Principal;
use crate::campaigns::load as load_campaign;
use crate::http::path::{Id, Ids};
use crate::http::problem::{Code, Problem};
use crate::rejected_rows::RejectedRowView;

/// Rows that are read at most.
const MAX_ROWS: usize = 200;
/// Values of a column that are shown.
const MAX_SAMPLES: usize = 5;
/// Longest value that is shown, in characters.
const MAX_SAMPLE_CHARS: usize = 100;
/// Faults of rows that are shown.
const MAX_FAULTS: usize = 100;
/// First bytes of a file of text that are read.
const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Largest workbook of which a part is shown, in bytes: it has to be read whole.
const MAX_WORKBOOK_BYTES: u64 = 16 << 20;
/// What a preview without a name is of.
const NAMELESS: &str = "file";

/// What a file would be read as.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportPreview)]
pub(crate) struct PreviewView {
    /// What the file is.
    format: FileFormat,
    /// The sheet of a workbook that would be read.
    sheet: Option<String>,
    /// The saved mapping that would be used.
    mapping: Option<MappingName>,
    /// Its columns, in their order.
    columns: Vec<ColumnView>,
    /// Why it can't be imported as it is.
    problem: Option<String>,
    /// What would become of columns in another way than their headers may promise.
    notices: Vec<String>,
    /// How many rows were looked at: the first ones only.
    rows_sampled: usize,
    /// How many of them could become leads, or contacts.
    readable: usize,
    /// What is wrong with those that could not.
    rejected: Vec<RejectedRowView>,
    /// Cells that would be left out of those.
    warnings: Vec<RejectedRowView>,
}

/// A column of a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PreviewedColumn)]
struct ColumnView {
    header: String,
    /// The field that it becomes, as `columns` of an import names it.
    becomes: String,
    certainty: Certainty,
    /// Why.
    reason: String,
    /// The first values that are not blank.
    samples: Vec<String>,
}

/// Shows what the file in the body would be read as, by its first rows. Nothing is stored.
#[utoipa::path(post, path = "/campaigns/{campaign_id}/imports/preview", tag = "imports",
    params(("campaign_id" = String, Path), FileQuery),
    request_body(content((String = "text/csv"), (Vec<serde_json::Value> = "application/json"),
        (String = "application/x-ndjson"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses((status = 200, body = PreviewView)))]
pub(crate) async fn preview_import(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    sent: SentFile,
) -> Result<Json<PreviewView>, Problem> {
    let campaign = load_campaign(&context, &principal.workspace, &campaign).await?;
    preview_sent(&context, &principal, ImportDefaults::of(&campaign.spec), sent).await
}

/// Shows what the file of an import is read as, by its first rows.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/imports/{import_id}/preview", tag = "imports",
    params(("campaign_id" = String, Path), ("import_id" = String, Path)),
    responses((status = 200, body = PreviewView)))]
pub(crate) async fn get_import_preview(
    State(context): State<Context>,
    principal: Principal,
    Ids(campaign, id): Ids<CampaignId, ImportId>,
) -> Result<Json<PreviewView>, Problem> {
    let ws = &principal.workspace;
    let import = load(&context, ws, &campaign, &id).await?;
    let campaign = load_campaign(&context, ws, &campaign).await?;
    preview_of(&context, ws, ImportDefaults::of(&campaign.spec), import).await
}

/// What a file in a body would be read as where these defaults hold.
pub(crate) async fn preview_sent(
    context: &Context,
    principal: &Principal,
    defaults: ImportDefaults,
    SentFile { mut query, bytes }: SentFile,
) -> Result<Json<PreviewView>, Problem> {
    let ws = &principal.workspace;
    let name = query.file_name.take().unwrap_or_else(|| NAMELESS.to_owned());
    let options = query.into_options();
    options::check(context, ws, &name, &options).await?;
    preview(context, ws, defaults, File { name, bytes: bytes.to_vec(), is_whole: true }, options).await
}

/// What the file of an import is read as where these defaults hold.
pub(crate) async fn preview_of(
    context: &Context,
    ws: &WorkspaceId,
    defaults: ImportDefaults,
    import: Import,
) -> Result<Json<PreviewView>, Problem> {
    let file = File::fetch(context, import.file_name, &import.file_key).await?;
    preview(context, ws, defaults, file, import.options).await
}

struct File {
    name: String,
    bytes: Vec<u8>,
    /// Whether these are all of its bytes.
    is_whole: bool,
}

impl File {
    /// The first bytes of a file of text, or a workbook.
    async fn fetch(context: &Context, name: String, key: &str) -> Result<Self, Problem> {
        let size = match context.files.size(key).await {
            Err(FilesError::NotFound { .. }) => {
                return Err(Problem::new(Code::NotFound, "its file has not come, or is gone"));
            }
            size => size?,
        };
        let mut reader = context.files.open(key, 0).await?;
        let mut bytes = Vec::new();
        while let Some(more) = reader.chunk().await? {
            bytes.extend(more);
            let is_text =
                matches!(FileKind::of(&bytes, &name), Ok(FileKind::Csv(_) | FileKind::Json) | Err(_));
            if is_text && bytes.len() >= MAX_TEXT_BYTES {
                break;
            }
            if size > MAX_WORKBOOK_BYTES && !is_text {
                let error = WorkbookError::TooLarge { bytes: size, limit_bytes: MAX_WORKBOOK_BYTES };
                return Err(unreadable(Unreadable::from(error)));
            }
        }
        Ok(Self { is_whole: bytes.len() as u64 == size, name, bytes })
    }

    fn beginning(
        self,
        sheet: Option<&str>,
        columns: &BTreeMap<String, String>,
    ) -> Result<Beginning, Problem> {
        let kind = FileKind::of(&self.bytes, &self.name).map_err(unreadable)?;
        let text = &self.bytes[..self.bytes.len().min(MAX_TEXT_BYTES)];
        let is_whole = self.is_whole && text.len() == self.bytes.len();
        let beginning = match kind {
            FileKind::Csv(dialect) => Beginning::of_csv(dialect, text, is_whole),
            FileKind::Json => {
                let mut scan = KeyScan::default();
                scan.push(text, is_whole);
                scan.headers()
                    .map_err(Unreadable::from)
                    .and_then(|keys| Beginning::of_json(keys, text, is_whole))
            }
            FileKind::Workbook | FileKind::OldWorkbook => Workbook::open(self.bytes)
                .map_err(Unreadable::from)
                .and_then(|mut workbook| Beginning::of_workbook(&mut workbook, sheet, columns)),
        };
        beginning.map_err(unreadable)
    }
}

fn unreadable(error: impl std::fmt::Display) -> Problem {
    Problem::of_field(Code::InvalidFields, "body", error)
}

async fn preview(
    context: &Context,
    ws: &WorkspaceId,
    defaults: ImportDefaults,
    file: File,
    mut options: ImportOptions,
) -> Result<Json<PreviewView>, Problem> {
    let columns = mappings::told(context, ws, &options).await?;
    options.columns = columns.map_err(|none| Problem::of_field(Code::InvalidFields, "mapping", none))?;
    let (sheet, columns) = (options.sheet.clone(), options.columns.clone());
    // A workbook takes a moment, and others wait for this thread.
    let begin = move || file.beginning(sheet.as_deref(), &columns);
    let begun = tokio::task::spawn_blocking(begin).await;
    let mut beginning = begun.map_err(|_| unreadable("it can't be read"))??;
    beginning.sample.truncate(MAX_ROWS);
    mappings::fill_in(context, ws, &mut options, &beginning.headers).await?;
    let workspace = context.store.workspace(ws).await?.ok_or_else(|| Problem::not_found("workspace", ws))?;
    let defaults = ImportDefaults {
        default_country: options.default_country.or(defaults.default_country),
        allowed: workspace.allowed_number_classes,
        now: context.now(),
        ..defaults
    };
    let map = ColumnMap::sketched(&beginning.headers, &options.columns)
        .map_err(|error| Problem::of_field(Code::InvalidFields, "columns", error))?;
    Ok(Json(view(&beginning, map, &defaults, options.mapping)))
}

fn view(
    beginning: &Beginning,
    map: ColumnMap,
    defaults: &ImportDefaults,
    mapping: Option<MappingName>,
) -> PreviewView {
    let cells = beginning.cells();
    let disguised = numbers_in_disguise(&map, &cells, defaults.default_country);
    let digits = bare_digits(&map, &cells, defaults.default_country);
    let no_phone = || HeaderError::NoPhone { seen: map.headers().to_vec() }.to_string();
    let problem =
        (!map.has_phone()).then(no_phone).or_else(|| digits.as_ref().err().map(ToString::to_string));
    let notices = map.notices().iter().chain(&disguised).map(ToString::to_string);
    let notices = notices.chain(beginning.notices.iter().cloned()).collect();
    let columns = columns(&map, &cells, &disguised);
    let map = map.with_bare_digits(&digits.unwrap_or_default());
    let (mut readable, mut rejected, mut warnings) = (0, Vec::new(), Vec::new());
    for record in &beginning.sample {
        match record.lead(&map, defaults) {
            Ok(None) => {}
            Ok(Some(row)) => {
                readable += 1;
                warnings.extend(row.warnings.into_iter().map(RejectedRowView::from));
            }
            Err(errors) => rejected.extend(errors.into_iter().map(RejectedRowView::from)),
        }
    }
    rejected.truncate(MAX_FAULTS);
    warnings.truncate(MAX_FAULTS);
    PreviewView {
        format: beginning.format,
        sheet: beginning.sheet.clone(),
        mapping,
        columns,
        problem,
        notices,
        rows_sampled: beginning.sample.len(),
        readable,
        rejected,
        warnings,
    }
}

fn columns(map: &ColumnMap, cells: &[&[String]], disguised: &[Notice]) -> Vec<ColumnView> {
    let column = |(place, ((header, column), known)): (usize, ((&str, &Column), _))| {
        let known: carillon_domain::importing::Known = known;
        let doubt = disguised.iter().find(|notice| notice.asks_of(header));
        let samples = cells.iter().filter_map(|row| row.get(place)).filter(|cell| !cell.trim().is_empty());
        let cut = |cell: &String| cell.chars().take(MAX_SAMPLE_CHARS).collect();
        ColumnView {
            header: header.to_owned(),
            becomes: column.to_string(),
            certainty: if doubt.is_some() { Certainty::Guess } else { known.certainty() },
            reason: doubt.map_or_else(|| known.reason().to_owned(), ToString::to_string),
            samples: samples.take(MAX_SAMPLES).map(cut).collect(),
        }
    };
    map.columns().zip(map.known()).enumerate().map(column).collect()
}

impl From<RowError> for RejectedRowView {
    fn from(error: RowError) -> Self {
        Self {
            row: error.row,
            column: Some(error.column).filter(|column| !column.is_empty()),
            value: Some(error.value),
            reason: error.reason.to_string(),
            lead_id: None,
            contact_id: None,
        }
    }
}
