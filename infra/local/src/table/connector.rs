//! The way from the real client to the engine: an HTTP client without HTTP.

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::dispatch::{Answer, Operation};
use super::engine::Engine;
use super::faults::{self, Interceptor, TableCall, Verdict};
use super::meter::Units;

const TARGET_HEADER: &str = "x-amz-target";
const TARGET_PREFIX: &str = "DynamoDB_20120810.";
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// Hands the requests of one client to the engine.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    pub(super) engine: Arc<Engine>,
    pub(super) interceptor: Option<Arc<dyn Interceptor>>,
    /// How many of its requests may be at the engine at once; all of them if there is none.
    pub(super) gate: Option<Arc<Semaphore>>,
}

impl HttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.clone();
        HttpConnectorFuture::new(async move { connector.answer(request).await })
    }
}

impl Connector {
    async fn answer(self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let target = request.headers().get(TARGET_HEADER).unwrap_or_default();
        let name = target.strip_prefix(TARGET_PREFIX).unwrap_or(target);
        let Some(operation) = Operation::named(name) else { return response(faults::unknown(name)) };
        let body = request.into_body();

        let verdict = match self.judge(operation, bytes(&body)?)? {
            Judgement::Refuse(answer) => {
                self.engine.meter.count(operation.name(), Units::default());
                return response(answer);
            }
            Judgement::Run(verdict) => verdict,
        };
        let answer = self.run(operation, body).await?;
        if verdict == Verdict::LoseReply {
            return Err(ConnectorError::timeout("the reply was lost on its way".into()));
        }
        response(answer)
    }

    fn judge(&self, operation: Operation, body: &[u8]) -> Result<Judgement, ConnectorError> {
        let Some(interceptor) = &self.interceptor else { return Ok(Judgement::Run(Verdict::Pass)) };
        let request: Value =
            serde_json::from_slice(body).map_err(|error| ConnectorError::user(error.into()))?;
        let verdict = interceptor.before(&TableCall { operation: operation.name(), request: &request });
        if let Some(answer) = faults::refusal(verdict, operation, &request) {
            return Ok(Judgement::Refuse(answer));
        }
        Ok(Judgement::Run(verdict))
    }

    async fn run(self, operation: Operation, body: SdkBody) -> Result<Answer, ConnectorError> {
        let permit = match &self.gate {
            None => None,
            Some(gate) => Some(
                Arc::clone(gate)
                    .acquire_owned()
                    .await
                    .map_err(|error| ConnectorError::other(error.into(), None))?,
            ),
        };
        self.engine.run(operation, body, permit).await
    }
}

/// What an interceptor's verdict comes to.
enum Judgement {
    Refuse(Answer),
    Run(Verdict),
}

fn bytes(body: &SdkBody) -> Result<&[u8], ConnectorError> {
    body.bytes().ok_or_else(|| ConnectorError::user("the request is a stream".into()))
}

fn response(answer: Answer) -> Result<HttpResponse, ConnectorError> {
    let status =
        StatusCode::try_from(answer.status).map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, SdkBody::from(answer.body));
    response.headers_mut().insert("content-type", CONTENT_TYPE);
    Ok(response)
}
