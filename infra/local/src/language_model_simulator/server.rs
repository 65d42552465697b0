//! The model's HTTP interface.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::post;
use serde_json::Value;

use super::answer::misshapen;
use super::completion::{self, Message};
use super::request::Request;
use super::settings::ModelFault;
use super::{Asked, State};
use crate::draw::Draw;

/// The letters and digits of ids.
const ID_ALPHABET: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// Longest request that is read: the longest transcript of which a part is shown, and more.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// What an answer is called that is asked for in no form.
const NO_SCHEMA: &str = "text";
/// What it says in place of JSON, and where it is not told what to say.
const PROSE: &str = "Sure! I have read the conversation, and on the whole it went rather well.";
/// What it says in place of an answer.
const REFUSAL: &str = "I'm sorry, but I can't help with that.";

/// The endpoints that the model has.
pub(super) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(complete))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(state)
}

async fn complete(Shared(state): Shared<Arc<State>>, headers: HeaderMap, body: Bytes) -> Response {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if given != Some(&format!("Bearer {}", state.settings.api_key)) {
        return refusal(401, "Incorrect API key provided.", "invalid_request_error", Some("invalid_api_key"));
    }
    let request = match Request::read(&body) {
        Ok(request) => request,
        Err(fault) => return refusal(400, &fault, "invalid_request_error", None),
    };
    if request.model != state.settings.model {
        let message = format!("The model '{}' does not exist.", request.model);
        return refusal(404, &message, "invalid_request_error", Some("model_not_found"));
    }
    let mut draw = state.asked().draw(state.settings.seed, &request);
    let id = draw.text(ID_ALPHABET, 24);
    let fault = state.settings.faults.drawn(&mut draw);
    match fault {
        Some(ModelFault::Outage) => {
            return refusal(503, "The server is overloaded.", "server_error", None);
        }
        Some(ModelFault::Busy) => {
            let message = "Rate limit reached for requests.";
            let busy = refusal(429, message, "requests", Some("rate_limit_exceeded"));
            return ([(header::RETRY_AFTER, "1")], busy).into_response();
        }
        Some(ModelFault::Slow) if state.settings.faults.slow_ms > 0 => {
            tokio::time::sleep(Duration::from_millis(state.settings.faults.slow_ms)).await;
        }
        _ => {}
    }
    Json(completion::of(&request, &id, &message(&request, fault))).into_response()
}

/// What is answered, by what goes wrong.
fn message(request: &Request, fault: Option<ModelFault>) -> Message {
    let Some(schema) = request.schema else { return Message::Whole(PROSE.to_owned()) };
    let answer = || schema.answer(&request.prompt);
    let told = |answer: Value| answer.to_string();
    match fault {
        Some(ModelFault::NotJson) => Message::Whole(PROSE.to_owned()),
        Some(ModelFault::Refusal) => Message::Refusal(REFUSAL),
        Some(ModelFault::CutOff) => Message::CutOff(told(answer())),
        Some(ModelFault::WrongTurns) => Message::Whole(told(schema.unfounded(answer()))),
        Some(ModelFault::WrongField) => Message::Whole(told(misshapen(answer()))),
        Some(ModelFault::Outage | ModelFault::Busy | ModelFault::Slow) | None => {
            Message::Whole(told(answer()))
        }
    }
}

impl Asked {
    /// Counts a request, and draws by what it says and how often it was said before.
    fn draw(&mut self, seed: u64, request: &Request) -> Draw {
        let schema = request.schema.map_or(NO_SCHEMA, |schema| schema.name());
        *self.by_schema.entry(schema.to_owned()).or_default() += 1;
        let prompt = Draw::keyed(seed, &["prompt", schema, &request.prompt]).next();
        let times = self.by_prompt.entry(prompt).or_default();
        *times += 1;
        Draw::keyed(seed, &["answer", &prompt.to_string(), &times.to_string()])
    }
}

fn refusal(status: u16, message: &str, kind: &str, code: Option<&str>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(completion::error(message, kind, code))).into_response()
}
