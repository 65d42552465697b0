//! What a client changes in a lead, and what it is told of one.

use super::{Lead, LeadNumber, LeadState, Profile, SkipReason};
use crate::base::time::Timestamp;
use crate::base::zone::Zone;
use crate::records::interaction::{Disposition, InteractionStatus};

impl Lead {
    /// The lead with another profile and other numbers, the first of which is dialled first from now on; what
    /// was found of a number stays with it, and so does the turn. Where the lead may be called is found anew. Who
    /// was skipped for want of what it brings, consent or values to make a text of, is to be called again.
    pub fn edited(&self, profile: Profile, numbers: Vec<LeadNumber>, now: Timestamp) -> Self {
        let known = |one: LeadNumber| match self.number(&one.number) {
            Some(stored) => one.after(stored),
            None => one,
        };
        let numbers: Vec<LeadNumber> = numbers.into_iter().map(known).collect();
        let turn = self.numbers.get(usize::from(self.next_number_index));
        let place = turn.and_then(|turn| numbers.iter().position(|one| one.number == turn.number));
        let next_number_index = place.and_then(|place| u8::try_from(place).ok()).unwrap_or_default();
        let version = self.version + 1;
        let state = self.once_it_brings(&profile, &self.state, now);
        let fault = self.fault.clone().filter(|_| state == LeadState::Failed);
        let edited = Self {
            version,
            profile,
            numbers,
            next_number_index,
            state,
            fault,
            updated_at: now,
            ..self.clone()
        };
        let (zone, zone_source) = Zone::of(edited.profile.timezone, edited.next_number());
        Self { zone, zone_source, ..edited }
    }

    /// Where a lead stands, once it has this profile.
    fn once_it_brings(&self, profile: &Profile, state: &LeadState, now: Timestamp) -> LeadState {
        let is_mended = match state {
            // Called by hand: what it goes back to is mended.
            LeadState::InProgress { attempt, before } => {
                let before = Box::new(self.once_it_brings(profile, before, now));
                return LeadState::InProgress { attempt: attempt.clone(), before };
            }
            LeadState::Skipped { reason: SkipReason::NoConsent } => profile.consent.is_some(),
            LeadState::Failed => self.fault.is_some() && *profile != self.profile,
            _ => false,
        };
        match (is_mended, self.attempts) {
            (false, _) => state.clone(),
            (true, 0) if self.step == 0 => LeadState::Pending,
            (true, _) => LeadState::RetryScheduled { due_at: now },
        }
    }

    /// What the latest attempt says about the lead.
    pub fn disposition(&self) -> Option<Disposition> {
        let told = self
            .last
            .as_ref()
            .and_then(|last| InteractionStatus::qualified(last.outcome?, last.qualification).disposition());
        match (&self.state, told) {
            (LeadState::Skipped { reason: SkipReason::DoNotCall }, _) => Some(Disposition::Dnc),
            (LeadState::CallbackScheduled { .. }, _) => Some(Disposition::ScheduledCallback),
            (LeadState::Exhausted, Some(Disposition::NoAnswer | Disposition::Voicemail)) => {
                Some(Disposition::NoContact)
            }
            _ => told,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::super::{Consent, FailReason, LastAttempt, NumberStatus};
    use super::*;
    use crate::base::call::Outcome;
    use crate::base::zone::ZoneSource;
    use crate::fixtures::{self, NOW};
    use crate::records::text_fault::{Text, TextFault};

    fn numbers(some: &[u32]) -> Vec<LeadNumber> {
        some.iter().map(|n| LeadNumber::new(fixtures::number(*n))).collect()
    }

    #[test]
    fn the_id_stays_and_the_zone_follows_the_profile() {
        let lead = fixtures::lead(1);
        let profile = Profile { timezone: Some(Tz::Asia__Tokyo), ..lead.profile.clone() };
        let edited = lead.edited(profile, numbers(&[1, 2]), NOW);
        assert_eq!(edited.person(), [fixtures::number(1), fixtures::number(2)]);
        assert_eq!((edited.zone.key().as_str(), edited.zone_source), ("Asia/Tokyo@DE", ZoneSource::Lead));
        let by_prefix = edited.edited(Profile::default(), numbers(&[3]), NOW);
        assert_eq!(
            (by_prefix.zone.key().as_str(), by_prefix.zone_source),
            ("Europe/Berlin@DE", ZoneSource::Prefix)
        );
        assert_eq!((by_prefix.id, by_prefix.version), (lead.id, lead.version + 2));
    }

    #[test]
    fn what_was_found_of_a_number_and_its_turn_stay_with_it() {
        let mut lead = Lead { numbers: numbers(&[1, 2, 3]), next_number_index: 1, ..fixtures::lead(1) };
        lead.numbers[2].status = NumberStatus::Invalid;
        let mut wanted = numbers(&[3, 2, 4]);
        wanted[0].label = Some("office".into());
        let edited = lead.edited(lead.profile.clone(), wanted, NOW);
        assert_eq!(edited.next_number(), &fixtures::number(2), "still its turn");
        let third = &edited.numbers[0];
        assert_eq!((third.status, third.label.as_deref()), (NumberStatus::Invalid, Some("office")));
        let without = edited.edited(lead.profile.clone(), numbers(&[3, 4]), NOW);
        assert_eq!(without.next_number(), &fixtures::number(4), "the first that may be dialled");
    }

    #[test]
    fn who_was_skipped_for_want_of_something_is_called_once_it_is_there() {
        let consent = Consent { source: "order form".into(), at: NOW, channel: None, proof: None };
        let agreed = Profile { consent: Some(consent), ..Profile::default() };
        let named = Profile { name: Some("Ann".into()), ..Profile::default() };
        let skipped = |reason, attempts| {
            let state = LeadState::Skipped { reason };
            Lead { state, attempts, profile: Profile::default(), ..fixtures::lead(1) }
        };
        for (reason, attempts, profile, expected) in [
            (SkipReason::NoConsent, 0, &agreed, "pending"),
            (SkipReason::NoConsent, 2, &agreed, "retry_scheduled"),
            (SkipReason::NoConsent, 0, &named, "skipped"),
            (SkipReason::DoNotCall, 0, &agreed, "skipped"),
            (SkipReason::PeriodOver, 0, &agreed, "skipped"),
        ] {
            let edited = skipped(reason, attempts).edited(profile.clone(), numbers(&[1]), NOW);
            assert_eq!(edited.state.name(), expected, "{reason:?}");
        }
    }

    #[test]
    fn who_failed_for_what_could_not_be_said_is_called_again_once_they_bring_something_else() {
        let (column, reason) = (Some(9), "cannot convert to integer".to_owned());
        let fault = TextFault { text: Text::WelcomeMessage, line: Some(2), column, reason };
        let failed = fixtures::lead(1).unspeakable(fault, NOW);
        assert_eq!((failed.state.name(), failed.fail_reason()), ("failed", Some(FailReason::Template)));
        let same = failed.edited(failed.profile.clone(), numbers(&[1]), NOW);
        assert_eq!((same.state.name(), same.fail_reason()), ("failed", Some(FailReason::Template)));
        let mended =
            failed.edited(Profile { name: Some("Ann".into()), ..Profile::default() }, numbers(&[1]), NOW);
        assert_eq!((mended.state.name(), mended.fail_reason()), ("pending", None));
        // Whose numbers can't be called stays failed, whatever they are called.
        let gone = Lead { state: LeadState::Failed, ..fixtures::lead(1) };
        assert_eq!(gone.edited(mended.profile, numbers(&[1]), NOW).state, LeadState::Failed);
    }

    #[test]
    fn consent_that_comes_while_a_call_by_hand_is_up_counts_after_it() {
        let consent = Consent { source: "order form".into(), at: NOW, channel: None, proof: None };
        let agreed = Profile { consent: Some(consent), ..Profile::default() };
        let before = Box::new(LeadState::Skipped { reason: SkipReason::NoConsent });
        let state = LeadState::InProgress { attempt: fixtures::attempt(1), before };
        let up = Lead { state, attempts: 1, ..fixtures::lead(1) };
        let LeadState::InProgress { before, .. } = up.edited(agreed, numbers(&[1]), NOW).state else {
            panic!("the call is up")
        };
        assert_eq!(before.name(), "retry_scheduled");
    }

    #[test]
    fn all_attempts_used_is_no_contact_unless_somebody_answered() {
        let with = |state, outcome: Option<Outcome>| {
            let last = LastAttempt {
                attempt: fixtures::attempt(1),
                dialled_at: NOW,
                number: None,
                caller_number: None,
                channel: crate::base::channel::Channel::Call,
                step: 0,
                qualification: None,
                outcome: outcome.map(crate::base::outcome::AttemptOutcome::Call),
                duration_secs: None,
            };
            Lead { state, last: Some(last), ..fixtures::lead(1) }.disposition()
        };
        assert_eq!(with(LeadState::Exhausted, Some(Outcome::Busy)), Some(Disposition::NoContact));
        assert_eq!(with(LeadState::Exhausted, Some(Outcome::Incomplete)), Some(Disposition::Contacted));
        assert_eq!(with(LeadState::Pending, Some(Outcome::Busy)), Some(Disposition::NoAnswer));
        assert_eq!(with(LeadState::Pending, None), None);
        let wished = LeadState::CallbackScheduled { due_at: NOW };
        assert_eq!(with(wished, Some(Outcome::Completed)), Some(Disposition::ScheduledCallback));
        let skipped = LeadState::Skipped { reason: SkipReason::DoNotCall };
        assert_eq!(with(skipped, None), Some(Disposition::Dnc));
    }
}
