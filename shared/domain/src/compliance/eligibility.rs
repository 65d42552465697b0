//! Whether a person may be called for a lead now, and if not, why.
//!
//! The planner asks this when it chooses, the dialer before it dials, and whoever wants to know why
//! a lead is not being called: there is one answer, and this is where it is made.

use crate::base::channel::Channel;
use crate::base::time::{MAX_SKEW_MS, Timestamp};
use crate::policy::caps::{self, Cap, CapSource};
use crate::policy::hours::CallingHours;
use crate::policy::rules::{self, InForce, Rule, Rulebook};
use crate::records::active_attempt::DialCause;
use crate::records::campaign::Campaign;
use crate::records::lead::{Lead, LeadState};
use crate::records::number_record::{NumberRecord, attempts};
use crate::records::workspace::Workspace;

pub use crate::records::refusal::Refusal;

#[cfg(test)]
mod tests;
mod verdict;

pub use verdict::{MAX_HOLD_MS, Verdict, consequence, settling};

const MINUTES_PER_HOUR: u32 = 60;

/// What the answer depends on.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub lead: &'a Lead,
    pub campaign: &'a Campaign,
    pub workspace: &'a Workspace,
    /// The rules that hold in it.
    pub rules: &'a Rulebook,
    /// What is known of the person's numbers.
    pub records: &'a [NumberRecord],
    /// What the call would be due to.
    pub cause: DialCause,
}

impl<'a> Question<'a> {
    /// Whether a call that starts between two moments may be made: until when its hours are open.
    ///
    /// # Errors
    /// The first [`Refusal`]: the campaign's before the lead's, then the person's, then the hours'.
    pub fn answer(&self, from: Timestamp, to: Timestamp) -> Result<Timestamp, Refusal> {
        self.check_campaign(from, to)?;
        self.check_lead(from)?;
        self.check_person(from)?;
        self.check_hours(from, to)
    }

    /// Every refusal that stands, the first one first.
    pub fn refusals(&self, now: Timestamp) -> Vec<Refusal> {
        let checks = [
            self.check_campaign(now, now),
            self.check_lead(now),
            self.check_person(now),
            self.check_hours(now, now).map(drop),
        ];
        checks.into_iter().filter_map(Result::err).collect()
    }

    fn check_campaign(&self, from: Timestamp, to: Timestamp) -> Result<(), Refusal> {
        if !self.is_in_turn() {
            return Ok(());
        }
        if !self.campaign.status.is_running() {
            return Err(Refusal::CampaignNotRunning(self.campaign.status.shown()));
        }
        // Begun by every clock.
        if let Some(begins_at) = self.campaign.begins_at(from.plus_ms(-MAX_SKEW_MS)) {
            return Err(Refusal::PeriodNotBegun(begins_at.plus_ms(MAX_SKEW_MS)));
        }
        if self.campaign.is_over(crate::policy::hours::latest_arrival(to)) {
            Err(Refusal::PeriodOver)
        } else {
            Ok(())
        }
    }

    fn check_lead(&self, now: Timestamp) -> Result<(), Refusal> {
        if matches!(self.lead.state, LeadState::InProgress { .. }) {
            return Err(Refusal::InProgress);
        }
        if !self.is_in_turn() {
            return Ok(());
        }
        if self.lead.state.suspended().is_some() {
            return Err(Refusal::Suspended);
        }
        let Some((_, due_at)) = self.lead.due() else {
            return Err(Refusal::Settled(self.lead.state.status()));
        };
        if !self.lead.is_due(now) {
            return Err(Refusal::NotDue(due_at));
        }
        // A call-back that was asked for is made, however many attempts there were.
        let is_callback = matches!(self.lead.state, LeadState::CallbackScheduled { .. });
        if !is_callback && self.lead.attempts >= self.campaign.spec.retry.max_attempts {
            return Err(Refusal::AttemptsUsedUp);
        }
        if self.campaign.spec.requires_consent && self.lead.profile.consent.is_none() {
            return Err(Refusal::NoConsent);
        }
        Ok(())
    }

    fn check_person(&self, now: Timestamp) -> Result<(), Refusal> {
        if let Some(class) = self.workspace.allowed_number_classes.refusal_of(self.lead.next_number()) {
            return Err(Refusal::NumberClass(class));
        }
        let counting = &self.campaign.spec.suppression_lists;
        if let Some(list) = self.records.iter().find_map(|record| record.suppressed_by(counting)) {
            return Err(Refusal::DoNotCall(list.clone()));
        }
        caps::check(&self.caps(now), &attempts(self.records), now).map_err(Refusal::Capped)
    }

    fn check_hours(&self, from: Timestamp, to: Timestamp) -> Result<Timestamp, Refusal> {
        let hours = self.hours();
        let closes_at = if self.is_in_turn() {
            hours.closes_after(from, to)
        } else {
            hours.lawfully_closes_after(from, to)
        };
        let within_ms = to.since_ms(from);
        closes_at.ok_or_else(|| {
            if self.is_in_turn() {
                let opens_at = hours.next_callable(from, within_ms);
                Refusal::OutsideHours { opens_at, closed: hours.why_closed(to) }
            } else {
                let opens_at = hours.next_lawfully_callable(from, within_ms);
                Refusal::OutsideHours { opens_at, closed: hours.why_unlawful(to) }
            }
        })
    }

    pub fn hours(&self) -> CallingHours<'a> {
        self.campaign.hours_for(self.channel(), &self.lead.zone, self.rules)
    }

    /// How often the person may be called: by law, by the workspace's budget and by the campaign.
    ///
    /// A call by hand, and one that the person asked for, need no gap to the one before.
    pub fn caps(&self, now: Timestamp) -> Vec<Cap> {
        let of_law = |(rule, cap): (&Rule, rules::Cap)| Cap {
            max: cap.max.get(),
            per_minutes: cap.per_hours.get() * MINUTES_PER_HOUR,
            source: CapSource::Rule(rule.label()),
        };
        let mut caps: Vec<Cap> = self.rules_in_force(now).caps(self.channel()).map(of_law).collect();
        caps.extend(self.workspace.budget_cap());
        if self.is_in_turn() && !matches!(self.lead.state, LeadState::CallbackScheduled { .. }) {
            caps.extend(Cap::gap(self.campaign.spec.min_gap_minutes));
        }
        caps
    }

    /// The rules that hold where the person is.
    pub fn rules_in_force(&self, now: Timestamp) -> InForce<'a> {
        self.rules.now(&self.lead.zone, self.campaign.spec.time_zone, now)
    }

    /// How the person would be reached.
    pub fn channel(&self) -> Channel {
        if self.is_in_turn() { self.campaign.channel_of(self.lead) } else { Channel::Call }
    }

    /// Whether the campaign makes the call, and not somebody by hand.
    const fn is_in_turn(&self) -> bool {
        match self.cause {
            DialCause::Manual | DialCause::Inbound => false,
            DialCause::FirstSubmission | DialCause::Callback | DialCause::Retry | DialCause::Fresh => true,
        }
    }
}
