//! Webhooks of providers of text messages: what became of one of ours, and those that come in.

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use carillon_adapters::sms::webhook;
use carillon_domain::records::unread_event::{CarrierForm, FormDoor, FormSubject};
use carillon_runtime::context::Context;
use carillon_runtime::services::carrier_forms::Taken;

use crate::signed_form::{answered, authentic, nameless, taken};

/// Takes what became of a text of ours.
pub(crate) async fn take_status(
    State(context): State<Context>,
    Path(path): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    subject: Result<Query<FormSubject>, QueryRejection>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (ws, provider) = match authentic(&context, &path, &uri, &headers, &body).await {
        Ok(authentic) => authentic,
        Err(refusal) => return refusal,
    };
    let Ok(Query(subject)) = subject else { return nameless() };
    let form = CarrierForm { door: FormDoor::TextStatus, subject: Some(subject) };
    match taken(&context, &ws, provider, &form, &body).await {
        Ok(_) => answered(webhook::answer(provider, None)),
        Err(again) => again,
    }
}

/// Takes a text that came in.
pub(crate) async fn take_inbound(
    State(context): State<Context>,
    Path(path): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (ws, provider) = match authentic(&context, &path, &uri, &headers, &body).await {
        Ok(authentic) => authentic,
        Err(refusal) => return refusal,
    };
    let form = CarrierForm { door: FormDoor::Text, subject: None };
    match taken(&context, &ws, provider, &form, &body).await {
        Ok(Taken::Answered(answer)) => answered(webhook::answer(provider, Some(&answer.text))),
        Ok(_) => answered(webhook::answer(provider, None)),
        Err(again) => again,
    }
}
