//! What a client changes in a lead, and what it is told of one.

use super::{Lead, LeadState, Profile, SkipReason};
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::base::zone::Zone;
use crate::records::interaction::{Disposition, InteractionStatus};

impl Lead {
    /// The lead with another profile and other numbers behind the primary one, which stays: the
    /// lead's id is made from it. Where the lead may be called is found anew.
    pub fn edited(&self, profile: Profile, others: Vec<E164>, now: Timestamp) -> Self {
        let numbers: Vec<E164> = self.numbers.iter().take(1).cloned().chain(others).collect();
        let version = self.version + 1;
        let edited = Self { version, profile, numbers, updated_at: now, ..self.clone() };
        let (zone, zone_source) = Zone::of(edited.profile.timezone, edited.next_number());
        Self { zone, zone_source, ..edited }
    }

    /// What the latest attempt says about the lead.
    pub fn disposition(&self) -> Option<Disposition> {
        let outcome = self.last.as_ref().and_then(|last| last.outcome);
        let told = outcome.and_then(|outcome| InteractionStatus::of(outcome).disposition());
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

    use super::super::LastAttempt;
    use super::*;
    use crate::base::call::Outcome;
    use crate::base::zone::ZoneSource;
    use crate::fixtures::{self, NOW};

    #[test]
    fn the_primary_number_stays_and_the_zone_follows_the_profile() {
        let lead = fixtures::lead(1);
        let profile = Profile { timezone: Some(Tz::Asia__Tokyo), ..lead.profile.clone() };
        let edited = lead.edited(profile, vec![fixtures::number(2)], NOW);
        assert_eq!(edited.numbers, [fixtures::number(1), fixtures::number(2)]);
        assert_eq!((edited.zone.key().as_str(), edited.zone_source), ("Asia/Tokyo@DE", ZoneSource::Lead));
        let by_prefix = edited.edited(Profile::default(), Vec::new(), NOW);
        assert_eq!(
            (by_prefix.zone.key().as_str(), by_prefix.zone_source),
            ("Europe/Berlin@DE", ZoneSource::Prefix)
        );
        assert_eq!((by_prefix.id, by_prefix.version), (lead.id, lead.version + 2));
    }

    #[test]
    fn all_attempts_used_is_no_contact_unless_somebody_answered() {
        let with = |state, outcome: Option<Outcome>| {
            let last = LastAttempt {
                attempt: fixtures::attempt(1),
                dialled_at: NOW,
                number: None,
                caller_number: None,
                outcome: outcome.map(crate::base::outcome::AttemptOutcome::Call),
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
