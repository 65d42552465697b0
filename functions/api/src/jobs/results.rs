//! `/jobs/{id}/results`: what became of each.

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::{ContactId, JobId, LeadId};
use carillon_domain::base::numbering::PhoneError;
use carillon_domain::records::job::{
    ContactOutcome, ContactRefusal, ContactResult, JobResult, LeadOutcome, LeadResult,
};
use carillon_domain::records::lead::LeadStatus;
use carillon_runtime::context::Context;
use carillon_store::ResultPlace;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::load;
use crate::auth::Principal;
use crate::http::pagination::{Cursor, Limit, Page};
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;

/// Which results to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ResultQuery {
    /// Items of a page.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Cursor>,
    /// Only those of this kind.
    #[param(inline)]
    outcome: Option<OutcomeFilter>,
}

/// Which results are meant: only those of leads or contacts for which it was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OutcomeFilter {
    Refused,
}

/// Whether it was done to a lead; or whether a contact is a lead now (`created`), or has changed one (`updated`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ResultOutcome {
    Done,
    Created,
    Updated,
    Refused,
}

/// What became of one lead, or of one contact that was to be one.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobResult)]
pub(crate) struct ResultView {
    /// The lead; of a contact, the one that it is now or whose number it has, if there is one.
    lead_id: Option<LeadId>,
    /// The contact, where contacts are made leads.
    contact_id: Option<ContactId>,
    outcome: ResultOutcome,
    /// Whether a do-not-call list that counts for the campaign has a number of the contact: as long as that is so, nobody
    /// calls the lead.
    is_suppressed: bool,
    /// Where the lead stands since; null if it is gone, or if it was refused.
    status: Option<LeadStatus>,
    /// Why it was refused.
    refusal: Option<RefusalView>,
}

/// Why it was not done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobRefusal)]
struct RefusalView {
    code: Code,
    detail: String,
}

/// Lists what became of each lead or contact, as far as the job has come; kept as long as the job. A page with fewer results
/// than were asked for may be followed by others.
#[utoipa::path(get, path = "/jobs/{job_id}/results", tag = "jobs",
    params(("job_id" = String, Path), ResultQuery), responses((status = 200, body = Page<ResultView>)))]
pub(crate) async fn list_job_results(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<JobId>,
    Asked(query): Asked<ResultQuery>,
) -> Result<Json<Page<ResultView>>, Problem> {
    load(&context, &principal.workspace, &id).await?;
    let is_refused_only = query.outcome == Some(OutcomeFilter::Refused);
    let list = format!("{} of {id}", if is_refused_only { "refusals" } else { "results" });
    let from = place_of(&list, query.cursor.as_ref())?;
    let page =
        context.store.job_results(&principal.workspace, &id, from, query.limit.0, is_refused_only).await?;
    let cursor =
        |next: ResultPlace| Cursor::behind(&list, vec![next.portion.to_string(), next.offset.to_string()]);
    Ok(Json(Page {
        items: page.results.into_iter().map(ResultView::from).collect(),
        next_cursor: page.next.map(|next| cursor(next).encode()),
    }))
}

fn place_of(list: &str, cursor: Option<&Cursor>) -> Result<ResultPlace, Problem> {
    let Some(cursor) = cursor else { return Ok(ResultPlace::default()) };
    let place = cursor.place_in(list, 2)?;
    match (place[0].parse(), place[1].parse()) {
        (Ok(portion), Ok(offset)) => Ok(ResultPlace { portion, offset }),
        _ => Err(Problem::of_field(Code::InvalidQuery, "cursor", "it is damaged; begin without it")),
    }
}

impl From<JobResult> for ResultView {
    fn from(result: JobResult) -> Self {
        match result {
            JobResult::Lead(result) => result.into(),
            JobResult::Contact(result) => result.into(),
        }
    }
}

impl From<LeadResult> for ResultView {
    fn from(result: LeadResult) -> Self {
        let (outcome, status, refusal) = match result.outcome {
            LeadOutcome::Done(status) => (ResultOutcome::Done, status, None),
            LeadOutcome::Refused(refusal) => {
                (ResultOutcome::Refused, None, Some(Problem::from(refusal).into()))
            }
        };
        let lead_id = Some(result.lead);
        Self { lead_id, contact_id: None, outcome, is_suppressed: false, status, refusal }
    }
}

impl From<ContactResult> for ResultView {
    fn from(result: ContactResult) -> Self {
        let (outcome, lead_id, refusal) = match result.outcome {
            ContactOutcome::Created(lead) => (ResultOutcome::Created, Some(lead), None),
            ContactOutcome::Updated(lead) => (ResultOutcome::Updated, Some(lead), None),
            ContactOutcome::Refused(refusal) => {
                let lead = match &refusal {
                    ContactRefusal::LeadExists(lead) => Some(lead.clone()),
                    _ => None,
                };
                (ResultOutcome::Refused, lead, Some(Problem::from(refusal).into()))
            }
        };
        let (contact_id, is_suppressed) = (Some(result.contact), result.is_suppressed);
        Self { lead_id, contact_id, outcome, is_suppressed, status: None, refusal }
    }
}

impl From<Problem> for RefusalView {
    fn from(problem: Problem) -> Self {
        Self { code: problem.code(), detail: problem.detail().to_owned() }
    }
}

impl From<ContactRefusal> for Problem {
    fn from(refusal: ContactRefusal) -> Self {
        match refusal {
            ContactRefusal::NotThere => Self::new(Code::NotFound, "there is no such contact"),
            ContactRefusal::LeadExists(lead) => {
                let detail = format!("a number of theirs is a lead of this campaign already ({lead})");
                Self::new(Code::LeadExists, detail)
            }
            ContactRefusal::NumberClass(class) => {
                Self::new(Code::NumberClassNotAllowed, PhoneError::Class(class))
            }
            ContactRefusal::TooMuch(why) => Self::new(Code::InvalidFields, why),
        }
    }
}
