//! A function on Lambda: the context from its environment, and the loop that serves events.

use std::env;

use aws_lambda_events::event::dynamodb;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use axum::Router;
use axum::extract::Request;
use axum::middleware::map_request;
use carillon_adapters::clock::Clock;
use carillon_adapters::consumers::{Consumer, EventBus};
use carillon_adapters::files::{Files, S3Files};
use carillon_adapters::language_model::{self, BedrockClient, LanguageModels};
use carillon_adapters::provider::http_client;
use carillon_adapters::queue::{Queue, SqsQueue};
use carillon_adapters::random::Random;
use carillon_adapters::secrets::{Secrets, SecretsManager};
use carillon_adapters::sms::Sms;
use carillon_adapters::sms::aws::{EndUserMessagingClient, once};
use carillon_adapters::voice::Voice;
use carillon_adapters::webhook_sender::{Reach, WebhookSender};
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_store::Store;
use lambda_http::request::RequestContext;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;

pub use lambda_runtime::Error;

use crate::context::{Context, Queues, RequestId};

/// How messages of a queue say where they come from.
const SQS_SOURCE: &str = "aws:sqs";
/// Time that a function keeps to itself before Lambda stops it, in milliseconds.
const SPARE_MS: i64 = 30 * SECOND_MS;

/// Serves HTTP requests.
///
/// # Errors
/// The environment is incomplete, or the runtime stopped.
pub async fn serve_http(router: impl FnOnce(Context) -> Router) -> Result<(), Error> {
    lambda_http::run(router(start().await?).layer(map_request(with_request_id))).await
}

/// The request with the id that the gateway gave it.
async fn with_request_id(mut request: Request) -> Request {
    let known = match request.extensions().get() {
        Some(RequestContext::ApiGatewayV2(gateway)) => gateway.request_id.clone(),
        _ => None,
    };
    if let Some(id) = known {
        request.extensions_mut().insert(RequestId(id));
    }
    request
}

/// Serves batches of queue messages; the handler gets the moment by which it has to be done.
///
/// # Errors
/// The environment is incomplete, or the runtime stopped.
pub async fn serve_batches(
    handle: impl AsyncFn(&Context, SqsEvent, Timestamp) -> SqsBatchResponse,
) -> Result<(), Error> {
    let context = start().await?;
    let serve = async |event: LambdaEvent<SqsEvent>| {
        let ends_at = i64::try_from(event.context.deadline).unwrap_or(i64::MAX);
        let deadline = Timestamp::from_millis(ends_at).plus_ms(-SPARE_MS);
        // Boxed: a handler's future holds those of all that it awaits.
        Ok::<_, Error>(Box::pin(handle(&context, event.payload, deadline)).await)
    };
    lambda_runtime::run(service_fn(serve)).await
}

/// Serves batches of the table's stream, and of the queue of changes that were parked.
///
/// # Errors
/// The environment is incomplete, or the runtime stopped.
pub async fn serve_changes(
    handle: impl AsyncFn(&Context, dynamodb::Event) -> DynamoDbEventResponse,
    replay: impl AsyncFn(&Context, SqsEvent) -> SqsBatchResponse,
) -> Result<(), Error> {
    let context = start().await?;
    let serve = async |event: LambdaEvent<Value>| {
        let is_parked = event.payload["Records"][0]["eventSource"] == SQS_SOURCE;
        // Boxed: a handler's future holds those of all that it awaits.
        Ok::<_, Error>(if is_parked {
            let parked = serde_json::from_value(event.payload)?;
            serde_json::to_value(Box::pin(replay(&context, parked)).await)?
        } else {
            let changes = serde_json::from_value(event.payload)?;
            serde_json::to_value(Box::pin(handle(&context, changes)).await)?
        })
    };
    lambda_runtime::run(service_fn(serve)).await
}

/// Serves a timer.
///
/// # Errors
/// The environment is incomplete, or the runtime stopped.
pub async fn serve_timer<T, E>(handle: impl AsyncFn(&Context) -> Result<T, E>) -> Result<(), Error>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let context = start().await?;
    let serve = async |_: LambdaEvent<Value>| handle(&context).await.map(drop).map_err(Error::from);
    lambda_runtime::run(service_fn(serve)).await
}

/// Logs as JSON, and the context.
async fn start() -> Result<Context, Error> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().json().with_env_filter(filter).without_time().init();
    context().await
}

/// The table that the environment names, for commands.
///
/// # Errors
/// `CARILLON_TABLE` is not set.
pub async fn store() -> Result<Store, Error> {
    let config = aws_config::load_from_env().await;
    Ok(Store::new(aws_sdk_dynamodb::Client::new(&config), env::var("CARILLON_TABLE")?))
}

/// The context that the environment describes; `infra/template.yaml` sets all it needs.
async fn context() -> Result<Context, Error> {
    let config = aws_config::load_from_env().await;
    let sqs = aws_sdk_sqs::Client::new(&config);
    let queue = |name: &str| env::var(name).map(|url| Queue::Sqs(SqsQueue::new(sqs.clone(), url)));
    let clock = Clock::System;
    // `CARILLON_<PROVIDER>_URL`, such as a test double's.
    let address_of = |provider: &str| env::var(format!("CARILLON_{}_URL", provider.to_uppercase())).ok();
    let public_url = env::var("CARILLON_PUBLIC_URL").ok().filter(|url| !url.is_empty());
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    let sms = Sms::http(http_client()?, |provider| address_of(provider.as_str()));
    // Empty unless the stack sends texts through AWS.
    let sms = match env::var("CARILLON_SMS_CONFIGURATION_SET").ok().filter(|name| !name.is_empty()) {
        Some(configuration_set) => {
            let asking_once = once(aws_sdk_pinpointsmsvoicev2::config::Builder::from(&config)).build();
            let client = aws_sdk_pinpointsmsvoicev2::Client::from_conf(asking_once);
            sms.with_aws(EndUserMessagingClient::new(client, configuration_set))
        }
        None => sms,
    };
    let bedrock = language_model::once(aws_sdk_bedrockruntime::config::Builder::from(&config)).build();
    let bedrock = BedrockClient::new(aws_sdk_bedrockruntime::Client::from_conf(bedrock));
    let language_models = LanguageModels::new(Reach::Public)?.with_bedrock(bedrock);
    let language_models = match address_of("openai") {
        Some(url) => language_models.with_openai_at(url),
        None => language_models,
    };
    Ok(Context {
        store: Store::new(aws_sdk_dynamodb::Client::new(&config), env::var("CARILLON_TABLE")?),
        random: Random::System,
        queues: Queues {
            plan: queue("CARILLON_PLAN_QUEUE_URL")?,
            dial: queue("CARILLON_DIAL_QUEUE_URL")?,
            sip_dial: queue("CARILLON_SIP_DIAL_QUEUE_URL")?,
            message: queue("CARILLON_MESSAGE_QUEUE_URL")?,
            delivery: queue("CARILLON_DELIVERY_QUEUE_URL")?,
            analysis: queue("CARILLON_ANALYSIS_QUEUE_URL")?,
            import: queue("CARILLON_IMPORT_QUEUE_URL")?,
            jobs: queue("CARILLON_JOBS_QUEUE_URL")?,
            parked: queue("CARILLON_PARKED_QUEUE_URL")?,
        },
        files: Files::S3(S3Files::new(aws_sdk_s3::Client::new(&config), env::var("CARILLON_BUCKET")?)),
        secrets: Secrets::Manager(SecretsManager::new(
            secrets,
            &env::var("CARILLON_SECRETS_PREFIX")?,
            clock.clone(),
        )),
        voice: Voice::http(http_client()?, |provider| address_of(provider.as_str())),
        sms,
        webhook_sender: WebhookSender::new(Reach::Public)?,
        language_models,
        public_url: public_url.map(|url| url.trim_end_matches('/').to_owned()),
        consumers: vec![Consumer::EventBus(EventBus::new(
            aws_sdk_eventbridge::Client::new(&config),
            env::var("CARILLON_EVENT_BUS")?,
        ))],
        clock,
    })
}
