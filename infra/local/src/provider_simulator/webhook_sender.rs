//! Carries webhooks to their receiver.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use tokio::task::JoinSet;

use super::state::{NetworkState, SignedWebhook};

/// How long the receiver may take for an answer, on the machine's clock.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// The only HTTP status by which a webhook is taken.
const TAKEN: u16 = 200;

/// A client that goes straight to the receiver and takes its first word.
pub(crate) fn client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(ANSWER_WITHIN).build()
}

/// Sends what is due, now and for ever.
pub(super) async fn run(switchboard: Arc<NetworkState>, client: reqwest::Client, url: String) {
    let mut on_their_way = JoinSet::new();
    loop {
        for webhook in switchboard.take_due(switchboard.clock.now()) {
            on_their_way.spawn(carry(Arc::clone(&switchboard), client.clone(), url.clone(), webhook));
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
pub(super) async fn carry(
    switchboard: Arc<NetworkState>,
    client: reqwest::Client,
    url: String,
    webhook: SignedWebhook,
) {
    let mut request = client.post(url).body(webhook.body.clone());
    for (name, value) in &webhook.headers {
        request = request.header(*name, value);
    }
    let status = request.send().await.ok().map(|answer| answer.status().as_u16());
    if status != Some(TAKEN) {
        let kind = webhook.id.kind.name();
        tracing::warn!(kind, conversation = webhook.id.conversation_id, status, "a webhook was not taken");
    }
    switchboard.tried(&webhook, status);
}
