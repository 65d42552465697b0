//! One event on its way to one endpoint, with every try.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::webhook_endpoint::{DeliveryVerdict, EndpointStatus};
use crate::base::ids::{CampaignId, DeliveryId, EventId, WebhookEndpointId};
use crate::base::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};

/// How long a delivery is kept, in milliseconds, whatever became of it.
pub const DELIVERY_KEPT_MS: i64 = 30 * DAY_MS;
/// How long to wait after each try that failed, in milliseconds: ten tries in a little more than three days, as the
/// specification of Standard Webhooks has it.
const DELAYS_MS: [i64; 9] = [
    5 * SECOND_MS,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    2 * HOUR_MS,
    5 * HOUR_MS,
    10 * HOUR_MS,
    14 * HOUR_MS,
    20 * HOUR_MS,
    24 * HOUR_MS,
];
/// By how much of itself a delay is longer or shorter, so that what failed together does not come again together.
const JITTER: f64 = 0.1;
/// The longest wait that an endpoint may ask for, in milliseconds.
const MAX_ASKED_MS: i64 = DAY_MS;
/// How much of an answer's body is kept, in characters.
pub const MAX_ANSWER_CHARS: usize = 300;
/// Headers of an answer that are kept.
pub const MAX_ANSWER_HEADERS: usize = 12;

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// It is to be sent, for the first time or again.
    Pending,
    /// The endpoint has taken it, or a replay of it.
    Delivered,
    /// The endpoint has not taken it in ten tries, or wants nothing more.
    Failed,
    /// The endpoint is parked; the delivery waits for a replay.
    Held,
    /// The endpoint was switched off or deleted before it was sent.
    Dropped,
}

/// Why a try got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoAnswer {
    /// Nobody answered in time.
    TimedOut,
    /// There was no connection: no address, refused, or no trust in its certificate.
    NotConnected,
    /// The connection broke off.
    BrokeOff,
    /// The address is none that we send to: private, or no address of the internet.
    ForbiddenAddress,
    /// Its secret is not there.
    NoSecret,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TryResult {
    Answered {
        status: u16,
        /// Some of its headers, by name.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
        /// The beginning of its body.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        body: String,
    },
    NoAnswer {
        cause: NoAnswer,
        detail: String,
    },
}

/// A try to deliver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryTry {
    pub at: Timestamp,
    pub duration_ms: i64,
    pub result: TryResult,
    /// How long the endpoint asked us to wait, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_to_wait_ms: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDelivery {
    /// What the endpoint knows it by (`webhook-id`); the same at each try.
    pub id: DeliveryId,
    pub version: u64,
    pub endpoint: WebhookEndpointId,
    pub event: EventId,
    pub event_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<CampaignId>,
    /// What is sent, to the byte.
    pub body: String,
    /// The delivery that this one repeats, the first of all that were made of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay_of: Option<DeliveryId>,
    pub status: DeliveryStatus,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tries: Vec<DeliveryTry>,
    /// When it is to be tried; none unless it is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

impl DeliveryTry {
    pub const fn verdict(&self) -> DeliveryVerdict {
        match &self.result {
            TryResult::Answered { status: 200..=299, .. } => DeliveryVerdict::Delivered,
            TryResult::Answered { status: 410, .. } => DeliveryVerdict::Gone,
            TryResult::Answered { .. } | TryResult::NoAnswer { .. } => DeliveryVerdict::Failed,
        }
    }
}

impl WebhookDelivery {
    /// The delivery after a try, which ended now. `chance` lies between 0 and 1.
    #[must_use]
    pub fn after(&self, tried: DeliveryTry, now: Timestamp, chance: f64) -> Self {
        let status = match tried.verdict() {
            DeliveryVerdict::Delivered => DeliveryStatus::Delivered,
            DeliveryVerdict::Gone => DeliveryStatus::Failed,
            DeliveryVerdict::Failed if self.tries.len() < DELAYS_MS.len() => DeliveryStatus::Pending,
            DeliveryVerdict::Failed => DeliveryStatus::Failed,
        };
        let asked_ms = tried.asked_to_wait_ms.unwrap_or_default().min(MAX_ASKED_MS);
        let delay_ms = DELAYS_MS.get(self.tries.len()).map(|delay| spread(*delay, chance).max(asked_ms));
        let next_try_at = delay_ms.filter(|_| status == DeliveryStatus::Pending).map(|ms| now.plus_ms(ms));
        let mut next = Self { version: self.version + 1, status, next_try_at, ..self.clone() };
        next.tries.push(tried);
        next
    }

    /// What becomes of it without a try; none if it is to be sent to an endpoint of this status. There is no status
    /// where the endpoint is deleted.
    pub fn without_try(&self, endpoint: Option<EndpointStatus>) -> Option<Self> {
        let status = match endpoint {
            Some(EndpointStatus::Enabled) => return None,
            Some(EndpointStatus::Parked) => DeliveryStatus::Held,
            Some(EndpointStatus::Disabled | EndpointStatus::Gone) | None => DeliveryStatus::Dropped,
        };
        Some(Self { version: self.version + 1, status, next_try_at: None, ..self.clone() })
    }

    /// The delivery once a replay of it was taken: nobody needs another. None if it was taken itself, or may still be.
    pub fn replayed(&self) -> Option<Self> {
        let is_open = matches!(self.status, DeliveryStatus::Pending | DeliveryStatus::Delivered);
        (!is_open).then(|| Self {
            version: self.version + 1,
            status: DeliveryStatus::Delivered,
            ..self.clone()
        })
    }

    /// The same under a new id, to be sent now; it names the first.
    #[must_use]
    pub fn replay(&self, id: DeliveryId, now: Timestamp) -> Self {
        Self {
            id,
            version: 1,
            replay_of: Some(self.replay_of.as_ref().unwrap_or(&self.id).clone()),
            status: DeliveryStatus::Pending,
            tries: Vec::new(),
            next_try_at: Some(now),
            created_at: now,
            ..self.clone()
        }
    }
}

/// A delay with its jitter.
fn spread(delay_ms: i64, chance: f64) -> i64 {
    let part = 1.0 + JITTER * (2.0 * chance.clamp(0.0, 1.0) - 1.0);
    (delay_ms as f64 * part).round() as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixtures::{NOW, webhook_delivery};

    fn answered(status: u16) -> DeliveryTry {
        let result = TryResult::Answered { status, headers: BTreeMap::new(), body: String::new() };
        DeliveryTry { at: NOW, duration_ms: 80, result, asked_to_wait_ms: None }
    }

    #[test]
    fn ten_tries_take_a_little_more_than_three_days() {
        let (mut delivery, mut now) = (webhook_delivery(), NOW);
        for tries in 1..=9 {
            delivery = delivery.after(answered(500), now, 0.5);
            assert_eq!((delivery.status, delivery.tries.len()), (DeliveryStatus::Pending, tries));
            now = delivery.next_try_at.expect("again");
        }
        let hours = now.since_ms(NOW) / HOUR_MS;
        assert!((72..=78).contains(&hours), "{hours}");
        delivery = delivery.after(answered(500), now, 0.5);
        assert_eq!((delivery.status, delivery.next_try_at), (DeliveryStatus::Failed, None));
        assert_eq!((delivery.tries.len(), delivery.version), (10, 11));
    }

    #[test]
    fn two_hundreds_are_taken_410_is_the_end_and_all_else_comes_again() {
        for (status, becomes) in [
            (200, DeliveryStatus::Delivered),
            (204, DeliveryStatus::Delivered),
            (299, DeliveryStatus::Delivered),
            (301, DeliveryStatus::Pending),
            (400, DeliveryStatus::Pending),
            (410, DeliveryStatus::Failed),
            (503, DeliveryStatus::Pending),
        ] {
            assert_eq!(webhook_delivery().after(answered(status), NOW, 0.0).status, becomes, "{status}");
        }
    }

    proptest! {
        #[test]
        fn a_wait_is_near_the_delay_and_no_shorter_than_was_asked(chance in 0.0..=1.0, asked in 0..2 * DAY_MS) {
            let tried = DeliveryTry { asked_to_wait_ms: Some(asked), ..answered(429) };
            let next = webhook_delivery().after(tried, NOW, chance).next_try_at.expect("again");
            let wait = next.since_ms(NOW);
            let asked = asked.clamp(0, DAY_MS);
            prop_assert!(wait >= 4_500.max(asked) && wait <= 5_500.max(asked), "{wait}");
        }
    }

    #[test]
    fn nothing_is_sent_to_an_endpoint_that_is_not_enabled() {
        let delivery = webhook_delivery();
        assert_eq!(delivery.without_try(Some(EndpointStatus::Enabled)), None);
        for (status, becomes) in [
            (Some(EndpointStatus::Parked), DeliveryStatus::Held),
            (Some(EndpointStatus::Disabled), DeliveryStatus::Dropped),
            (Some(EndpointStatus::Gone), DeliveryStatus::Dropped),
            (None, DeliveryStatus::Dropped),
        ] {
            let next = delivery.without_try(status).expect("no try");
            assert_eq!((next.status, next.next_try_at, next.version), (becomes, None, 2));
        }
    }

    #[test]
    fn what_a_replay_has_delivered_is_delivered() {
        let pending = webhook_delivery();
        assert_eq!(pending.replayed(), None, "it is on its way itself");
        let held = pending.without_try(Some(EndpointStatus::Parked)).expect("held");
        let done = held.replayed().expect("taken");
        assert_eq!((done.status, done.version, done.replayed()), (DeliveryStatus::Delivered, 3, None));
    }

    #[test]
    fn a_replay_of_a_replay_names_the_first() {
        let first = webhook_delivery().after(answered(410), NOW, 0.0);
        let [one, other] = [1, 2].map(|n| DeliveryId::new(NOW, [n; 10]));
        let again = first.replay(one.clone(), NOW.plus_ms(5)).replay(other.clone(), NOW.plus_ms(9));
        assert_eq!((&again.id, again.replay_of.as_ref()), (&other, Some(&first.id)));
        assert_eq!((again.status, again.tries.len(), &again.body), (DeliveryStatus::Pending, 0, &first.body));
        assert_eq!(again.next_try_at, Some(NOW.plus_ms(9)));
    }
}
