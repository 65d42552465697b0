//! `/campaigns/{id}/evidence`: what each dial, and each refusal to dial, rested on.

mod sheet;
mod view;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use carillon_domain::base::ids::{CampaignId, InteractionId, LeadId};
use carillon_domain::base::time::Timestamp;
use carillon_runtime::context::Context;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::auth::Principal;
use crate::csv::{self, Delimiter};
use crate::http::pagination::{Cursor, Limit, Page};
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;

pub(crate) use view::EvidenceView;

/// Names the list in cursors.
const LIST: &str = "evidence";
/// Most entries in one answer as CSV: some 2 MB at worst, where a function may answer with 6.
const MAX_CSV_ENTRIES: usize = 1_000;

/// Which evidence to list, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EvidenceQuery {
    /// Items of a page; 20 unless set, and 1000 as CSV.
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

/// How a list is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Format {
    #[default]
    Json,
    Csv,
}

/// Lists what the dials of a campaign that have ended, and the refusals to dial, rested on; the
/// latest first.
///
/// A page may have fewer items than asked for, or none, and still be followed by another one: go on
/// until `next_cursor` is null. As CSV it comes in parts, and the header `Link` has the address of
/// the next one. It stays for five years, even if the campaign is deleted.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/evidence", tag = "evidence",
    params(("campaign_id" = String, Path), EvidenceQuery),
    responses((status = 200, content(
        (Page<EvidenceView> = "application/json"), (String = "text/csv")))))]
pub(crate) async fn list_evidence(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    Asked(query): Asked<EvidenceQuery>,
) -> Result<Response, Problem> {
    let after = behind(query.cursor.as_ref())?;
    let limit = match (query.limit, query.format) {
        (None, Format::Csv) => MAX_CSV_ENTRIES,
        (limit, _) => limit.unwrap_or_default().0,
    };
    let page = context.store.evidence(&principal.workspace, &campaign, after.as_deref(), limit).await?;
    let items: Vec<EvidenceView> = page.entries.into_iter().map(EvidenceView::from).collect();
    let next_cursor = page.next.map(|next| Cursor::behind(LIST, vec![next]).encode());
    Ok(match query.format {
        Format::Json => Json(Page { items, next_cursor }).into_response(),
        Format::Csv => {
            let delimiter = query.delimiter.unwrap_or(Delimiter::Comma);
            let sheet = sheet::text(delimiter, after.is_none(), &items);
            let limit = query.limit.map(|limit| format!("&limit={}", limit.0)).unwrap_or_default();
            let next = next_cursor.map(|cursor| {
                format!(
                    "/api/v1/campaigns/{campaign}/evidence?format=csv&delimiter={delimiter}{limit}&cursor={cursor}"
                )
            });
            csv::part(sheet, &format!("evidence-{campaign}.csv"), next.as_deref())
        }
    })
}

/// Where a cursor points in the record.
fn behind(cursor: Option<&Cursor>) -> Result<Option<String>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let place = &cursor.place_in(LIST, 1)?[0];
    let is_place = place.split_once('#').is_some_and(|(at, id)| {
        let is_id = id.parse::<InteractionId>().is_ok() || id.parse::<LeadId>().is_ok();
        at.parse::<Timestamp>().is_ok() && is_id
    });
    if is_place {
        return Ok(Some(place.clone()));
    }
    Err(Problem::of_field(Code::InvalidQuery, "cursor", "it is damaged; begin without it"))
}
