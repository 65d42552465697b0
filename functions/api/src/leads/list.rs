//! `GET /campaigns/{id}/leads`: find and sort.

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::{CampaignId, LeadId, WorkspaceId};
use carillon_domain::base::outcome::AttemptOutcome;
use carillon_domain::records::lead::{LeadFilter, StatusFilter, TextSearch};
use carillon_domain::reporting::lead_search::{LeadPlace, LeadSort, PageSearch, SortValue};
use carillon_runtime::context::Context;
use carillon_runtime::services::lead_search;
use carillon_store::OrderPlace;
use carillon_store::table::Direction;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::LeadView;
use crate::auth::Principal;
use crate::campaigns::load as load_campaign;
use crate::http::pagination::{Cursor, Limit};
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;

/// Which leads to list, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LeadQuery {
    /// Items of a page.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Cursor>,
    /// Only those in this state, or group of states.
    #[param(inline)]
    status: Option<StatusFilter>,
    /// Only those whose last attempt ended so.
    outcome: Option<AttemptOutcome>,
    /// Only those with this tag, in any case.
    tag: Option<String>,
    /// Only those with this in their name, in any case, or in one of their numbers.
    search: Option<String>,
    /// By what they are sorted; `-` for the other way round.
    #[serde(default)]
    #[param(inline)]
    sort: LeadSort,
}

/// A page of leads.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadPage {
    items: Vec<LeadView>,
    /// Send it as `cursor` for the next page; null if this is the last.
    next_cursor: Option<String>,
    /// How many leads there are on all pages.
    total: u64,
}

/// Lists leads in the order of their files, or finds and sorts them.
///
/// The whole list, in the order of the files, is as it is at this moment. What is searched, filtered or sorted
/// by hears of a change a second later or so. What is shown of a lead is always as it is now, and one that is not
/// asked for any more is left out: a page may have fewer items than asked for, and still be followed by another
/// one, so go on until `next_cursor` is null.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/leads", tag = "leads",
    params(("campaign_id" = String, Path), LeadQuery), responses((status = 200, body = LeadPage)))]
pub(crate) async fn list_leads(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    Asked(query): Asked<LeadQuery>,
) -> Result<Json<LeadPage>, Problem> {
    let ws = &principal.workspace;
    load_campaign(&context, ws, &campaign).await?;
    let list = List { context: &context, ws, campaign: &campaign, limit: query.limit.0, sort: query.sort };
    let filter = LeadFilter {
        status: query.status,
        outcome: query.outcome,
        tag: query.tag,
        search: query.search.as_deref().and_then(TextSearch::new),
    };
    let cursor = query.cursor.as_ref();
    Ok(Json(if filter.takes_all() && query.sort.is_file_order() {
        list.in_order(cursor).await?
    } else {
        list.found(filter, cursor).await?
    }))
}

/// How a campaign's leads are listed.
struct List<'a> {
    context: &'a Context,
    ws: &'a WorkspaceId,
    campaign: &'a CampaignId,
    limit: usize,
    sort: LeadSort,
}

impl List<'_> {
    /// All leads, in the order of the files.
    async fn in_order(&self, cursor: Option<&Cursor>) -> Result<LeadPage, Problem> {
        let name = format!("leads of {} by {}", self.campaign, self.sort.name());
        let behind = cursor.map(|cursor| order_place(cursor.place_in(&name, 2)?)).transpose()?;
        let direction = if self.sort.is_descending() { Direction::Descending } else { Direction::Ascending };
        let store = &self.context.store;
        let page = store.leads_in_order(self.ws, self.campaign, direction, behind, self.limit).await?;
        let counters = store.counters(self.ws, self.campaign).await?;
        let cursor = |OrderPlace { block, lead }| Cursor::behind(&name, vec![block, lead.to_string()]);
        Ok(LeadPage {
            items: page.leads.into_iter().map(LeadView::from).collect(),
            next_cursor: page.next.map(|next| cursor(next).encode()),
            total: u64::try_from(counters.all_leads()).unwrap_or_default(),
        })
    }

    /// The leads that are looked for.
    async fn found(&self, filter: LeadFilter, cursor: Option<&Cursor>) -> Result<LeadPage, Problem> {
        let name = format!("leads of {}, found, by {}", self.campaign, self.sort.name());
        let behind = cursor.map(|cursor| lead_place(cursor.place_in(&name, PLACE_PARTS)?)).transpose()?;
        let search = PageSearch::new(filter.clone(), self.sort, behind, self.limit);
        let page = lead_search::find(self.context, self.ws, self.campaign, &search).await?;
        let hashes = page.places.iter().map(|place| place.number_hash.as_str());
        let ids: Vec<_> = hashes.filter_map(|hash| LeadId::of_hash(self.campaign, hash).ok()).collect();
        let mut leads = self.context.store.leads(self.ws, &ids).await?;
        leads.retain(|lead| filter.takes(lead));
        let last = page.places.last().filter(|_| page.is_more);
        Ok(LeadPage {
            items: leads.into_iter().map(LeadView::from).collect(),
            next_cursor: last.map(|place| Cursor::behind(&name, place_parts(place)).encode()),
            total: page.total,
        })
    }
}

fn damaged() -> Problem {
    Problem::of_field(Code::InvalidQuery, "cursor", "it is damaged; begin without it")
}

fn order_place(parts: &[String]) -> Result<OrderPlace, Problem> {
    Ok(OrderPlace { block: parts[0].clone(), lead: parts[1].parse().map_err(|_| damaged())? })
}

/// Parts of a [`LeadPlace`] in a cursor.
const PLACE_PARTS: usize = 5;

fn place_parts(place: &LeadPlace) -> Vec<String> {
    let (kind, value) = match &place.value {
        SortValue::Number(number) => ("number", number.to_string()),
        SortValue::Text(text) => ("text", text.clone()),
        SortValue::Missing => ("missing", String::new()),
    };
    let order = [place.arrived_ms.to_string(), place.row.to_string()];
    [kind.to_owned(), value].into_iter().chain(order).chain([place.number_hash.clone()]).collect()
}

fn lead_place(parts: &[String]) -> Result<LeadPlace, Problem> {
    let value = match (parts[0].as_str(), &parts[1]) {
        ("number", number) => SortValue::Number(number.parse().map_err(|_| damaged())?),
        ("text", text) => SortValue::Text(text.clone()),
        ("missing", _) => SortValue::Missing,
        _ => return Err(damaged()),
    };
    Ok(LeadPlace {
        value,
        arrived_ms: parts[2].parse().map_err(|_| damaged())?,
        row: parts[3].parse().map_err(|_| damaged())?,
        number_hash: parts[4].clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_its_parts_and_what_is_damaged_is_refused() {
        let values = [SortValue::Number(-3), SortValue::Text("zoë".to_owned()), SortValue::Missing];
        for value in values {
            let number_hash = "0123456789ABCDEF".to_owned();
            let place = LeadPlace { value, arrived_ms: 7, row: 9, number_hash };
            assert_eq!(lead_place(&place_parts(&place)).ok(), Some(place));
        }
        for parts in
            [["number", "x", "1", "1", "A"], ["other", "", "1", "1", "A"], ["text", "", "", "1", "A"]]
        {
            lead_place(&parts.map(str::to_owned)).expect_err("damaged");
        }
    }
}
