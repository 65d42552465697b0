//! `/campaigns/{id}/result-columns`: the columns of results that somebody wants where they name none.

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::CampaignId;
use carillon_domain::records::saved_columns::SavedColumns;
use carillon_domain::reporting::export::{Column, ResultColumn, named, named_all};
use carillon_runtime::context::Context;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::campaigns::load as load_campaign;
use crate::http::json::Body;
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::http::validation::FieldErrors;

/// Columns of results, in order.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResultColumns {
    /// Their names: the fields of an interaction, and `transcript`. Without any there are those that stand there unless
    /// something is chosen.
    #[schema(max_items = 25, example = json!(["name", "phone", "outcome", "duration_secs"]))]
    columns: Vec<String>,
}

/// Shows the columns of a campaign's results that this API key has chosen; none if it has chosen none.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/result-columns", tag = "interactions",
    params(("campaign_id" = String, Path)), responses((status = 200, body = ResultColumns)))]
pub(crate) async fn get_result_columns(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
) -> Result<Json<ResultColumns>, Problem> {
    load_campaign(&context, &principal.workspace, &campaign).await?;
    Ok(Json(ResultColumns { columns: chosen_names(&context, &principal, &campaign).await? }))
}

/// Chooses the columns of a campaign's results for this API key: a CSV and an export have them where they name none.
#[utoipa::path(put, path = "/campaigns/{campaign_id}/result-columns", tag = "interactions",
    params(("campaign_id" = String, Path)), request_body = ResultColumns,
    responses((status = 200, body = ResultColumns)))]
pub(crate) async fn put_result_columns(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    Body(form): Body<ResultColumns>,
) -> Result<Json<ResultColumns>, Problem> {
    let ws = &principal.workspace;
    load_campaign(&context, ws, &campaign).await?;
    form.check()?;
    let saved = SavedColumns { columns: form.columns.clone(), updated_at: context.now() };
    context.store.save_columns(ws, &campaign, &principal.act.actor.id, &saved).await?;
    Ok(Json(form))
}

impl ResultColumns {
    fn check(&self) -> Result<(), Problem> {
        let mut errors = FieldErrors::default();
        errors.check_count("columns", self.columns.len(), ResultColumn::ALL.len());
        for (place, name) in self.columns.iter().enumerate() {
            if let Err(unknown) = named::<ResultColumn>(name) {
                errors.push(format!("columns[{place}]"), unknown);
            } else if self.columns[..place].contains(name) {
                errors.push(format!("columns[{place}]"), format_args!("`{name}` stands there before"));
            }
        }
        errors.into_result()
    }
}

/// The names of the columns that somebody has chosen; none if they have not, or if one of them is no more.
pub(crate) async fn chosen_names(
    context: &Context,
    principal: &Principal,
    campaign: &CampaignId,
) -> Result<Vec<String>, Problem> {
    let actor = &principal.act.actor.id;
    let saved = context.store.saved_columns(&principal.workspace, campaign, actor).await?;
    let names = saved.map(|saved| saved.columns).unwrap_or_default();
    Ok(if named_all::<ResultColumn>(&names).is_ok() { names } else { Vec::new() })
}

/// The columns that somebody has chosen, if they have.
pub(super) async fn chosen(
    context: &Context,
    principal: &Principal,
    campaign: &CampaignId,
) -> Result<Option<Vec<ResultColumn>>, Problem> {
    let names = chosen_names(context, principal, campaign).await?;
    Ok(if names.is_empty() { None } else { named_all(&names).ok() })
}
