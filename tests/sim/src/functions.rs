//! The functions of the product, each over the simulated ports: from a job to an invocation.

use std::pin::Pin;
use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_runtime::context::Context;
use carillon_store::Store;
use serde_json::Value;
use tower::ServiceExt;

use crate::bug::Bug;
use crate::carrier;
use crate::clients::{Errand, Reply};
use crate::executor::{Invocation, Job};
use crate::ports::{self, QueueName, SimulatedTable};
use crate::provider::{self, Post};
use crate::simulation::Simulation;

/// Largest answer that is read, in bytes.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// How long before its end a function stops to begin anything, in milliseconds.
const TIME_LEFT_MS: i64 = 10 * SECOND_MS;

/// What came of an invocation that ended by itself.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Whether it did what it was to do.
    Done(bool),
    /// How many changes it told of.
    Told(usize),
    Http(u16, Value),
}

type Work = Pin<Box<dyn Future<Output = Answer>>>;

pub(crate) struct Functions {
    context: Context,
    table: Arc<SimulatedTable>,
    api: Router,
    webhooks: Router,
    /// By workspace.
    api_keys: Vec<String>,
}

impl Functions {
    pub(crate) fn new(context: Context, table: Arc<SimulatedTable>, api_keys: Vec<String>) -> Self {
        let (api, webhooks) =
            (carillon_api::router(context.clone()), carillon_webhooks::router(context.clone()));
        Self { context, table, api, webhooks, api_keys }
    }

    /// The work of the function that this job is for.
    pub(crate) fn invoke(&self, run: &Simulation, job: &Job, killed_at: Timestamp) -> Work {
        let context = self.context.clone();
        match job {
            Job::Tick => Box::pin(async move { Answer::Done(carillon_tick::handle(&context).await.is_ok()) }),
            Job::Message(queue, body) => {
                let (queue, event) = (*queue, batch_of_one(body));
                let deadline = killed_at.plus_ms(-TIME_LEFT_MS);
                Box::pin(async move {
                    let answer = match queue {
                        QueueName::Plan => carillon_planner::handle(&context, event).await,
                        QueueName::Dial | QueueName::SipDial => {
                            carillon_dialer::handle(&context, event).await
                        }
                        QueueName::Message => carillon_messenger::handle(&context, event).await,
                        QueueName::Import => carillon_importer::handle(&context, event, deadline).await,
                        QueueName::Jobs => carillon_worker::handle(&context, event, deadline).await,
                    };
                    Answer::Done(answer.batch_item_failures.is_empty())
                })
            }
            Job::Changes(shard) => {
                let batch = run.stream.batch(*shard);
                // Every other time a new environment takes it, which remembers nothing.
                let is_cold = run.stream.rng.below(2) == 0;
                let store = if is_cold { Store::on(self.table.clone()) } else { context.store.clone() };
                let context = Context { store, ..context };
                Box::pin(async move {
                    let count = batch.records.len();
                    let response = carillon_stream::handle(&context, batch).await;
                    Answer::Told(if response.batch_item_failures.is_empty() { count } else { 0 })
                })
            }
            Job::Post { ws, post } => call(&self.webhooks, post.request(run, *ws)),
            Job::Form { ws, form } => call(&self.webhooks, form.request(run, *ws)),
            Job::Client { errand: Errand::Drop(campaign, name, people), ws } => {
                let dropped = ports::drop_file(context, *ws, campaign.clone(), name.clone(), people.clone());
                Box::pin(async move {
                    dropped.await;
                    Answer::Done(true)
                })
            }
            Job::Client { ws, errand } => match errand.request(run, *ws, &self.api_keys[*ws]) {
                Some(request) => call(&self.api, request),
                None => Box::pin(std::future::ready(Answer::Done(true))),
            },
        }
    }
}

/// What whoever sent a job makes of the answer; whether it is done with.
pub(crate) fn is_done(run: &Simulation, job: &Job, by: Invocation, answer: Option<Answer>) -> bool {
    match (job, answer) {
        (Job::Post { post: Post { asks_about: Some(call), .. }, .. }, answer) => {
            let body = match &answer {
                Some(Answer::Http(200, body)) => Some(body),
                _ => None,
            };
            provider::answered(run, *call, body);
            true
        }
        (_, None) => false,
        (_, Some(Answer::Done(is_done))) => is_done,
        (Job::Changes(shard), Some(Answer::Told(count))) if count > 0 => {
            run.stream.told(run, *shard, count);
            true
        }
        (_, Some(Answer::Told(_))) => false,
        (Job::Client { ws, errand }, Some(Answer::Http(status, body))) => {
            matches!(errand.on_answer(run, *ws, by.number, status, &body), Reply::Done)
        }
        (Job::Form { ws, form }, Some(Answer::Http(200, _))) => {
            carrier::taken(run, *ws, form);
            true
        }
        (_, Some(Answer::Http(status, body))) => {
            assert!(status == 200 || status >= 500, "a webhook is refused: {status} {body}");
            status == 200
        }
    }
}

fn call(router: &Router, request: Request<Body>) -> Work {
    let answer = router.clone().oneshot(request);
    Box::pin(async move {
        let Ok(response) = answer.await;
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), MAX_ANSWER_BYTES).await.unwrap_or_default();
        Answer::Http(status, serde_json::from_slice(&body).unwrap_or_default())
    })
}

impl Post {
    /// As the provider signs and sends it now.
    fn request(&self, run: &Simulation, ws: usize) -> Request<Body> {
        let id = run.checker.borrow().workspaces[ws].tenant.id.clone();
        let body = self.heard(run, ws);
        let (name, proof) = self.proof(&body, run.now());
        Request::post(format!("/api/v1/webhooks/{}/{id}{}", self.provider, self.path))
            .header(header::CONTENT_TYPE, "application/json")
            .header(name, proof)
            .body(Body::from(body))
            .expect("a request")
    }

    /// What is heard of it. Whoever does not look at the attempt takes it for the one that is up on the number.
    fn heard(&self, run: &Simulation, ws: usize) -> String {
        let checker = run.checker.borrow();
        let spoken_of = self.attempt.as_ref().filter(|_| run.has(Bug::WebhookNotFenced));
        let number = spoken_of.and_then(|attempt| checker.dial_of(attempt)).map(|(_, active)| &active.number);
        let is_up = number.and_then(|number| checker.workspaces[ws].active.get(number));
        match spoken_of.zip(is_up) {
            Some((attempt, active)) => self.body.replace(attempt.as_str(), active.attempt.as_str()),
            None => self.body.clone(),
        }
    }
}

fn batch_of_one(body: &str) -> SqsEvent {
    let mut message = SqsMessage::default();
    message.message_id = Some("1".to_owned());
    message.body = Some(body.to_owned());
    let mut event = SqsEvent::default();
    event.records.push(message);
    event
}
