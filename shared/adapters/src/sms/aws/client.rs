//! Sending texts.

use std::time::Duration;

use aws_sdk_pinpointsmsvoicev2::Client;
use aws_sdk_pinpointsmsvoicev2::config::retry::RetryConfig;
use aws_sdk_pinpointsmsvoicev2::config::timeout::TimeoutConfig;
use aws_sdk_pinpointsmsvoicev2::config::{Builder, StalledStreamProtectionConfig};
use aws_sdk_pinpointsmsvoicev2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_pinpointsmsvoicev2::operation::send_text_message::SendTextMessageError;
use aws_sdk_pinpointsmsvoicev2::operation::send_text_message::builders::SendTextMessageFluentBuilder;
use aws_sdk_pinpointsmsvoicev2::types::MessageType as Kind;
use carillon_domain::base::call::{Placement, ProviderCallId};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::message::{MessageOrder, MessageRefusal, MessageType, ReplyOrder};
use carillon_domain::base::outcome::MessageOutcome;
use carillon_domain::records::active_attempt::VALIDITY_SECS;

use super::refusal::{Complaint, judge};
use super::{ATTEMPT, LEAD, WORKSPACE};

/// How long sending may take: it is answered once AWS has the text.
const SEND_TIMEOUT: Duration = Duration::from_secs(15);

/// A client that sends, each text with the configuration set that tells us of it.
#[derive(Debug, Clone)]
pub struct EndUserMessagingClient {
    pub(super) client: Client,
    configuration_set: String,
}

/// The configuration of a client that asks once: a text must reach AWS at most once, so none is sent again by itself.
pub fn once(config: Builder) -> Builder {
    config
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(SEND_TIMEOUT).build())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}

impl EndUserMessagingClient {
    /// `client` is one as [`once`] makes it.
    pub const fn new(client: Client, configuration_set: String) -> Self {
        Self { client, configuration_set }
    }

    pub(super) async fn send(&self, ws: &WorkspaceId, order: &MessageOrder) -> Placement<MessageRefusal> {
        let identity = order.messaging_service.as_deref().unwrap_or(order.from.as_str());
        let request = self
            .request(identity, order.to.as_str(), &order.text)
            .set_message_type(order.message_type.map(kind))
            .context(WORKSPACE, ws.to_string())
            .context(ATTEMPT, order.attempt.to_string())
            .context(LEAD, order.lead.to_string());
        placed(request).await
    }

    /// Sends what somebody is answered; nothing is to be told of it.
    pub(super) async fn reply(&self, order: &ReplyOrder) -> Placement<MessageRefusal> {
        let identity = order.messaging_service.as_deref().unwrap_or(order.from.as_str());
        let request = self.request(identity, order.to.as_str(), &order.text);
        placed(request.message_type(Kind::Transactional)).await
    }

    fn request(&self, identity: &str, to: &str, text: &str) -> SendTextMessageFluentBuilder {
        self.client
            .send_text_message()
            .destination_phone_number(to)
            .origination_identity(identity)
            .message_body(text)
            .configuration_set_name(&self.configuration_set)
            .time_to_live(VALIDITY_SECS)
    }
}

const fn kind(message_type: MessageType) -> Kind {
    match message_type {
        MessageType::Transactional => Kind::Transactional,
        MessageType::Promotional => Kind::Promotional,
    }
}

async fn placed(request: SendTextMessageFluentBuilder) -> Placement<MessageRefusal> {
    match request.send().await {
        Ok(accepted) => match accepted.message_id {
            Some(id) => Placement::Accepted { calls: vec![ProviderCallId(id)] },
            None => unknown("AWS named no text"),
        },
        Err(error) => failed(&error),
    }
}

/// Judges that no text was named: it may exist unless AWS says that it does not.
fn failed(error: &SdkError<SendTextMessageError>) -> Placement<MessageRefusal> {
    match error {
        SdkError::ServiceError(context) => {
            let (error, status) = (context.err(), context.raw().status().as_u16());
            let (reason, field) = reason_and_field(error);
            let (exception, message) = (error.code(), error.message().unwrap_or_default());
            judge(&Complaint { status, exception, reason, field, message })
        }
        SdkError::ConstructionFailure(_) => Placement::Refused {
            outcome: MessageRefusal { outcome: MessageOutcome::SenderRefused, request: None },
            reason: "the request cannot be made".to_owned(),
        },
        SdkError::TimeoutError(_) => unknown(&format!("no answer within {} s", SEND_TIMEOUT.as_secs())),
        SdkError::DispatchFailure(_) => unknown("connection lost"),
        SdkError::ResponseError(_) => unknown("unreadable answer"),
        _ => unknown("no answer"),
    }
}

/// The reason of an error, and the first field that did not fit.
fn reason_and_field(error: &SendTextMessageError) -> (Option<&str>, Option<&str>) {
    use SendTextMessageError as E;
    match error {
        E::AccessDeniedException(error) => (error.reason().map(|reason| reason.as_str()), None),
        E::ConflictException(error) => (error.reason().map(|reason| reason.as_str()), None),
        E::ServiceQuotaExceededException(error) => (error.reason().map(|reason| reason.as_str()), None),
        E::ValidationException(error) => {
            let field = error.fields().first().map(|field| field.name());
            (error.reason().map(|reason| reason.as_str()), field)
        }
        // These have none; and what the service's model does not list.
        _ => (None, None),
    }
}

fn unknown(reason: &str) -> Placement<MessageRefusal> {
    Placement::Unknown { reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
