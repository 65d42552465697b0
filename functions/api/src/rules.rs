//! `/rules`: the law as Carillon knows it, and what the workspace adds.

use axum::Json;
use axum::extract::State;
use carillon_domain::policy::rules::Rule;
use carillon_runtime::context::Context;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::http::problem::Problem;
use crate::workspace::load;

/// The rules that hold in a workspace.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleList {
    /// Each rule in each version, those of the workspace last.
    rules: Vec<Rule>,
}

/// Lists the rules by which it is decided when and how often people may be called.
///
/// They are engineering inputs with their state of knowledge, not legal advice. The workspace's own
/// are set by `PATCH /workspace`.
#[utoipa::path(get, path = "/rules", tag = "workspace", responses((status = 200, body = RuleList)))]
pub(crate) async fn list_rules(
    State(context): State<Context>,
    principal: Principal,
) -> Result<Json<RuleList>, Problem> {
    let workspace = load(&context, &principal.workspace).await?;
    Ok(Json(RuleList { rules: workspace.rulebook().rules().cloned().collect() }))
}
