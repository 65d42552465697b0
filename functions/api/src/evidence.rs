//! `/campaigns/{id}/evidence`: what each dial, and each refusal to dial, rested on.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use carillon_domain::base::ids::{CampaignId, InteractionId, LeadId, WorkspaceId};
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::export::Delimiter;
use carillon_domain::reporting::export::{Column, EvidenceColumn, EvidenceFacts};
use carillon_runtime::context::Context;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Principal;
use crate::csv::{self, Format, Sheet, refuse_given};
use crate::http::pagination::{Cursor, Limit, Page};
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;

/// Entries of a CSV that are read at once.
const PAGE_ENTRIES: usize = 1_000;

/// Which evidence to list, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EvidenceQuery {
    /// Items of a page, 20 unless set; a CSV has no pages.
    #[param(value_type = Option<usize>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Cursor>,
    /// How it is written.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// What stands between two cells of CSV; a comma unless set.
    #[param(inline)]
    delimiter: Option<Delimiter>,
}

/// Lists what the dials of a campaign that have ended, and the refusals to dial, rested on; the
/// latest first.
///
/// A page may have fewer items than asked for, or none, and still be followed by another one: go on
/// until `next_cursor` is null. As CSV it comes whole; a long one is elsewhere, and the answer (303) leads there: let your
/// client follow it. It stays for five years, even if the campaign is deleted.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/evidence", tag = "evidence",
    params(("campaign_id" = String, Path), EvidenceQuery),
    responses((status = 200, content(
        (Page<EvidenceFacts> = "application/json"), (String = "text/csv"))),
        (status = 303, description = "As CSV it is where `Location` says, for a quarter of an hour")))]
pub(crate) async fn list_evidence(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    Asked(query): Asked<EvidenceQuery>,
) -> Result<Response, Problem> {
    if query.format == Format::Csv {
        let given = [("limit", query.limit.is_some()), ("cursor", query.cursor.is_some())];
        refuse_given(given, "a CSV comes whole; leave it out")?;
        let delimiter = query.delimiter.unwrap_or(Delimiter::Comma);
        return whole(&context, &principal.workspace, &campaign, delimiter).await;
    }
    let list = format!("evidence of {campaign}");
    let after = behind(&list, query.cursor.as_ref())?;
    let limit = query.limit.unwrap_or_default().0;
    let page = context.store.evidence(&principal.workspace, &campaign, after.as_deref(), limit).await?;
    let items: Vec<EvidenceFacts> = page.entries.into_iter().map(EvidenceFacts::from).collect();
    let next_cursor = page.next.map(|next| Cursor::behind(&list, vec![next]).encode());
    Ok(Json(Page { items, next_cursor }).into_response())
}

/// All of a campaign's evidence as CSV, the latest first.
async fn whole(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    delimiter: Delimiter,
) -> Result<Response, Problem> {
    let mut sheet = Sheet::begun(EvidenceColumn::ALL, delimiter);
    let mut after: Option<String> = None;
    loop {
        let page = context.store.evidence(ws, campaign, after.as_deref(), PAGE_ENTRIES).await?;
        for entry in page.entries {
            sheet.push(&EvidenceColumn::row(EvidenceColumn::ALL, &entry.into()));
        }
        sheet.check_size()?;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    csv::answer(context, ws, sheet.into_text(), &format!("evidence-{campaign}.csv")).await
}

/// Where a cursor points in the record.
fn behind(list: &str, cursor: Option<&Cursor>) -> Result<Option<String>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let place = &cursor.place_in(list, 1)?[0];
    let is_place = place.split_once('#').is_some_and(|(at, id)| {
        let is_id = id.parse::<InteractionId>().is_ok() || id.parse::<LeadId>().is_ok();
        at.parse::<Timestamp>().is_ok() && is_id
    });
    if is_place {
        return Ok(Some(place.clone()));
    }
    Err(Problem::of_field(Code::InvalidQuery, "cursor", "it is damaged; begin without it"))
}
