//! How somebody wants a file to be written.

use carillon_domain::base::numbering::Country;
use carillon_domain::importing::MAX_COLUMNS;
use carillon_domain::records::export::{Delimiter, Export, ExportSource, SheetFormat};
use carillon_domain::records::interaction::InteractionFilter;
use carillon_domain::records::lead::LeadFilter;
use carillon_domain::reporting::export::Columns;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::problem::Problem;
use crate::http::validation::FieldErrors;
use crate::interactions::BlankLines;

/// Which leads to export, and how.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeadExportForm {
    /// Only the leads that all of this holds for; all leads unless set.
    pub(super) filter: Option<LeadFilter>,
    /// The columns, in order; all of them unless set: `phone`, `phone_2` to `phone_5`, `phone_details` (a column for
    /// each label and name that a number of some lead has; `phone_label` and `phone_2_name` are two of them), `name`,
    /// `email`, `company`, `timezone`, `tags`, `consent_source`, `consent_at`, `consent_channel`, `consent_proof`,
    /// `variables` (a column for each of them; `variables.order_id` is one of them), `id`, `status`, `status_reason`,
    /// `is_test`, `disposition`, `outcome`, `attempts`, `next_attempt_at`, `last_attempt_at`, `last_duration_secs`, `created_at`,
    /// `updated_at`.
    #[schema(max_items = 200, example = json!(["phone", "name", "variables.order_id", "status"]))]
    columns: Option<Vec<String>>,
    /// What kind of file; a workbook (`xlsx`) unless set.
    format: Option<FormatName>,
    /// What stands between two cells of CSV; unless set, what Excel expects in the campaign's `default_country`.
    delimiter: Option<Delimiter>,
    /// Whether a CSV begins with a mark by which Excel knows that it is UTF-8; it does unless set.
    byte_order_mark: Option<bool>,
}

/// Which results to export, and how.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResultExportForm {
    /// Only the calls and texts that all of this holds for; results unless set.
    pub(super) filter: Option<InteractionFilter>,
    /// The columns, in order, by the names of an interaction's fields, and `transcript`; unless set those of
    /// `result-columns`, and all of them where none are chosen.
    #[schema(max_items = 200, example = json!(["name", "phone", "outcome", "transcript"]))]
    columns: Option<Vec<String>>,
    /// Whether the transcripts have lines in which nothing was said; `show` unless set.
    #[schema(inline)]
    blank_lines: Option<BlankLines>,
    /// What kind of file; a workbook (`xlsx`) unless set.
    format: Option<FormatName>,
    /// What stands between two cells of CSV; unless set, what Excel expects in the campaign's `default_country`.
    delimiter: Option<Delimiter>,
    /// Whether a CSV begins with a mark by which Excel knows that it is UTF-8; it does unless set.
    byte_order_mark: Option<bool>,
}

impl ResultExportForm {
    pub(super) fn hides_blank_lines(&self) -> bool {
        self.blank_lines == Some(BlankLines::Hide)
    }
}

/// How to write an export.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportForm {
    /// The columns, in order; all of them unless set.
    #[schema(max_items = 200)]
    columns: Option<Vec<String>>,
    /// What kind of file; a workbook (`xlsx`) unless set.
    format: Option<FormatName>,
    /// What stands between two cells of CSV; unless set, what Excel expects in the campaign's `default_country`, and a
    /// comma where there is none.
    delimiter: Option<Delimiter>,
    /// Whether a CSV begins with a mark by which Excel knows that it is UTF-8; it does unless set.
    byte_order_mark: Option<bool>,
}

/// What kind of file an export is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ExportFormat)]
pub(crate) enum FormatName {
    /// An Excel workbook: counts, durations and costs are numbers, all else is text.
    #[default]
    Xlsx,
    Csv,
}

/// What all forms say of the file.
pub(super) struct SheetForm {
    pub(super) columns: Vec<String>,
    format: FormatName,
    delimiter: Option<Delimiter>,
    byte_order_mark: Option<bool>,
}

macro_rules! sheet_forms {
    ($($form:ident),*) => {$(
        impl $form {
            pub(super) fn sheet(self) -> SheetForm {
                SheetForm {
                    columns: self.columns.unwrap_or_default(),
                    format: self.format.unwrap_or_default(),
                    delimiter: self.delimiter,
                    byte_order_mark: self.byte_order_mark,
                }
            }
        }
    )*};
}

sheet_forms!(LeadExportForm, ResultExportForm, ExportForm);

impl SheetForm {
    /// The export of this, for people of this country.
    ///
    /// # Errors
    /// A problem that names every field at fault.
    pub(super) fn export(self, source: ExportSource, country: Option<Country>) -> Result<Export, Problem> {
        let mut errors = FieldErrors::default();
        errors.check_count("columns", self.columns.len(), MAX_COLUMNS);
        for (place, name) in self.columns.iter().enumerate() {
            let field = || format!("columns[{place}]");
            if let Err(unknown) = Columns::named(&source, std::slice::from_ref(name)) {
                errors.push(field(), unknown);
            } else if self.columns[..place].contains(name) {
                errors.push(field(), format_args!("`{name}` stands there before"));
            }
        }
        let format = self.format(country, &mut errors);
        errors.into_result()?;
        let columns = Columns::named(&source, &self.columns).map(|columns| columns.names());
        Ok(Export { source, columns: columns.unwrap_or(self.columns), format })
    }

    fn format(&self, country: Option<Country>, errors: &mut FieldErrors) -> SheetFormat {
        let of_csv =
            [("delimiter", self.delimiter.is_some()), ("byte_order_mark", self.byte_order_mark.is_some())];
        match self.format {
            FormatName::Csv => SheetFormat::Csv {
                delimiter: self.delimiter.unwrap_or_else(|| Delimiter::usual_in(country)),
                byte_order_mark: self.byte_order_mark.unwrap_or(true),
            },
            FormatName::Xlsx => {
                for (field, _) in of_csv.into_iter().filter(|(_, is_given)| *is_given) {
                    errors.push(field, "only a CSV has it; add `\"format\": \"csv\"`, or leave it out");
                }
                SheetFormat::Xlsx
            }
        }
    }
}
