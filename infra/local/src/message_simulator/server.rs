//! The provider's HTTP interface.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::post;

use super::State;
use super::answer::Answer;
use super::message::Order;

/// Longest text that is taken, in characters.
const MAX_CHARS: usize = 1_600;

/// The endpoints that the carrier has.
pub(super) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/2010-04-01/Accounts/{account}/Messages.json", post(create).get(list))
        .with_state(state)
}

async fn create(
    Shared(state): Shared<Arc<State>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = refuse(&state, &account, &headers) {
        return refusal.into_response();
    }
    let fields: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| fields.get(name).filter(|value| !value.is_empty()).cloned();
    let (Some(to), Some(from), Some(text)) = (field("To"), field("From"), field("Body")) else {
        let missing = [("To", 21_604), ("From", 21_603), ("Body", 21_602)];
        let code = missing.iter().find(|(name, _)| field(name).is_none()).map_or(21_604, |(_, code)| *code);
        return Answer::refusal(400, code).into_response();
    };
    if text.chars().count() > MAX_CHARS {
        return Answer::refusal(400, 21_617).into_response();
    }
    let is_number = |text: &str| {
        text.strip_prefix('+').is_some_and(|digits| {
            (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    if !is_number(&to) {
        return Answer::refusal(400, 21_211).into_response();
    }
    state.send(&Order { to, from, text, status_url: field("StatusCallback") }).into_response()
}

async fn list(
    Shared(state): Shared<Arc<State>>,
    Path(account): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = refuse(&state, &account, &headers) {
        return refusal.into_response();
    }
    let to = query.get("To").map(String::as_str).unwrap_or_default();
    let listed = state.desk().exchange.list(state.clock.now(), to);
    Json(listed).into_response()
}

/// Why a request is not looked at: the carrier is out of order, or it is not our account's.
fn refuse(state: &State, account: &str, headers: &HeaderMap) -> Option<Answer> {
    let now = state.clock.now();
    if state.settings.outages.iter().any(|outage| outage.contains(&now)) {
        return Some(Answer::broken());
    }
    (!state.settings.account.admits(account, headers)).then(|| Answer::refusal(401, 20_003))
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self.body)).into_response()
    }
}
