//! What a client says of a file.

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::numbering::Country;
use carillon_domain::importing::{MAX_COLUMNS, MAX_TAG_BYTES, MAX_TAGS};
use carillon_domain::records::campaign::OnDuplicate;
use carillon_domain::records::import::ImportOptions;
use carillon_domain::records::mapping::MappingName;
use carillon_runtime::context::Context;
use carillon_runtime::services::mappings::NoMapping;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::problem::Problem;
use crate::http::validation::{FieldErrors, MAX_NAME_CHARS};

/// What is said of a file that comes in the body.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileQuery {
    /// What the file is called. It says that the body is the file.
    #[param(example = "people.csv", min_length = 1, max_length = 200)]
    pub(super) file_name: Option<String>,
    /// The saved mapping that says what its columns mean. One whose headers are exactly those of the file is used
    /// unasked.
    #[param(inline)]
    pub(super) mapping: Option<MappingName>,
    /// What a row does whose number is a lead of the campaign already; as the campaign's `on_duplicate` says, unless
    /// set.
    #[param(inline)]
    pub(super) on_duplicate: Option<OnDuplicate>,
    /// The country of numbers that are written without one (ISO 3166-1 alpha-2); the campaign's unless set.
    pub(super) default_country: Option<Country>,
    /// What all leads of the file are tagged with, between commas.
    #[param(example = "fair,2026")]
    pub(super) tags: Option<String>,
    /// The sheet of a workbook that is read; the first that has a column of numbers, unless set.
    #[param(example = "People")]
    pub(super) sheet: Option<String>,
}

impl FileQuery {
    pub(super) fn into_options(self) -> ImportOptions {
        let tags = self.tags.unwrap_or_default();
        let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty());
        ImportOptions {
            mapping: self.mapping,
            on_duplicate: self.on_duplicate,
            default_country: self.default_country,
            tags: tags.map(ToOwned::to_owned).collect(),
            sheet: self.sheet,
            ..ImportOptions::default()
        }
    }
}

/// # Errors
/// A problem that names every field at fault.
pub(super) async fn check(
    context: &Context,
    ws: &WorkspaceId,
    file_name: &str,
    options: &ImportOptions,
) -> Result<(), Problem> {
    let mut errors = FieldErrors::default();
    errors.check_text("file_name", file_name, MAX_NAME_CHARS);
    errors.check_count("columns", options.columns.len(), MAX_COLUMNS);
    for (header, field) in &options.columns {
        let name = format!("columns.{header}");
        errors.check_text(&name, header, MAX_NAME_CHARS);
        errors.check_text(&name, field, MAX_NAME_CHARS);
    }
    errors.check_count("tags", options.tags.len(), MAX_TAGS);
    for (place, tag) in options.tags.iter().enumerate() {
        if !(1..=MAX_TAG_BYTES).contains(&tag.trim().len()) {
            errors.push(format!("tags[{place}]"), format_args!("a tag has 1 to {MAX_TAG_BYTES} bytes"));
        }
    }
    if let Some(sheet) = &options.sheet {
        errors.check_text("sheet", sheet, MAX_NAME_CHARS);
    }
    if let Some(name) = &options.mapping
        && context.store.mapping(ws, name).await?.is_none()
    {
        errors.push("mapping", NoMapping(name.clone()));
    }
    errors.into_result()
}
