//! The context as a handler sees it.

use carillon_adapters::clock::Clock;
use carillon_adapters::consumers::Consumer;
use carillon_adapters::files::Files;
use carillon_adapters::language_model::LanguageModels;
use carillon_adapters::queue::{Message, Queue, QueueError};
use carillon_adapters::random::Random;
use carillon_adapters::secrets::{Secret, Secrets, SecretsError};
use carillon_adapters::sms::Sms;
use carillon_adapters::voice::Voice;
use carillon_adapters::voice::own_twilio::CallAddresses;
use carillon_adapters::webhook_sender::WebhookSender;
use carillon_domain::base::call::{CallOrder, Line, VoiceProvider};
use carillon_domain::base::channel::Channel;
use carillon_domain::base::ids::{JobId, WebhookEndpointId, WorkspaceId};
use carillon_domain::base::message::{MessageOrder, MessageProvider};
use carillon_domain::base::provider::Provider;
use carillon_domain::base::time::Timestamp;
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState};
use carillon_domain::records::audit::Act;
use carillon_domain::records::workspace::ModelAccess;
use carillon_store::{Store, StoreError};
use serde::Serialize;
use serde_json::Value;

use crate::messages::{CopyRecording, DialMessage, DialTask, FeedWalk, JobMessage, PlanHint};

/// Everything outside a handler that it may touch.
#[derive(Debug, Clone)]
pub struct Context {
    pub store: Store,
    pub clock: Clock,
    pub random: Random,
    /// The queues between the functions.
    pub queues: Queues,
    pub files: Files,
    pub secrets: Secrets,
    pub voice: Voice,
    pub sms: Sms,
    pub webhook_sender: WebhookSender,
    pub language_models: LanguageModels,
    /// Where the world reaches us, without a slash at the end; what requests come to if it is not set.
    pub public_url: Option<String>,
    /// Who takes events; asked by the stream function alone.
    pub consumers: Vec<Consumer>,
}

/// What a request is called in answers, logs and the audit log.
#[derive(Debug, Clone, Default)]
pub struct RequestId(pub String);

/// The queues between the functions.
#[derive(Debug, Clone)]
pub struct Queues {
    pub plan: Queue,
    /// Calls to place from Twilio numbers.
    pub dial: Queue,
    /// Calls to place through SIP trunks: these take until somebody picks up.
    pub sip_dial: Queue,
    /// Texts to send.
    pub message: Queue,
    pub import: Queue,
    pub jobs: Queue,
    /// Events to send to endpoints.
    pub delivery: Queue,
    /// Calls to have read.
    pub analysis: Queue,
    /// Changes that can't be told of.
    pub parked: Queue,
}

impl Context {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The store, for somebody who changes a resource: each write carries the entry of this change, between
    /// two states of the resource as JSON, in the same transaction. What we do ourselves is not noted.
    ///
    /// # Errors
    /// [`StoreError::Codec`] if the entry can't be stored.
    pub fn noting(
        &self,
        ws: &WorkspaceId,
        act: Option<&Act>,
        resource: &impl ToString,
        before: &Value,
        after: &Value,
    ) -> Result<Store, StoreError> {
        let Some(act) = act else { return Ok(self.store.clone()) };
        let entry = act.clone().done(self.now(), self.random.draw(), resource.to_string(), before, after);
        self.store.noting(ws, &entry)
    }

    /// The key for a workspace's language model; none of one that needs none.
    ///
    /// # Errors
    /// [`SecretsError`] if the secret store does not answer.
    pub async fn language_model_key(
        &self,
        ws: &WorkspaceId,
        access: &ModelAccess,
    ) -> Result<Option<Secret>, SecretsError> {
        match &access.key_name {
            Some(name) => self.secrets.get(&language_model_key_name(ws, name)).await,
            None => Ok(None),
        }
    }

    /// Asks for a look at a workspace, after a delay.
    ///
    /// # Errors
    /// [`QueueError`] if the queue does not take it; the tick finds the workspace all the same.
    pub async fn hint(&self, ws: &WorkspaceId, delay_ms: i64) -> Result<(), QueueError> {
        let hint = PlanHint { workspace: ws.clone() };
        self.queues.plan.send(&[Message::after(delay_ms, body(&hint))]).await
    }

    /// The same at once. A hint that is lost is made up for by the next tick.
    pub async fn hint_or_warn(&self, ws: &WorkspaceId) {
        if let Err(error) = self.hint(ws, 0).await {
            tracing::warn!(%error, "a hint was lost; the next tick makes up for it");
        }
    }

    /// Asks for a walk over a campaign's leads.
    ///
    /// # Errors
    /// [`QueueError`] if the queue does not take it; the planner asks again.
    pub async fn send_walk(&self, walk: &FeedWalk) -> Result<(), QueueError> {
        self.queues.import.send(&[Message::now(body(walk))]).await
    }

    /// Asks for the next steps of a job, after a delay.
    ///
    /// # Errors
    /// [`QueueError`] if the queue does not take it; the tick asks again.
    pub async fn send_job(&self, ws: &WorkspaceId, job: &JobId, delay_ms: i64) -> Result<(), QueueError> {
        let message = JobMessage { workspace: ws.clone(), job: job.clone() };
        self.queues.jobs.send(&[Message::after(delay_ms, body(&message))]).await
    }

    /// Asks for the copy of a recording, after a delay.
    ///
    /// # Errors
    /// [`QueueError`] if the queue does not take it; whoever wants to hear the recording has it fetched.
    pub async fn send_copy(&self, message: &CopyRecording, delay_ms: i64) -> Result<(), QueueError> {
        self.queues.jobs.send(&[Message::after(delay_ms, body(message))]).await
    }

    /// Tells the dialers and the messenger about claimed active attempts, each in time for its slot.
    ///
    /// # Errors
    /// [`QueueError`] if a queue does not take them; the claims run out and the leads are due again.
    pub async fn send_dials(
        &self,
        ws: &WorkspaceId,
        task: DialTask,
        active_attempts: &[ActiveAttempt],
    ) -> Result<(), QueueError> {
        let now = self.now();
        for queue in [&self.queues.dial, &self.queues.sip_dial, &self.queues.message] {
            let messages: Vec<_> = active_attempts
                .iter()
                .filter(|active_attempt| std::ptr::eq(self.queue_for(active_attempt), queue))
                .map(|active_attempt| {
                    let delay_ms = match active_attempt.state {
                        ActiveAttemptState::Claimed { dial_at, .. } => dial_at.since_ms(now).max(0),
                        ActiveAttemptState::Dialling { .. } => 0,
                    };
                    Message::after(delay_ms, body(&DialMessage::about(ws, task, active_attempt)))
                })
                .collect();
            if !messages.is_empty() {
                queue.send(&messages).await?;
            }
        }
        Ok(())
    }

    /// The queue of whoever makes an attempt.
    const fn queue_for(&self, active_attempt: &ActiveAttempt) -> &Queue {
        match (active_attempt.channel, active_attempt.line) {
            (Channel::Sms, _) => &self.queues.message,
            (Channel::Call, Line::Twilio | Line::OwnTwilio) => &self.queues.dial,
            (Channel::Call, Line::SipTrunk) => &self.queues.sip_dial,
        }
    }
}

pub fn body(message: &impl Serialize) -> String {
    serde_json::to_string(message).unwrap_or_default()
}

/// Where the carrier turns about a call that a workspace's own account places. The attempt and its lead are in the addresses,
/// which are signed.
pub fn call_addresses(public_url: &str, ws: &WorkspaceId, order: &CallOrder) -> CallAddresses {
    let carrier = MessageProvider::Twilio;
    let CallOrder { attempt, lead, .. } = order;
    let address = |end: &str| {
        format!("{public_url}/api/v1/webhooks/{carrier}/{ws}/calls/{end}?attempt={attempt}&lead={lead}")
    };
    CallAddresses { answer: address("answer"), status: address("status"), machine: address("machine") }
}

/// The secret that holds a workspace's key for a provider, of calls or of texts.
pub fn provider_key_name(ws: &WorkspaceId, provider: impl Into<Provider>) -> String {
    format!("{ws}/{}/api_key", provider.into())
}

/// The secret with which a workspace's provider asks what a call that comes in begins with.
pub fn initiation_secret_name(ws: &WorkspaceId, provider: impl Into<Provider>) -> String {
    format!("{ws}/{}/initiation_secret", provider.into())
}

/// The secret that holds the secrets with which a workspace's provider signs its webhooks.
pub fn webhook_secrets_name(ws: &WorkspaceId, provider: impl Into<Provider>) -> String {
    format!("{ws}/{}/webhook_secrets", provider.into())
}

/// Where a secret lies with which we sign what goes to an endpoint, by the name that the endpoint has for it.
pub fn endpoint_secret_name(ws: &WorkspaceId, endpoint: &WebhookEndpointId, name: &str) -> String {
    format!("{ws}/webhook_endpoints/{endpoint}/{name}")
}

/// Where the key for a workspace's language model lies, by the name that the workspace has for it.
pub fn language_model_key_name(ws: &WorkspaceId, name: &str) -> String {
    format!("{ws}/language_model/{name}")
}

/// Where a workspace's provider sends its webhooks, below the address of the API.
pub fn webhook_path(ws: &WorkspaceId, provider: VoiceProvider) -> String {
    format!("/api/v1/webhooks/{provider}/{ws}")
}

/// Where a workspace's provider asks what a call that comes in begins with, below the address of the API.
pub fn initiation_path(ws: &WorkspaceId, provider: VoiceProvider) -> String {
    format!("{}/initiation", webhook_path(ws, provider))
}

/// Where a workspace's provider tells of messages that come in, below the address of the API.
pub fn inbound_message_path(ws: &WorkspaceId, provider: MessageProvider) -> String {
    format!("/api/v1/webhooks/{provider}/{ws}/messages")
}

/// Where it tells what became of one of ours, below the address of the API: the attempt and its lead are in the
/// address, which is signed.
pub fn message_status_path(ws: &WorkspaceId, order: &MessageOrder) -> String {
    let MessageOrder { provider, attempt, lead, .. } = order;
    format!("/api/v1/webhooks/{provider}/{ws}/status?attempt={attempt}&lead={lead}")
}
