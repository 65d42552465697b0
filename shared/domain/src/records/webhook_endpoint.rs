//! An address of a customer's to which events are delivered, and how it fares.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::ids::WebhookEndpointId;
use crate::base::time::{DAY_MS, Timestamp};

/// Most endpoints of a workspace: each gets a delivery of each event.
pub const MAX_ENDPOINTS: usize = 10;
/// Longest address in bytes.
pub const MAX_URL_BYTES: usize = 2_000;
/// How long an endpoint may fail without one success before it is parked, in milliseconds.
pub const PARKED_AFTER_MS: i64 = DAY_MS;
/// How long a secret before is used beside the new one, in milliseconds.
pub const SECRET_OVERLAP_MS: i64 = DAY_MS;
/// Most secrets before that are used at once.
const MAX_PREVIOUS: usize = 3;

/// Whether an endpoint gets events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EndpointStatus {
    Enabled,
    /// Somebody has switched it off: it hears of nothing.
    Disabled,
    /// It has answered 410: it hears of nothing.
    Gone,
    /// It has failed for a day: what happens is kept for it and not sent.
    Parked,
}

/// What a try to deliver says of the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryVerdict {
    /// It took the event.
    Delivered,
    /// It did not, and may take it later.
    Failed,
    /// It wants nothing more (410).
    Gone,
}

/// A secret before, with which what is sent is signed, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    pub name: String,
    pub until: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookEndpoint {
    pub id: WebhookEndpointId,
    pub version: u64,
    /// As it was checked when it was saved; checked again, with its addresses, at each try.
    pub url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The names of the events that it gets; all if there are none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub event_types: BTreeSet<String>,
    pub status: EndpointStatus,
    /// When it was enabled last, or its address changed: tries that began before say nothing of it any more.
    pub enabled_at: Timestamp,
    /// Since when no try has succeeded; none if the last one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// Names what it is signed with in the secret store: another secret has another name.
    pub secret: String,
    /// The newest first. Whoever makes a new one twice, because the first answer was lost, goes on with the one in use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub previous_secrets: Vec<PreviousSecret>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl WebhookEndpoint {
    /// Whether it is to have an event of this name, now or, if it is parked, later.
    pub fn wants(&self, event_type: &str) -> bool {
        matches!(self.status, EndpointStatus::Enabled | EndpointStatus::Parked)
            && (self.event_types.is_empty() || self.event_types.contains(event_type))
    }

    /// The endpoint after a try that began then; none if it stays as it is.
    pub fn after(&self, verdict: DeliveryVerdict, began_at: Timestamp, now: Timestamp) -> Option<Self> {
        if self.status != EndpointStatus::Enabled || began_at < self.enabled_at {
            return None;
        }
        let (status, failing_since) = match (verdict, self.failing_since) {
            (DeliveryVerdict::Delivered, None) => return None,
            (DeliveryVerdict::Delivered, Some(_)) => (EndpointStatus::Enabled, None),
            (DeliveryVerdict::Gone, since) => (EndpointStatus::Gone, since),
            (DeliveryVerdict::Failed, None) => (EndpointStatus::Enabled, Some(began_at)),
            (DeliveryVerdict::Failed, Some(since)) if now.since_ms(since) >= PARKED_AFTER_MS => {
                (EndpointStatus::Parked, Some(since))
            }
            (DeliveryVerdict::Failed, Some(_)) => return None,
        };
        Some(Self { status, failing_since, ..self.changed(now) })
    }

    /// The endpoint once somebody has enabled it, whatever it was: what failed before is forgotten.
    #[must_use]
    pub fn enabled(&self, now: Timestamp) -> Self {
        Self { status: EndpointStatus::Enabled, enabled_at: now, failing_since: None, ..self.changed(now) }
    }

    /// The endpoint once somebody has switched it off.
    #[must_use]
    pub fn disabled(&self, now: Timestamp) -> Self {
        Self { status: EndpointStatus::Disabled, ..self.changed(now) }
    }

    /// The endpoint once it has a new secret, by its name: those before count for a while, each as long as it did.
    #[must_use]
    pub fn rotated(&self, secret: String, now: Timestamp) -> Self {
        let previous = PreviousSecret { name: self.secret.clone(), until: now.plus_ms(SECRET_OVERLAP_MS) };
        let older = self.previous_secrets.iter().filter(|older| now < older.until).cloned();
        let previous_secrets = std::iter::once(previous).chain(older).take(MAX_PREVIOUS).collect();
        Self { secret, previous_secrets, ..self.changed(now) }
    }

    /// The endpoint at another address: what the one before did counts for nothing.
    #[must_use]
    pub fn moved(self, url: String, now: Timestamp) -> Self {
        if url == self.url {
            return self;
        }
        Self { url, enabled_at: now, failing_since: None, ..self }
    }

    /// The names of its secrets that count now.
    pub fn secrets_in_use(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let previous = self.previous_secrets.iter().filter(move |previous| now < previous.until);
        std::iter::once(self.secret.as_str()).chain(previous.map(|previous| previous.name.as_str()))
    }

    fn changed(&self, now: Timestamp) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{NOW, webhook_endpoint};

    const LATER: Timestamp = NOW.plus_ms(PARKED_AFTER_MS);

    #[test]
    fn an_endpoint_that_fails_for_a_day_is_parked_and_one_success_clears_it() {
        let fine = webhook_endpoint();
        assert_eq!(fine.after(DeliveryVerdict::Delivered, NOW, NOW), None);
        let failing = fine.after(DeliveryVerdict::Failed, NOW, NOW.plus_ms(10)).expect("noted");
        assert_eq!((failing.status, failing.failing_since), (EndpointStatus::Enabled, Some(NOW)));
        assert_eq!(failing.version, fine.version + 1);
        assert_eq!(failing.after(DeliveryVerdict::Failed, NOW, LATER.plus_ms(-1)), None);
        let parked = failing.after(DeliveryVerdict::Failed, NOW, LATER).expect("parked");
        assert_eq!((parked.status, parked.failing_since), (EndpointStatus::Parked, Some(NOW)));
        let cleared = failing.after(DeliveryVerdict::Delivered, NOW, LATER).expect("cleared");
        assert_eq!((cleared.status, cleared.failing_since), (EndpointStatus::Enabled, None));
    }

    #[test]
    fn a_late_failure_of_an_old_try_touches_no_endpoint_that_was_enabled_again() {
        let parked = WebhookEndpoint {
            status: EndpointStatus::Parked,
            failing_since: Some(NOW),
            ..webhook_endpoint()
        };
        for verdict in [DeliveryVerdict::Failed, DeliveryVerdict::Gone, DeliveryVerdict::Delivered] {
            assert_eq!(parked.after(verdict, LATER, LATER), None, "only somebody ends it");
            let enabled = parked.enabled(LATER);
            assert_eq!(enabled.failing_since, None);
            assert_eq!(enabled.after(verdict, LATER.plus_ms(-1), LATER.plus_ms(5)), None);
        }
        let gone =
            parked.enabled(LATER).after(DeliveryVerdict::Gone, LATER, LATER).expect("a new try counts");
        assert_eq!(gone.status, EndpointStatus::Gone);
    }

    #[test]
    fn another_address_begins_anew() {
        let failing = WebhookEndpoint { failing_since: Some(NOW), ..webhook_endpoint() };
        let stays = failing.clone().moved(failing.url.clone(), LATER);
        assert_eq!(stays, failing);
        let moved = failing.moved("https://new.example.com/".into(), LATER);
        assert_eq!((moved.failing_since, moved.enabled_at), (None, LATER));
        assert_eq!(
            moved.after(DeliveryVerdict::Gone, LATER.plus_ms(-1), LATER),
            None,
            "that was the old one"
        );
    }

    #[test]
    fn what_is_parked_is_kept_for_it_and_what_is_off_hears_nothing() {
        let some = WebhookEndpoint {
            event_types: BTreeSet::from(["attempt.ended".to_owned()]),
            ..webhook_endpoint()
        };
        for (status, wants) in [
            (EndpointStatus::Enabled, true),
            (EndpointStatus::Parked, true),
            (EndpointStatus::Disabled, false),
            (EndpointStatus::Gone, false),
        ] {
            let endpoint = WebhookEndpoint { status, ..some.clone() };
            assert_eq!(endpoint.wants("attempt.ended"), wants);
            assert!(!endpoint.wants("lead.created"));
        }
        assert!(webhook_endpoint().wants("lead.created"), "all, where none are named");
    }

    #[test]
    fn two_secrets_count_for_a_day() {
        let endpoint = webhook_endpoint();
        let in_use =
            |endpoint: &WebhookEndpoint, at| endpoint.secrets_in_use(at).collect::<Vec<_>>().join(" ");
        assert_eq!(in_use(&endpoint, NOW), "first");
        let rotated = endpoint.rotated("second".into(), NOW);
        assert_eq!(in_use(&rotated, NOW.plus_ms(SECRET_OVERLAP_MS - 1)), "second first");
        assert_eq!(in_use(&rotated, NOW.plus_ms(SECRET_OVERLAP_MS)), "second");
        // Nobody has seen the second: whoever makes a third goes on with the first.
        let again = rotated.rotated("third".into(), NOW.plus_ms(5));
        assert_eq!(in_use(&again, NOW.plus_ms(5)), "third second first");
        let later = again.rotated("fourth".into(), NOW.plus_ms(SECRET_OVERLAP_MS));
        assert_eq!(in_use(&later, NOW.plus_ms(SECRET_OVERLAP_MS)), "fourth third second");
    }
}
