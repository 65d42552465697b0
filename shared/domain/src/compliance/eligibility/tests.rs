//! Each refusal, and what follows from it.

use chrono_tz::Tz;

use super::*;
use crate::base::time::{DAY_MS, HOUR_MS, MINUTE_MS};
use crate::fixtures::{self, NOW};
use crate::policy::do_not_call::{ListName, Listing};
use crate::policy::schedule::Period;
use crate::records::active_attempt::DialCause;
use crate::records::campaign::{Campaign, Command, PauseReason};
use crate::records::lead::{Consent, LeadNumber, SkipReason};
use crate::records::number_record::LatestAttempt;
use crate::records::workspace::ContactBudget;

struct Case {
    lead: Lead,
    campaign: Campaign,
    workspace: Workspace,
    records: Vec<NumberRecord>,
    cause: DialCause,
}

fn case() -> Case {
    Case {
        lead: fixtures::lead(1),
        campaign: fixtures::campaign(),
        workspace: fixtures::workspace(),
        records: vec![NumberRecord::unknown(fixtures::number(1))],
        cause: DialCause::Fresh,
    }
}

impl Case {
    fn question(&self) -> Question<'_> {
        Question {
            lead: &self.lead,
            campaign: &self.campaign,
            workspace: &self.workspace,
            rules: Rulebook::builtin(),
            records: &self.records,
            cause: self.cause,
        }
    }

    fn refused(&self, now: Timestamp) -> Option<&'static str> {
        self.question().answer(now, now).err().map(|refusal| refusal.code().name())
    }

    fn becomes(&self, now: Timestamp) -> Option<Lead> {
        let question = self.question();
        let refusal = question.answer(now, now).expect_err("a refusal");
        match consequence(&question, &refusal, now) {
            Verdict::Wait => None,
            Verdict::Become(lead) => Some(*lead),
        }
    }

    fn called(&mut self, at: Timestamp) {
        let latest = LatestAttempt { attempt: fixtures::attempt(1), lead: self.lead.id.clone() };
        self.records = self.records.iter().map(|record| record.called(latest.clone(), at)).collect();
    }

    fn by_hand(&mut self) -> &Self {
        self.cause = DialCause::Manual;
        self
    }
}

#[test]
fn a_fresh_lead_inside_its_hours_may_be_called() {
    assert_eq!(case().refused(NOW), None);
    assert_eq!(case().question().refusals(NOW), []);
}

#[test]
fn a_campaign_that_rests_calls_nobody_in_its_turn_and_whoever_is_asked_for() {
    let mut paused = case();
    let pause = Command::Pause { reason: PauseReason::Requested };
    paused.campaign = paused.campaign.apply(pause, NOW).expect("a running campaign rests");
    assert_eq!(paused.refused(NOW), Some("campaign_not_running"));
    assert_eq!(paused.by_hand().refused(NOW), None);
}

#[test]
fn who_does_not_want_to_be_called_is_not_called_by_hand_either() {
    let mut listed = case();
    let listing = Listing { at: NOW, source: "api".into(), reason: None };
    listed.records[0] = listed.records[0].listed(ListName::do_not_call(), listing);
    assert_eq!(listed.becomes(NOW).map(|lead| lead.state.name()), Some("skipped"));
    assert_eq!(listed.by_hand().refused(NOW), Some("do_not_call"));
    // Taken off the list: settled in the campaign, and to be called by hand again.
    let mut settled = case();
    settled.lead.state = LeadState::Skipped { reason: SkipReason::DoNotCall };
    assert_eq!(settled.refused(NOW), Some("settled"));
    assert_eq!(settled.by_hand().refused(NOW), None);
}

#[test]
fn the_budget_holds_over_everything_and_the_gap_for_the_campaigns_turn_alone() {
    let mut gap = case();
    gap.campaign.spec.min_gap_minutes = 60;
    gap.called(NOW.plus_ms(-10 * MINUTE_MS));
    assert_eq!(gap.refused(NOW), Some("capped"));
    assert!(gap.becomes(NOW).is_some_and(|lead| !lead.is_due(NOW) && lead.is_due(NOW.plus_ms(HOUR_MS))));
    let mut callback = case();
    callback.campaign.spec.min_gap_minutes = 60;
    callback.called(NOW.plus_ms(-10 * MINUTE_MS));
    callback.lead.state = LeadState::CallbackScheduled { due_at: NOW };
    assert_eq!(callback.refused(NOW), None);
    assert_eq!(gap.by_hand().refused(NOW), None);

    let mut budget = case();
    budget.workspace.contact_budget = Some(ContactBudget { max: 1, per_minutes: 24 * 60 });
    budget.called(NOW.plus_ms(-2 * HOUR_MS));
    assert_eq!(budget.refused(NOW), Some("capped"));
    assert_eq!(budget.by_hand().refused(NOW), Some("capped"));
}

#[test]
fn the_law_caps_calls_to_france_at_four_in_thirty_days() {
    let mut french = case();
    let number: crate::base::phone::E164 = "+33199001234".parse().expect("a number");
    french.lead.numbers = vec![LeadNumber::new(number.clone())];
    (french.lead.zone, french.lead.zone_source) =
        crate::base::zone::Zone::of(Some(Tz::Europe__Paris), &number);
    french.records = vec![NumberRecord::unknown(number)];
    for day in 1..=4 {
        french.called(NOW.plus_ms(-day * 5 * DAY_MS));
    }
    // 15:00 in Paris, outside the break at noon.
    let afternoon = NOW.plus_ms(3 * HOUR_MS);
    assert_eq!(french.refused(afternoon), Some("capped"));
    assert_eq!(french.refused(afternoon.plus_ms(11 * DAY_MS)), None);
}

#[test]
fn a_cap_beyond_the_period_is_the_end_of_a_lead() {
    let mut capped = case();
    capped.campaign.spec.min_gap_minutes = 3 * 24 * 60;
    let last_day = "2026-11-24".parse().expect("a date");
    capped.campaign.spec.period = Period::new(None, Some(last_day)).expect("a period");
    capped.called(NOW.plus_ms(-HOUR_MS));
    let settled = capped.becomes(NOW).expect("it can never be called again");
    assert_eq!(settled.state, LeadState::Skipped { reason: SkipReason::PeriodOver });
    let mut over = case();
    over.campaign.spec.period = capped.campaign.spec.period;
    assert_eq!(over.refused(NOW.plus_ms(2 * DAY_MS)), Some("period_over"));
}

#[test]
fn a_callback_is_made_however_many_attempts_there_were() {
    let mut used_up = case();
    used_up.lead.attempts = 3;
    used_up.lead.state = LeadState::RetryScheduled { due_at: NOW };
    assert_eq!(used_up.becomes(NOW).map(|lead| lead.state), Some(LeadState::Exhausted));
    used_up.lead.state = LeadState::CallbackScheduled { due_at: NOW };
    assert_eq!(used_up.refused(NOW), None);
    used_up.lead.attempts = 9;
    assert_eq!(used_up.refused(NOW), None);
}

#[test]
fn consent_is_asked_for_where_it_is_required() {
    let mut strict = case();
    strict.campaign.spec.requires_consent = true;
    assert_eq!(strict.becomes(NOW).map(|lead| lead.state.name()), Some("skipped"));
    let consent = Consent { source: "form".into(), at: NOW, channel: None, proof: None };
    strict.lead.profile.consent = Some(consent);
    assert_eq!(strict.refused(NOW), None);
}

#[test]
fn a_call_back_outside_the_hours_moves_to_the_next_open_moment() {
    let night = NOW.plus_ms(10 * HOUR_MS);
    let mut callback = case();
    callback.lead.state = LeadState::CallbackScheduled { due_at: night };
    let put_off = callback.becomes(night).expect("it is put off");
    let (_, due_at) = put_off.due().expect("it waits");
    assert!(due_at > night && due_at.since_ms(night) <= MAX_HOLD_MS);
    // A retry waits in its zone, which is not looked at while it is closed.
    let mut retry = case();
    retry.lead.state = LeadState::RetryScheduled { due_at: night };
    assert_eq!(retry.becomes(night), None);
}
