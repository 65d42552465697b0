//! `/interactions/{id}` and `/campaigns/{id}/interactions`: what came of the calls.

mod analysis;
mod place;
mod saved_columns;
mod sheet;
mod view;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use carillon_domain::base::call::Turn;
use carillon_domain::base::ids::{CampaignId, InteractionId, LeadId, WorkspaceId};
use carillon_domain::records::analysis::{Evaluation, GoalResult};
use carillon_domain::records::export::Delimiter;
use carillon_domain::records::interaction::{Interaction, InteractionFilter, InteractionStatus, Show};
use carillon_domain::records::lead::TextSearch;
use carillon_runtime::context::Context;
use carillon_runtime::services::interactions::{among, named};
use carillon_store::keys::ended_place;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::auth::Principal;
use crate::campaigns::load as load_campaign;
use crate::csv::{Format, refuse_given};
use crate::http::pagination::{Cursor, Limit, MAX_LIMIT, Page};
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use analysis::AnalysisView;
pub(crate) use analysis::GoalView;
use place::{Place, place_of};
pub(crate) use saved_columns::*;
use sheet::{Columns, Form};
pub(crate) use view::{InteractionDetails, InteractionView};

/// Most pages of the record that one answer looks through for those that are asked for.
const MAX_PAGES: usize = 10;

/// Which interactions to list, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InteractionQuery {
    /// Items of a page, 20 unless set; a CSV has no pages.
    #[param(value_type = Option<usize>, minimum = 1, maximum = 100)]
    limit: Option<Limit>,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Cursor>,
    /// Only those that stand so; `in_progress` are those that are up.
    status: Option<InteractionStatus>,
    /// Where no status is asked for: `results`, the calls that have ended but for those that a machine
    /// answered, or `all`, with those that are up and with texts.
    #[serde(default)]
    #[param(inline)]
    show: Show,
    /// Only those with this lead.
    lead_id: Option<LeadId>,
    /// Only those with this in the lead's name, in any case, or in the number.
    search: Option<String>,
    /// Only those that were judged so by the goal.
    #[param(inline)]
    goal_result: Option<GoalResult>,
    /// Only those whose person was evaluated so by the criteria.
    #[param(inline)]
    evaluation: Option<Evaluation>,
    /// How the list is written.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// The columns of a CSV, in order, with commas between; unless set those of `result-columns`, and all but
    /// `transcript` where none are chosen.
    #[param(inline)]
    columns: Option<Columns>,
    /// What stands between two cells of CSV; a comma unless set.
    #[param(inline)]
    delimiter: Option<Delimiter>,
    /// Whether the transcripts of a CSV have lines in which nothing was said; `show` unless set.
    #[param(inline)]
    blank_lines: Option<BlankLines>,
}

/// How to show an interaction.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DetailsQuery {
    /// Whether the transcript has lines in which nothing was said.
    #[serde(default)]
    #[param(inline)]
    blank_lines: BlankLines,
}

/// What to do with the lines of a transcript in which nothing was said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BlankLines {
    #[default]
    Show,
    Hide,
}

/// Shows an interaction with its transcript.
#[utoipa::path(get, path = "/interactions/{interaction_id}", tag = "interactions",
    params(("interaction_id" = String, Path), DetailsQuery),
    responses((status = 200, body = InteractionDetails)))]
pub(crate) async fn get_interaction(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<InteractionId>,
    Asked(query): Asked<DetailsQuery>,
) -> Result<Json<InteractionDetails>, Problem> {
    let ws = &principal.workspace;
    let interaction = context.store.interaction(ws, &id).await?;
    let found = named(&context, ws, interaction.into_iter().collect()).await?.pop();
    let found = found.ok_or_else(|| Problem::not_found("interaction", &id))?;
    let mut turns =
        if found.interaction.has_transcript { context.store.transcript(ws, &id).await? } else { Vec::new() };
    turns.retain(|turn: &Turn| query.blank_lines == BlankLines::Show || !turn.is_blank());
    let analysis = AnalysisView::load(&context, ws, &found.interaction, found.analysis.as_ref()).await?;
    Ok(Json(InteractionDetails::of(found, turns, analysis)))
}

/// Lists the calls of a campaign that have ended, the latest first, without those that a machine answered;
/// others on request, those that are up leading.
///
/// A page may have fewer items than asked for, or none, and still be followed by another one: go on until
/// `next_cursor` is null. As CSV it comes whole, with the columns that are asked for; a long one is elsewhere, and the
/// answer (303) leads there: let your client follow it.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/interactions", tag = "interactions",
    params(("campaign_id" = String, Path), InteractionQuery),
    responses((status = 200, content(
        (Page<InteractionView> = "application/json"), (String = "text/csv"))),
        (status = 303, description = "As CSV it is where `Location` says, for a quarter of an hour")))]
pub(crate) async fn list_interactions(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    Asked(query): Asked<InteractionQuery>,
) -> Result<Response, Problem> {
    let ws = &principal.workspace;
    load_campaign(&context, ws, &campaign).await?;
    query.check()?;
    let search = query.search.as_deref().and_then(TextSearch::new);
    let filter = InteractionFilter {
        status: query.status,
        show: query.show,
        lead_id: query.lead_id,
        search,
        goal_result: query.goal_result,
        evaluation: query.evaluation,
    };
    if query.format == Format::Csv {
        let form = Form {
            columns: match query.columns {
                Some(columns) => columns,
                None => saved_columns::chosen(&context, &principal, &campaign).await?.into(),
            },
            delimiter: query.delimiter.unwrap_or(Delimiter::Comma),
            hides_blank: query.blank_lines == Some(BlankLines::Hide),
        };
        return sheet::csv(&context, ws, &campaign, &filter, &form).await;
    }
    let list = format!("interactions of {campaign}");
    let place = Place::behind(&list, query.cursor.as_ref())?;
    let limit = query.limit.unwrap_or_default().0;
    let (items, next) = page(&context, ws, &campaign, &filter, place, limit).await?;
    Ok(Json(Page { items, next_cursor: next.map(|next| next.cursor(&list)) }).into_response())
}

/// A page from a place on, and where the next one begins.
async fn page(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    filter: &InteractionFilter,
    place: Place,
    limit: usize,
) -> Result<(Vec<InteractionView>, Option<Place>), Problem> {
    let mut items: Vec<InteractionView> = Vec::new();
    let mut after = match place {
        Place::Ended { after } => Some(after),
        Place::Up { after } => {
            if filter.takes_open() {
                let mut open = context.store.open_interactions(ws, campaign).await?;
                let is_seen = |one: &Interaction| after.as_ref().is_some_and(|after| place_of(one) >= *after);
                open.retain(|one| !is_seen(one));
                let mut open = among(context, ws, filter, open).await?;
                let is_more = open.len() > limit;
                open.truncate(limit);
                let last = open.last().map(|last| Place::Up { after: Some(place_of(&last.interaction)) });
                items.extend(open.into_iter().map(InteractionView::from));
                if items.len() == limit && (is_more || filter.takes_ended()) {
                    return Ok((items, last));
                }
            }
            None
        }
    };
    if !filter.takes_ended() {
        return Ok((items, None));
    }
    for _ in 0..MAX_PAGES {
        let wanted = limit - items.len();
        // Where few may be wanted pages are read as large as they come, and cut behind the last that is shown.
        let size = if filter.is_narrow() { MAX_LIMIT } else { wanted };
        let page = context.store.ended_interactions(ws, campaign, after.as_deref(), size).await?;
        let mut found = among(context, ws, filter, page.interactions).await?;
        after = page.next;
        if found.len() > wanted {
            after = ended_place(&found[wanted - 1].interaction);
        }
        found.truncate(wanted);
        items.extend(found.into_iter().map(InteractionView::from));
        if after.is_none() || items.len() == limit {
            break;
        }
    }
    Ok((items, after.map(|after| Place::Ended { after })))
}

impl InteractionQuery {
    /// What goes with one form alone is refused with the other.
    fn check(&self) -> Result<(), Problem> {
        match self.format {
            Format::Csv => refuse_given(
                [("limit", self.limit.is_some()), ("cursor", self.cursor.is_some())],
                "a CSV comes whole; leave it out",
            ),
            Format::Json => refuse_given(
                [
                    ("columns", self.columns.is_some()),
                    ("delimiter", self.delimiter.is_some()),
                    ("blank_lines", self.blank_lines.is_some()),
                ],
                "only a CSV has it; add format=csv, or leave it out",
            ),
        }
    }
}
