//! Twilio's HTTP interface, as far as calls go.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::post;
use serde_json::{Value, json};

use super::{leg, refusal, request};
use crate::provider_simulator::dialect::Dialect;
use crate::provider_simulator::server::{answer, outage};
use crate::provider_simulator::state::NetworkState;

/// How many calls a page of the list has at most.
const MAX_PAGE_SIZE: usize = 1_000;
const DEFAULT_PAGE_SIZE: usize = 50;

/// Its endpoints.
pub(in crate::provider_simulator) fn router(switchboard: Arc<NetworkState>) -> Router {
    Router::new()
        .route("/2010-04-01/Accounts/{account}/Calls.json", post(place).get(list))
        .route("/2010-04-01/Accounts/{account}/Calls/{call}", post(change).get(show))
        .with_state(switchboard)
}

async fn place(
    State(switchboard): State<Arc<NetworkState>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = refuse(&switchboard, &account, &headers) {
        return refusal;
    }
    match request::order(&body) {
        Ok(order) => {
            let answered = switchboard.order(&order).await;
            answer(answered.status, answered.body)
        }
        Err(code) => say(refusal::of(400, code)),
    }
}

async fn change(
    State(switchboard): State<Arc<NetworkState>>,
    Path((account, file)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = refuse(&switchboard, &account, &headers) {
        return refusal;
    }
    say(switchboard.change_leg(sid_of(&file), &request::fields(&body)))
}

async fn show(
    State(switchboard): State<Arc<NetworkState>>,
    Path((account, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = refuse(&switchboard, &account, &headers) {
        return refusal;
    }
    let shown = switchboard
        .ask(|exchange, now| exchange.leg(sid_of(&file)).map(|call| leg::shown(&account, call, now)));
    say(shown.map_or_else(|| refusal::of(404, 20_404), |call| (200, call)))
}

async fn list(
    State(switchboard): State<Arc<NetworkState>>,
    Path(account): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = refuse(&switchboard, &account, &headers) {
        return refusal;
    }
    let page_size = query.get("PageSize").and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_PAGE_SIZE);
    let calls = switchboard.ask(|exchange, now| {
        let is_sought = |name: &str, own: &str| query.get(name).is_none_or(|wanted| wanted == own);
        let legs = exchange
            .legs()
            .rev()
            .filter(|call| is_sought("To", &call.order.to_number) && is_sought("From", &call.from_number));
        let page = legs.take(page_size.min(MAX_PAGE_SIZE));
        page.map(|call| leg::shown(&account, call, now)).collect::<Vec<Value>>()
    });
    answer(200, json!({"calls": calls, "next_page_uri": null, "page": 0, "page_size": page_size}))
}

/// The id in the name of a resource.
fn sid_of(file: &str) -> &str {
    file.strip_suffix(".json").unwrap_or(file)
}

/// Why a request is not looked at: it is out of order, or it is not our account's.
fn refuse(switchboard: &NetworkState, account: &str, headers: &HeaderMap) -> Option<Response> {
    let own = &switchboard.settings.twilio.account;
    outage(switchboard, Dialect::Twilio)
        .or_else(|| (!own.admits(account, headers)).then(|| say(refusal::of(401, 20_003))))
}

fn say((status, body): (u16, Value)) -> Response {
    answer(status, body)
}
