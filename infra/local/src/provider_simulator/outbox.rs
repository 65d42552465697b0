//! Webhooks that are still to be sent, and when: held back, sent, tried again, given up.

use std::collections::{BTreeSet, HashMap};

use carillon_domain::base::time::{SECOND_MS, Timestamp};

use super::dialect;
use super::settings::NetworkSettings;
use super::webhook_schedule::{Post, WebhookId};
use crate::draw::Draw;

/// By how much a later try may be late, in thousandths of its delay.
const JITTER_MAX_PERMILLE: i64 = 100;
/// Webhooks that may wait for another try; more are given up.
const MAX_PENDING_RETRIES: usize = 100;
/// The longest that a webhook waits to be overtaken, in milliseconds.
const HELD_MAX_MS: i64 = 30 * SECOND_MS;

/// A webhook that is not done with.
struct Waiting {
    disordered: bool,
    /// When it is to be sent; nothing while somebody is sending it.
    due_at: Option<Timestamp>,
    first_sent_at: Option<Timestamp>,
    tries: usize,
}

/// The webhooks that are not done with.
pub(super) struct Outbox {
    settings: NetworkSettings,
    waiting: HashMap<WebhookId, Waiting>,
    due: BTreeSet<(Timestamp, WebhookId)>,
    /// Those that wait to be overtaken.
    held: Vec<WebhookId>,
}

impl Outbox {
    pub(super) fn new(settings: NetworkSettings) -> Self {
        Self { settings, waiting: HashMap::new(), due: BTreeSet::new(), held: Vec::new() }
    }

    /// Takes over the webhooks of a call; one that waits already is sent when it is said now.
    pub(super) fn add(&mut self, posts: &[Post]) {
        for post in posts {
            let waiting =
                Waiting { disordered: post.disordered, due_at: None, first_sent_at: None, tries: 0 };
            self.unschedule(&post.id);
            self.waiting.insert(post.id.clone(), waiting);
            self.schedule(&post.id, post.at);
        }
    }

    /// When the next webhook is to be sent.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// The webhooks that are to be sent by now, in the order of sending, each with its moment.
    /// They are not handed out again until [`Self::tried`] says that they were not taken.
    pub(super) fn take(&mut self, now: Timestamp) -> Vec<(Timestamp, WebhookId)> {
        let mut taken = Vec::new();
        while let Some((at, id)) = self.due.first().filter(|(at, _)| *at <= now).cloned() {
            self.unschedule(&id);
            if self.hold(&id, at) {
                continue;
            }
            self.held.retain(|held| *held != id);
            taken.push((at, id));
            for overtaken in std::mem::take(&mut self.held) {
                self.unschedule(&overtaken);
                taken.push((at, overtaken));
            }
        }
        taken
    }

    /// Holds a webhook back if it is to be overtaken and has not been held yet.
    fn hold(&mut self, id: &WebhookId, at: Timestamp) -> bool {
        let Some(waiting) = self.waiting.get_mut(id).filter(|waiting| waiting.disordered) else {
            return false;
        };
        waiting.disordered = false;
        self.held.push(id.clone());
        self.schedule(id, at.plus_ms(HELD_MAX_MS));
        true
    }

    /// Notes what came of sending a webhook at that moment; no status if nobody answered.
    pub(super) fn tried(&mut self, id: &WebhookId, at: Timestamp, status: Option<u16>) {
        self.unschedule(id);
        let Some(waiting) = self.waiting.get_mut(id) else { return };
        waiting.disordered = false;
        waiting.tries += 1;
        let tries = waiting.tries;
        let first_sent_at = *waiting.first_sent_at.get_or_insert(at);
        let tries_at_secs = dialect::tries_at_secs(&self.settings, id.kind, status)
            .filter(|_| self.pending_retries() <= MAX_PENDING_RETRIES);
        match tries_at_secs.and_then(|tries_at_secs| tries_at_secs.get(tries)) {
            Some(delay_secs) => {
                let mut draw = Draw::keyed(self.settings.seed, &["retry", &id.call, &tries.to_string()]);
                let jitter_permille = draw.between(0..=JITTER_MAX_PERMILLE);
                self.schedule(id, first_sent_at.plus_ms(delay_secs * (SECOND_MS + jitter_permille)));
            }
            None => {
                self.waiting.remove(id);
            }
        }
    }

    fn pending_retries(&self) -> usize {
        self.waiting.values().filter(|waiting| waiting.tries > 0).count()
    }

    fn schedule(&mut self, id: &WebhookId, at: Timestamp) {
        if let Some(waiting) = self.waiting.get_mut(id) {
            waiting.due_at = Some(at);
            self.due.insert((at, id.clone()));
        }
    }

    fn unschedule(&mut self, id: &WebhookId) {
        if let Some(at) = self.waiting.get_mut(id).and_then(|waiting| waiting.due_at.take()) {
            self.due.remove(&(at, id.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider_simulator::elevenlabs;
    use crate::provider_simulator::webhook_schedule::WebhookKind;

    fn outbox(retry_enabled: bool) -> Outbox {
        let elevenlabs = elevenlabs::Account { retry_enabled, ..Default::default() };
        Outbox::new(NetworkSettings { elevenlabs, ..Default::default() })
    }

    fn post(name: &str, kind: WebhookKind, at_secs: i64, disordered: bool) -> Post {
        let id = WebhookId { call: name.to_owned(), kind, copy: 0 };
        Post { id, at: Timestamp::from_millis(at_secs * SECOND_MS), disordered }
    }

    fn transcription(name: &str, at_secs: i64) -> Post {
        post(name, WebhookKind::PostCallTranscription, at_secs, false)
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * SECOND_MS)
    }

    fn names(taken: &[(Timestamp, WebhookId)]) -> Vec<&str> {
        taken.iter().map(|(_, id)| id.call.as_str()).collect()
    }

    /// Sends whatever falls due, to a receiver that always says the same; the seconds of the tries.
    fn tries(outbox: &mut Outbox, status: Option<u16>) -> Vec<i64> {
        let mut seconds = Vec::new();
        while let Some(next_at) = outbox.next_at() {
            for (at, id) in outbox.take(next_at) {
                seconds.push(at.as_secs());
                outbox.tried(&id, at, status);
            }
        }
        seconds
    }

    #[test]
    fn a_transcription_is_tried_five_times_over_half_an_hour() {
        for status in [None, Some(503), Some(429), Some(408)] {
            let mut outbox = outbox(true);
            outbox.add(&[transcription("a", 0)]);
            let seconds = tries(&mut outbox, status);
            assert_eq!(seconds.len(), 5);
            for (actual, least) in seconds.iter().zip([0, 30, 120, 480, 1_800]) {
                assert!((least..=least + least / 10).contains(actual), "{seconds:?}");
            }
        }
    }

    #[test]
    fn retell_tries_whatever_it_tells_three_more_times_ten_seconds_apart() {
        for kind in [WebhookKind::CallStarted, WebhookKind::CallEnded, WebhookKind::CallAnalyzed] {
            for (status, times) in [(None, 4), (Some(500), 4), (Some(404), 4), (Some(302), 4), (Some(204), 1)]
            {
                let mut outbox = outbox(false);
                outbox.add(&[post("a", kind, 0, false)]);
                let seconds = tries(&mut outbox, status);
                assert_eq!(seconds.len(), times, "{kind:?} {status:?}");
                for (actual, least) in seconds.iter().zip([0, 10, 20, 30]) {
                    assert!((least..=least + least / 10).contains(actual), "{seconds:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_else_is_tried_twice() {
        for (kind, status, retry_enabled) in [
            (WebhookKind::PostCallTranscription, Some(200), true),
            (WebhookKind::PostCallTranscription, Some(404), true),
            (WebhookKind::PostCallTranscription, Some(302), true),
            (WebhookKind::PostCallTranscription, Some(503), false),
            (WebhookKind::CallInitiationFailure, Some(503), true),
            (WebhookKind::CallInitiationFailure, None, true),
            (WebhookKind::AnsweringMachineDetection, Some(503), true),
        ] {
            let mut outbox = outbox(retry_enabled);
            outbox.add(&[post("a", kind, 0, false)]);
            assert_eq!(tries(&mut outbox, status), [0], "{kind:?} {status:?}");
        }
    }

    #[test]
    fn what_is_beyond_a_hundred_waiting_retries_is_given_up() {
        let mut outbox = outbox(true);
        let all: Vec<Post> = (0..150).map(|n| transcription(&n.to_string(), 0)).collect();
        outbox.add(&all);
        for (at, id) in outbox.take(at(0)) {
            outbox.tried(&id, at, Some(500));
        }
        assert_eq!(outbox.take(at(60)).len(), MAX_PENDING_RETRIES);
    }

    #[test]
    fn a_disordered_webhook_follows_the_next_one_or_waits_half_a_minute() {
        let mut outbox = outbox(true);
        outbox.add(&[
            post("late", WebhookKind::CallInitiationFailure, 1, true),
            transcription("next", 5),
            post("lonely", WebhookKind::CallInitiationFailure, 100, true),
        ]);
        assert!(outbox.take(at(4)).is_empty());
        assert_eq!(names(&outbox.take(at(5))), ["next", "late"]);
        assert!(outbox.take(at(129)).is_empty());
        assert_eq!(names(&outbox.take(at(130))), ["lonely"]);
        assert_eq!(outbox.next_at(), None);
    }
}
