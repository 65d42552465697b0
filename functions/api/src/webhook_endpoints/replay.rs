//! Sending again, and sending a test.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use carillon_domain::base::ids::{DeliveryId, JobId, WebhookEndpointId};
use carillon_domain::base::time::{DAY_MS, Timestamp};
use carillon_domain::records::job::{ChosenDeliveries, Job, JobKind};
use carillon_domain::records::webhook_delivery::{DeliveryStatus, WebhookDelivery};
use carillon_domain::reporting::deliveries::test_delivery;
use carillon_runtime::context::Context;
use carillon_runtime::services::deliveries;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::deliveries::load_delivery;
use super::load_enabled;
use super::view::DeliveryView;
use crate::auth::Principal;
use crate::http::etag::Tagged;
use crate::http::idempotency::{Birth, Created, Creation, IdempotencyHeader};
use crate::http::path::{Id, Ids};
use crate::http::problem::Problem;
use crate::http::validation::FieldErrors;
use crate::jobs::{self, JobView};

/// How long after its own moment an event may be told of, in milliseconds: a late word of a call.
const TOLD_LATE_MS: i64 = 7 * DAY_MS;

/// Which deliveries are sent again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookReplayForm)]
pub(crate) struct ReplayForm {
    /// Those behind this one, in the order of the events.
    #[serde(default)]
    after: Option<DeliveryId>,
    /// Instead: those of events that were told of from this moment on.
    #[serde(default)]
    from: Option<Timestamp>,
    /// Those of events up to this moment; until now unless set.
    #[serde(default)]
    until: Option<Timestamp>,
    /// Those in one of these states; those that were not delivered and are not on their way unless set.
    #[serde(default = "undelivered")]
    #[schema(min_items = 1)]
    statuses: BTreeSet<DeliveryStatus>,
}

fn undelivered() -> BTreeSet<DeliveryStatus> {
    BTreeSet::from([DeliveryStatus::Failed, DeliveryStatus::Held, DeliveryStatus::Dropped])
}

/// Sends a test event, `webhook_endpoint.test`. The answer is its delivery: ask for it again to see what became of it.
#[utoipa::path(post, path = "/webhook-endpoints/{endpoint_id}/test", tag = "webhooks",
    params(("endpoint_id" = String, Path), IdempotencyHeader),
    responses((status = 202, body = DeliveryView)))]
pub(crate) async fn send_test_event(
    State(context): State<Context>,
    principal: Principal,
    Id(endpoint): Id<WebhookEndpointId>,
    creation: Creation<Option<()>>,
) -> Result<Created, Problem> {
    let ws = &principal.workspace;
    let create = async |_, birth: Birth| {
        let endpoint = load_enabled(&context, ws, &endpoint).await?;
        let delivery = test_delivery(ws, &endpoint, DeliveryId::new(birth.at, birth.seed), birth.at);
        send(&context, &principal, delivery).await
    };
    creation.once(&context, ws, StatusCode::ACCEPTED, create).await
}

/// Sends an event to its endpoint again, whatever became of it, under a new id. The answer is the new delivery.
#[utoipa::path(post, path = "/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/replay", tag = "webhooks",
    params(("endpoint_id" = String, Path), ("delivery_id" = String, Path), IdempotencyHeader),
    responses((status = 202, body = DeliveryView)))]
pub(crate) async fn replay_webhook_delivery(
    State(context): State<Context>,
    principal: Principal,
    Ids(endpoint, delivery): Ids<WebhookEndpointId, DeliveryId>,
    creation: Creation<Option<()>>,
) -> Result<Created, Problem> {
    let ws = &principal.workspace;
    let create = async |_, birth: Birth| {
        load_enabled(&context, ws, &endpoint).await?;
        let first = load_delivery(&context, ws, &endpoint, &delivery).await?;
        let again = first.replay(DeliveryId::new(birth.at, birth.seed), birth.at);
        send(&context, &principal, again).await
    };
    creation.once(&context, ws, StatusCode::ACCEPTED, create).await
}

/// Keeps a delivery and asks for it. One of its id is itself, from a request that nobody knew the end of.
async fn send(
    context: &Context,
    principal: &Principal,
    delivery: WebhookDelivery,
) -> Result<Tagged<DeliveryView>, Problem> {
    let told = json!({ "delivery_id": delivery.id, "event_type": delivery.event_type, "replay_of": delivery.replay_of });
    let store = principal.noting(context, &delivery.endpoint, &(), &told)?;
    store.add_delivery(&principal.workspace, &delivery).await?;
    deliveries::ask_for(context, &principal.workspace, [&delivery]).await;
    Ok(Tagged::fixed(delivery.into()))
}

/// Sends many events to an endpoint again, in the background, asked for in their order, each under a new id that names the first
/// delivery: the answer is the job. What repeats another is not repeated itself.
#[utoipa::path(post, path = "/webhook-endpoints/{endpoint_id}/replay", tag = "webhooks",
    params(("endpoint_id" = String, Path), IdempotencyHeader), request_body = ReplayForm,
    responses((status = 202, body = JobView,
        headers(("Location" = String, description = "Where the job is to be found")))))]
pub(crate) async fn replay_webhook_deliveries(
    State(context): State<Context>,
    principal: Principal,
    Id(endpoint): Id<WebhookEndpointId>,
    creation: Creation<ReplayForm>,
) -> Result<Response, Problem> {
    let ws = &principal.workspace;
    let create = async |form: ReplayForm, birth: Birth| {
        let chosen = form.chosen(birth.at)?;
        load_enabled(&context, ws, &endpoint).await?;
        let kind = JobKind::ReplayDeliveries { endpoint: endpoint.clone(), chosen };
        let id = JobId::new(birth.at, birth.seed);
        let job = Job::queued(id, kind, None, principal.act.clone(), birth.at);
        let job = jobs::create(&context, &principal, job, &endpoint).await?;
        Ok(Tagged::fixed(JobView::from(job)))
    };
    Ok(jobs::accepted(creation.once(&context, ws, StatusCode::ACCEPTED, create).await?))
}

impl ReplayForm {
    fn chosen(self, now: Timestamp) -> Result<ChosenDeliveries, Problem> {
        let mut errors = FieldErrors::default();
        let after = match (self.after, self.from) {
            (Some(after), None) => Some(after),
            (None, Some(from)) => Some(DeliveryId::from(from.plus_ms(-TOLD_LATE_MS))),
            (None, None) => {
                errors.push("from", "give a moment from which on, or `after`, a delivery behind which");
                None
            }
            (Some(_), Some(_)) => {
                errors.push("from", "there is `after` already; give one of them");
                None
            }
        };
        if self.until.is_some_and(|until| until > now) {
            errors.push("until", format_args!("it lies ahead of now ({now})"));
        }
        // What the job makes itself carries its own moment.
        let until = self.until.map_or_else(|| DeliveryId::from(now), DeliveryId::until);
        if self.from.zip(self.until).is_some_and(|(from, until)| from > until) {
            errors.push("until", "it lies before `from`");
        } else if after.as_ref().is_some_and(|after| *after >= until) {
            errors.push("until", "nothing lies before it");
        }
        if self.statuses.is_empty() {
            errors.push("statuses", "name one at least, or leave it out");
        }
        errors.into_result()?;
        let after = after.unwrap_or_else(|| until.clone());
        Ok(ChosenDeliveries { after, until, made_from: self.from, statuses: self.statuses })
    }
}
