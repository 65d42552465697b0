//! Amazon Bedrock's Converse, in the account that our functions run in and with their role.

mod document;
mod input;

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::config::retry::RetryConfig;
use aws_sdk_bedrockruntime::config::timeout::TimeoutConfig;
use aws_sdk_bedrockruntime::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_bedrockruntime::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_bedrockruntime::operation::converse::{ConverseError, ConverseOutput};
use aws_sdk_bedrockruntime::types::{StopReason, TokenUsage};
use carillon_domain::base::language_model::Usage;

use super::failure::{Failure, MAX_REASON_CHARS, cut, unavailable};
use super::request::Request;
use super::{CONNECT_TIMEOUT, NoAnswer, TIMEOUT};

/// A client that asks models.
#[derive(Debug, Clone)]
pub struct BedrockClient(Client);

/// The configuration of a client that asks once: what fails is asked again later, by whoever asked.
pub fn once(config: Builder) -> Builder {
    let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT_TIMEOUT).operation_timeout(TIMEOUT);
    config
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts.build())
        // Nothing comes while a model thinks.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}

impl BedrockClient {
    /// `client` is one as [`once`] makes it.
    pub const fn new(client: Client) -> Self {
        Self(client)
    }

    /// Makes one request; what it used is added.
    pub(super) async fn reply(&self, request: &Request<'_>, usage: &mut Usage) -> Result<String, Failure> {
        let input = input::of(request).map_err(|error| NoAnswer::Misconfigured(error.to_string()))?;
        let answer = input.send_with(&self.0).await.map_err(|error| failed(&error))?;
        *usage += answer.usage().map(tokens).unwrap_or_default();
        Ok(text(&answer)?)
    }
}

fn tokens(usage: &TokenUsage) -> Usage {
    let count = |tokens: i32| u64::try_from(tokens).unwrap_or_default();
    Usage { input_tokens: count(usage.input_tokens()), output_tokens: count(usage.output_tokens()) }
}

/// What the model wrote, as a text or as the input of the tool. What it thought before is no part of it.
fn text(answer: &ConverseOutput) -> Result<String, NoAnswer> {
    stopped(answer.stop_reason())?;
    let message = answer.output().and_then(|output| output.as_message().ok());
    let blocks = message.ok_or_else(|| unavailable("no message came"))?.content();
    let input = blocks.iter().find_map(|block| block.as_tool_use().ok());
    Ok(match input {
        Some(tool) => document::json(tool.input()).to_string(),
        None => blocks.iter().filter_map(|block| block.as_text().ok()).map(String::as_str).collect(),
    })
}

/// Whether a model stopped because it was done. One that spoiled its answer may mend it.
fn stopped(reason: &StopReason) -> Result<(), NoAnswer> {
    match reason {
        StopReason::MaxTokens | StopReason::ModelContextWindowExceeded => Err(NoAnswer::CutOff),
        StopReason::GuardrailIntervened | StopReason::ContentFiltered => {
            Err(NoAnswer::Declined(reason.as_str().to_owned()))
        }
        // Some of these a later release of the service may call otherwise.
        other if other.as_str() == "refusal" => Err(NoAnswer::Declined(other.as_str().to_owned())),
        _ => Ok(()),
    }
}

fn failed(error: &SdkError<ConverseError>) -> Failure {
    match error {
        SdkError::ServiceError(context) => {
            let (error, answer) = (context.err(), context.raw());
            let retry_after = answer.headers().get("retry-after");
            refused(answer.status().as_u16(), error.code(), error.message().unwrap_or_default(), retry_after)
        }
        SdkError::ConstructionFailure(_) => {
            NoAnswer::Misconfigured("the request cannot be made; is the name of the model right?".to_owned())
                .into()
        }
        SdkError::TimeoutError(_) => unavailable(format!("no answer within {} s", TIMEOUT.as_secs())).into(),
        SdkError::DispatchFailure(_) => unavailable("connection lost").into(),
        SdkError::ResponseError(_) => unavailable("unreadable answer").into(),
        _ => unavailable("no answer").into(),
    }
}

/// By the name of the error where the status is not enough: AWS gives 400 to several.
fn refused(status: u16, code: Option<&str>, message: &str, retry_after: Option<&str>) -> Failure {
    let reason = cut(&format!("{}: {message}", code.unwrap_or("error")), MAX_REASON_CHARS);
    match code {
        Some("ValidationException") if message.contains("too long") => NoAnswer::CutOff.into(),
        Some("ThrottlingException" | "ExpiredTokenException" | "ServiceQuotaExceededException") => {
            Failure::of_status(429, reason, retry_after)
        }
        Some("AccessDeniedException" | "ResourceNotFoundException" | "UnrecognizedClientException") => {
            NoAnswer::Misconfigured(reason).into()
        }
        _ => Failure::of_status(status, reason, retry_after),
    }
}

#[cfg(test)]
mod tests;
