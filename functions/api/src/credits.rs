//! `/credits`: what was paid in, what was spent, what is left.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use carillon_domain::base::ids::TopUpId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::credits::{MAX_TOP_UP_MICROS, TopUp};
use carillon_runtime::context::Context;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::callers::announce;
use crate::http::etag::Tagged;
use crate::http::idempotency::{Birth, Created, Creation, IdempotencyHeader};
use crate::http::pagination::{Cursor, Page};
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::http::validation::{FieldErrors, MAX_NAME_CHARS, present};
use crate::imports::PageQuery;
use crate::money::{micros, usd};

/// Names the list in cursors.
const LIST: &str = "top-ups";

/// The credits of a workspace. Amounts are US dollars, as numbers with up to six decimals.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Credits)]
pub(crate) struct CreditsView {
    /// What is left: below zero if more was spent than paid in.
    #[schema(example = 87.655_5)]
    balance_usd: f64,
    /// All top-ups.
    topped_up_usd: f64,
    /// What calls and texts have cost.
    spent_usd: f64,
    /// What campaigns pause under; null if no campaign waits for credits.
    low_credits_usd: Option<f64>,
    /// Whether the balance is under the threshold: running campaigns pause, and none starts.
    is_low: bool,
}

/// A payment to the credits.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TopUpForm {
    /// How much, in US dollars, with at most six decimals.
    #[schema(minimum = 0.000_001, maximum = 1000000, example = 100.0)]
    amount_usd: f64,
    /// What for.
    #[serde(default)]
    #[schema(example = "Invoice 2026-117", max_length = 200)]
    note: Option<String>,
}

/// A payment to the credits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TopUp)]
pub(crate) struct TopUpView {
    /// Its id.
    id: TopUpId,
    /// How much, in US dollars.
    amount_usd: f64,
    /// What for.
    note: Option<String>,
    /// When it was booked.
    created_at: Timestamp,
}

/// Shows the credits.
#[utoipa::path(get, path = "/credits", tag = "credits",
    responses((status = 200, body = CreditsView)))]
pub(crate) async fn get_credits(
    State(context): State<Context>,
    principal: Principal,
) -> Result<Json<CreditsView>, Problem> {
    let (workspace, credits) = context.store.workspace_and_credits(&principal.workspace).await?;
    let threshold = workspace.and_then(|workspace| workspace.low_credits_micros);
    Ok(Json(CreditsView {
        balance_usd: usd(credits.balance_micros()),
        topped_up_usd: usd(credits.topped_up_micros),
        spent_usd: usd(credits.spent_micros),
        low_credits_usd: threshold.map(usd),
        is_low: threshold.is_some_and(|threshold| credits.is_low(threshold)),
    }))
}

/// Tops up the credits.
///
/// Campaigns that were paused for `low_credits` stay paused, and can be resumed once the balance is
/// no longer under the threshold.
#[utoipa::path(post, path = "/credits/top-ups", tag = "credits", params(IdempotencyHeader),
    request_body = TopUpForm, responses((status = 201, body = TopUpView)))]
pub(crate) async fn create_top_up(
    State(context): State<Context>,
    principal: Principal,
    creation: Creation<TopUpForm>,
) -> Result<Created, Problem> {
    let create = async |form: TopUpForm, birth: Birth| {
        let entry = form.into_entry(birth)?;
        // One with its id is itself, from a request that nobody knew the end of.
        let id = entry.id.clone();
        let view = TopUpView::from(entry.clone());
        principal.noting(&context, &id, &(), &view)?.book_top_up(&principal.workspace, &entry).await?;
        // A scheduled campaign may have waited for it.
        announce(&context, &principal.workspace).await?;
        Ok(Tagged::fixed(view))
    };
    creation.once(&context, &principal.workspace, StatusCode::CREATED, create).await
}

/// Lists top-ups, the latest first.
#[utoipa::path(get, path = "/credits/top-ups", tag = "credits", params(PageQuery),
    responses((status = 200, body = Page<TopUpView>)))]
pub(crate) async fn list_top_ups(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<PageQuery>,
) -> Result<Json<Page<TopUpView>>, Problem> {
    let after = behind(query.cursor.as_ref())?;
    let page = context.store.top_ups(&principal.workspace, after.as_ref(), query.limit.0).await?;
    Ok(Json(Page {
        items: page.entries.into_iter().map(TopUpView::from).collect(),
        next_cursor: page.next.map(|id| Cursor::behind(LIST, vec![id.to_string()]).encode()),
    }))
}

/// Where a cursor points in the ledger.
fn behind(cursor: Option<&Cursor>) -> Result<Option<TopUpId>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let id = cursor.place_in(LIST, 1)?[0].parse();
    id.map(Some)
        .map_err(|_| Problem::of_field(Code::InvalidQuery, "cursor", "it is damaged; begin without it"))
}

impl TopUpForm {
    fn into_entry(self, birth: Birth) -> Result<TopUp, Problem> {
        let mut errors = FieldErrors::default();
        let micros = micros(&mut errors, "amount_usd", self.amount_usd, 1..=MAX_TOP_UP_MICROS);
        errors.check_optional_text("note", self.note.as_deref(), MAX_NAME_CHARS);
        errors.into_result()?;
        let id = TopUpId::new(birth.at, birth.seed);
        Ok(TopUp { id, at: birth.at, micros, note: present(self.note) })
    }
}

impl From<TopUp> for TopUpView {
    fn from(entry: TopUp) -> Self {
        Self { id: entry.id, amount_usd: usd(entry.micros), note: entry.note, created_at: entry.at }
    }
}
