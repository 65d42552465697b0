//! Carries webhooks to their receiver.

use std::sync::Arc;
use std::time::Duration;

use carillon_domain::base::call::VoiceProvider;
use reqwest::redirect::Policy;
use tokio::task::JoinSet;

use super::dialect::Receiver;
use super::state::{NetworkState, SignedWebhook};

/// How long a receiver may take for an answer, on the machine's clock.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// The same where it is Retell that sends.
const ANSWER_TO_RETELL_WITHIN: Duration = Duration::from_secs(10);
/// The same where it is Twilio.
const ANSWER_TO_TWILIO_WITHIN: Duration = Duration::from_secs(15);

/// A client that goes straight to the receiver and takes its first word.
pub(crate) fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(ANSWER_WITHIN).build()
}

/// Sends what is due, now and for ever.
pub(super) async fn run(switchboard: Arc<NetworkState>, client: reqwest::Client) {
    let mut on_their_way = JoinSet::new();
    loop {
        for webhook in switchboard.take_due(switchboard.clock.now()) {
            on_their_way.spawn(carry(Arc::clone(&switchboard), client.clone(), webhook));
        }
        while on_their_way.try_join_next().is_some() {}
        match switchboard.next_webhook_at() {
            Some(at) => tokio::select! {
                () = switchboard.clock.sleep_until(at) => {}
                () = switchboard.news.notified() => {}
            },
            None => switchboard.news.notified().await,
        }
    }
}

/// Sends a webhook once and notes what came of it.
pub(super) async fn carry(switchboard: Arc<NetworkState>, client: reqwest::Client, webhook: SignedWebhook) {
    let url = match &webhook.to {
        Receiver::SetUp(provider) => switchboard.settings.webhook_url(*provider),
        Receiver::Given(url) => Some(url.as_str()),
    };
    let answer = match url {
        Some(url) => send(&client, url, &webhook).await,
        // No such webhook was ever set up.
        None => None,
    };
    let status = answer.as_ref().map(|(status, _)| *status);
    if status.is_none_or(|status| !(200..=299).contains(&status)) {
        let kind = webhook.id.kind.name();
        tracing::warn!(kind, call = webhook.id.call, status, "a webhook was not taken");
    }
    switchboard.tried(&webhook, answer.as_ref().map(|(status, body)| (*status, body.as_str())));
}

/// With which status a webhook is received, and what is answered; none if nobody answers.
async fn send(client: &reqwest::Client, url: &str, webhook: &SignedWebhook) -> Option<(u16, String)> {
    let within = match webhook.to {
        Receiver::SetUp(VoiceProvider::ElevenLabs) => ANSWER_WITHIN,
        Receiver::SetUp(VoiceProvider::Retell) => ANSWER_TO_RETELL_WITHIN,
        Receiver::Given(_) => ANSWER_TO_TWILIO_WITHIN,
    };
    let mut request = client.post(url).timeout(within).body(webhook.body.clone());
    for (name, value) in &webhook.headers {
        request = request.header(*name, value);
    }
    let answer = request.send().await.ok()?;
    let status = answer.status().as_u16();
    Some((status, answer.text().await.unwrap_or_default()))
}
