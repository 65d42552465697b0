//! `/do-not-call/{list}/import`: a sheet of numbers at once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::header;
use carillon_domain::base::numbering::{BareDigits, Country, Notation};
use carillon_domain::base::phone::E164;
use carillon_domain::importing::{self, BareDigitsQuestion, PHONE_COLUMN, foreign_file};
use carillon_domain::policy::do_not_call::{ListName, Listing};
use carillon_runtime::context::Context;
use carillon_runtime::services::suppression;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::check_there;
use super::sheet::{self, Sheet};
use crate::auth::Principal;
use crate::http::json;
use crate::http::path::Id;
use crate::http::problem::{Code, FieldError, Problem};
use crate::http::query::Asked;

/// Most numbers of one sheet: what one request can do in its time.
const MAX_NUMBERS: usize = 10_000;
/// Longest value that the answer repeats, in characters.
const MAX_SHOWN_CHARS: usize = 60;

/// How the numbers are written.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct NumbersQuery {
    /// The country of numbers that are written without one (ISO 3166-1 alpha-2).
    default_country: Option<Country>,
    /// What digits are that begin neither with + nor with a 0, where the sheet itself does not tell:
    /// `international` if they begin with a country code, `national` if they do not.
    #[serde(default)]
    #[param(inline)]
    bare_digits: BareDigits,
    /// Whether rows that can't be read are taken note of: then the answer is 200 although they are not
    /// on the list.
    #[serde(default)]
    partial: bool,
}

/// What became of a sheet of numbers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportedNumbers)]
pub(crate) struct ImportedNumbersView {
    /// How many numbers are on the list now and were not before.
    listed: usize,
    /// How many were on the list before, or stand there again.
    already: usize,
    /// What can't be read as a number; all others are on the list.
    invalid: Vec<InvalidNumberView>,
}

/// A number that can't be read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InvalidNumber)]
pub(crate) struct InvalidNumberView {
    /// The row, as a spreadsheet counts: the first is row 1.
    row: u64,
    /// What stands there, cut if it is long.
    value: String,
    /// What is wrong with it, and how it would be right.
    reason: String,
}

/// Puts the numbers of a CSV on a list, which has to be there: `PUT /do-not-call/{list}` makes one.
///
/// Under a header, in any order: every column of numbers (`phone`, `phone_2`, `mobile`, as in files of
/// leads), `reason`, `source` (`import` unless set) and `listed_at`, which is now unless it is a moment
/// that has passed. Without a header the number comes first, then the reason. At most 10,000 numbers
/// and 1 MiB in UTF-8; a reason of more than 300 characters and a source of more than 64 are cut. From this
/// answer on the numbers are not dialled any more where the list counts, whatever is queued. The same
/// sheet may be sent again.
///
/// A number that can't be read is a person who can still be called. So the answer is 422 then, and names
/// every such row, while all other numbers are on the list; with `partial=true` it is 200.
#[utoipa::path(post, path = "/do-not-call/{list}/import", tag = "do not call",
    params(("list" = String, Path), NumbersQuery),
    request_body(content = String, content_type = "text/csv"),
    responses((status = 200, body = ImportedNumbersView)))]
pub(crate) async fn import_numbers(
    State(context): State<Context>,
    principal: Principal,
    Id(list): Id<ListName>,
    Asked(query): Asked<NumbersQuery>,
    CsvBody(text): CsvBody,
) -> Result<Json<ImportedNumbersView>, Problem> {
    check_there(&context, &principal.workspace, &list).await?;
    let sheet = sheet::read(&text);
    if let Some(row) = sheet.unclosed {
        let reason = format!("a quote opens in row {row} and never closes; nothing was listed");
        return Err(Problem::of_field(Code::InvalidFields, "body", reason));
    }
    let numbers: usize = sheet.rows.iter().map(|row| row.said.phones.len()).sum();
    if numbers > MAX_NUMBERS {
        let reason =
            format!("{numbers} numbers are too many, send at most {MAX_NUMBERS} at once; nothing was listed");
        return Err(Problem::of_field(Code::InvalidFields, "body", reason));
    }
    let mut view = ImportedNumbersView { listed: 0, already: 0, invalid: Vec::new() };
    let (notation, question) = notation(&sheet, &query);
    let entries = view.read(sheet, notation, &context);
    for listed in suppression::list_many(&context, &principal.workspace, &list, entries, Some(&principal.act))
        .await?
        .into_values()
    {
        if listed?.is_new {
            view.listed += 1;
        } else {
            view.already += 1;
        }
    }
    if view.invalid.is_empty() || query.partial { Ok(Json(view)) } else { Err(view.into_problem(question)) }
}

/// How the numbers of a sheet are written; and what has to be asked, if it can't be told.
fn notation(sheet: &Sheet, query: &NumbersQuery) -> (Notation, Option<BareDigitsQuestion>) {
    let NumbersQuery { default_country, bare_digits, .. } = *query;
    let notation = Notation { default_country, bare_digits };
    if bare_digits != BareDigits::Unknown {
        return (notation, None);
    }
    let phones = sheet.rows.iter().flat_map(|row| &row.said.phones).map(String::as_str);
    match importing::bare_digits_of(PHONE_COLUMN, phones, notation) {
        Ok(bare_digits) => (Notation { bare_digits, ..notation }, None),
        Err(question) => (notation, Some(question)),
    }
}

impl ImportedNumbersView {
    /// The numbers of a sheet. What is no number is noted, and so is a number that stands there twice.
    fn read(&mut self, sheet: Sheet, notation: Notation, context: &Context) -> BTreeMap<E164, Listing> {
        let now = context.now();
        let mut entries = BTreeMap::new();
        for row in sheet.rows {
            let listing = row.said.listing(now);
            for phone in row.said.phones {
                match notation.read(&phone).map(|number| entries.entry(number)) {
                    Ok(Entry::Occupied(_)) => self.already += 1,
                    Ok(Entry::Vacant(place)) => drop(place.insert(listing.clone())),
                    Err(error) => {
                        let (value, reason) = (cut(&phone, MAX_SHOWN_CHARS), error.to_string());
                        self.invalid.push(InvalidNumberView { row: row.row, value, reason });
                    }
                }
            }
        }
        entries
    }

    /// Says of each row that can't be read that nobody is kept from calling there.
    fn into_problem(self, question: Option<BareDigitsQuestion>) -> Problem {
        let Self { listed, already, invalid } = self;
        let told = question.map(|BareDigitsQuestion { value, national, international, .. }| {
            format!(
                " `{value}` can be {national} or {international}: say with `bare_digits=national` or \
                 `bare_digits=international` which it is."
            )
        });
        let detail = format!(
            "{} numbers can't be read, and can still be called. The others are on the list: {listed} new, {already} \
             that were there before.{} Mend these rows and send the sheet again, or send `partial=true` to do \
             without them.",
            invalid.len(),
            told.unwrap_or_default(),
        );
        let errors = invalid.into_iter().map(|InvalidNumberView { row, value, reason }| FieldError {
            field: format!("row {row}"),
            reason: format!("`{value}`: {reason}"),
        });
        Problem::new(Code::UnreadNumbers, detail).with_errors(errors.collect())
    }
}

/// The beginning of a text.
fn cut(text: &str, max_chars: usize) -> String {
    text.chars().take(max_chars).collect()
}

/// A body of CSV.
#[derive(Debug)]
pub(crate) struct CsvBody(String);

impl<S: Send + Sync> FromRequest<S> for CsvBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let given = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = given.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("text/csv") {
            let detail = "send CSV with the header `Content-Type: text/csv`";
            return Err(Problem::new(Code::UnsupportedMediaType, detail));
        }
        let bytes = json::bytes(request, state).await?;
        if let Some(foreign) = foreign_file(&bytes) {
            return Err(Problem::of_field(Code::InvalidFields, "body", foreign));
        }
        let text = String::from_utf8(bytes.into());
        let reason = "it is not UTF-8; save it as CSV in UTF-8";
        text.map(Self).map_err(|_| Problem::of_field(Code::InvalidFields, "body", reason))
    }
}
