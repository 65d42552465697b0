//! `/do-not-call/{list}/imports`: a file of any size with numbers for a list.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use carillon_domain::base::ids::JobId;
use carillon_domain::base::numbering::{BareDigits, Country, Notation};
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::job::{Job, JobKind, NumbersFile};
use carillon_runtime::context::Context;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::check_there;
use crate::auth::Principal;
use crate::http::etag::Tagged;
use crate::http::idempotency::{Birth, Creation, IdempotencyHeader};
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::http::validation::{FieldErrors, MAX_NAME_CHARS};
use crate::imports::{UPLOAD_LINK_SECS, UploadView, safe_name};
use crate::jobs::{self, JobView};

/// A file of numbers to be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NumbersFileForm {
    /// What the file is called.
    #[schema(example = "opt-outs.csv", min_length = 1, max_length = 200)]
    file_name: String,
    /// The country of numbers that are written without one (ISO 3166-1 alpha-2).
    #[serde(default)]
    default_country: Option<Country>,
    /// What digits are that begin neither with + nor with a 0, where the file itself does not tell:
    /// `international` if they begin with a country code, `national` if they do not.
    #[serde(default)]
    bare_digits: BareDigits,
    /// The sheet of a workbook that is read; the first that has a column of numbers, unless set.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    sheet: Option<String>,
}

/// A file of numbers that is to be uploaded, and the job that lists them then.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnnouncedNumbers {
    #[serde(flatten)]
    job: JobView,
    /// Where the file will be in the bucket.
    file_key: String,
    upload: UploadView,
}

/// The job as it is remembered with its answer.
#[derive(Debug, Serialize)]
struct NewJob {
    #[serde(flatten)]
    job: JobView,
    file_key: String,
}

/// Announces a file of numbers for a list, which has to be there, and answers with a job and a link to upload the
/// file to: send it with the method and the headers that `upload` names, within the hour.
///
/// CSV, Excel workbooks and JSON of any size, with the columns that `import` reads. The job begins when the file has
/// come; `GET /jobs/{id}` shows how far it is. Each number is kept from being dialled as soon as its row is counted.
/// A number that can't be read is a person who can still be called: the job counts those as `refused`, says so in
/// `error`, and names each under `GET /jobs/{id}/rejected`.
#[utoipa::path(post, path = "/do-not-call/{list}/imports", tag = "do not call",
    params(("list" = String, Path), IdempotencyHeader), request_body = NumbersFileForm,
    responses((status = 202, body = AnnouncedNumbers,
        headers(("Location" = String, description = "Where the job is to be found")))))]
pub(crate) async fn announce_numbers(
    State(context): State<Context>,
    principal: Principal,
    Id(list): Id<ListName>,
    creation: Creation<NumbersFileForm>,
) -> Result<Response, Problem> {
    let ws = &principal.workspace;
    let create = async |form: NumbersFileForm, birth: Birth| {
        check_there(&context, ws, &list).await?;
        form.check()?;
        let id = JobId::new(birth.at, birth.seed);
        let key = format!("imports/{ws}/do-not-call/{id}/{}", safe_name(&form.file_name));
        let kind = JobKind::ImportNumbers { list: list.clone(), file: form.file(key.clone()) };
        let job = Job::queued(id, kind, None, principal.act.clone(), birth.at);
        let job = jobs::announce(&context, &principal, job, &list).await?;
        Ok(Tagged::fixed(NewJob { job: job.into(), file_key: key }))
    };
    let mut created = creation.once(&context, ws, StatusCode::ACCEPTED, create).await?;
    // A link is never stored: an answer that is given again gets a new one.
    let key = created.view["file_key"].as_str().unwrap_or_default();
    let upload = context.files.presign_put(key, UPLOAD_LINK_SECS, None).await?;
    created.view["upload"] = serde_json::to_value(UploadView::from(upload)).unwrap_or_default();
    Ok(jobs::accepted(created))
}

impl NumbersFileForm {
    fn check(&self) -> Result<(), Problem> {
        let mut errors = FieldErrors::default();
        errors.check_text("file_name", &self.file_name, MAX_NAME_CHARS);
        errors.check_optional_text("sheet", self.sheet.as_deref(), MAX_NAME_CHARS);
        errors.into_result()
    }

    fn file(self, key: String) -> NumbersFile {
        let Self { file_name, default_country, bare_digits, sheet } = self;
        let notation = Notation { default_country, bare_digits };
        NumbersFile { key, name: file_name.trim().to_owned(), notation, sheet, begun: None }
    }
}
