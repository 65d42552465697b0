//! When a lead may be called next.

use super::{Case, Lasts, Reason, refused};
use crate::base::time::Timestamp;
use crate::compliance::eligibility::{Question, Refusal};
use crate::planning::{self, NoCapacity};
use crate::records::campaign::{Campaign, CampaignStatus};
use crate::records::lead::Lead;

/// How many moments are tried: each is the end of a refusal, and few chains of them are longer than
/// three.
const MAX_STEPS: usize = 64;

/// The campaign as it calls, and the lead as it will be then.
struct Prospect {
    campaign: Campaign,
    lead: Lead,
    from: Timestamp,
}

/// The first moment at which the lead may be called, as far as it can be told; adds to the reasons
/// what will forbid it at a later moment only.
pub(super) fn possible(case: &Case<'_>, reasons: &mut Vec<Reason>) -> Option<Timestamp> {
    if reasons.iter().any(|reason| reason.lasts == Lasts::UntilChanged) {
        return None;
    }
    let Prospect { campaign, lead, from } = prospect(case)?;
    let question = case.question_of(&lead, &campaign);
    let window_ms = case.campaign.window_ms();
    // The question tells of the other reasons again, one after another.
    let unasked = reasons.iter().filter(|reason| !is_asked_again(reason.code)).filter_map(Reason::until);
    let no_capacity_now = planning::capacity_for(case.snapshot, case.campaign, Some(case.lead)).err();
    let mut at = unasked.chain(no_capacity_now.and_then(NoCapacity::until)).fold(from, Timestamp::max);
    for _ in 0..MAX_STEPS {
        let refusal = match question.answer(at, at.plus_ms(window_ms)) {
            Ok(_) => return Some(at),
            Err(refusal) => refusal,
        };
        let reason = refused::reason(case, &question, &refusal, at);
        if reasons.iter().all(|known| known.code != reason.code) {
            let from = (at > case.snapshot.now).then_some(at);
            reasons.push(Reason { from, ..reason });
        }
        at = over_at(&question, &refusal, at, window_ms).filter(|over_at| *over_at > at)?;
    }
    let words = format!("no allowed moment was found up to {at}");
    reasons.push(Reason { from: Some(at), ..Reason::new("not_in_sight", Lasts::UntilChanged, words) });
    None
}

/// When the campaign's next run takes a lead again that is settled.
pub(super) fn taken_again_at(case: &Case<'_>) -> Option<Timestamp> {
    let prospect = prospect(case)?;
    (!prospect.lead.state.is_settled()).then_some(prospect.from)
}

/// What the question is about once the campaign calls; none if somebody has to see to that.
fn prospect(case: &Case<'_>) -> Option<Prospect> {
    let (now, campaign) = (case.snapshot.now, &case.campaign.campaign);
    let next_run = campaign.run.saturating_add(1);
    let (run, from) = match campaign.status {
        CampaignStatus::Running | CampaignStatus::Completing if campaign.is_run_opening => {
            (campaign.run, now)
        }
        CampaignStatus::Running | CampaignStatus::Completing if case.lead.state.is_settled() => {
            (next_run, campaign.upcoming_run()?)
        }
        CampaignStatus::Running | CampaignStatus::Completing => (0, now),
        CampaignStatus::Scheduled { start_at } if campaign.is_reopening => (0, start_at),
        CampaignStatus::Scheduled { start_at } => (next_run, start_at),
        CampaignStatus::Draft
        | CampaignStatus::Paused { .. }
        | CampaignStatus::Completed
        | CampaignStatus::Cancelled => return None,
    };
    let from = from.max(now);
    let begun = case.lead.restarted(run, campaign.run_takes(), from).filter(|_| run > 1);
    let lead = begun.unwrap_or_else(|| case.lead.clone());
    let campaign = Campaign { status: CampaignStatus::Running, ..campaign.clone() };
    Some(Prospect { campaign, lead, from })
}

/// Whether the question about a later moment tells of it again.
fn is_asked_again(code: &str) -> bool {
    matches!(code, "not_due" | "capped" | "outside_hours" | "period_not_begun" | "settled")
}

/// When a refusal at `at` is over.
fn over_at(question: &Question<'_>, refusal: &Refusal, at: Timestamp, window_ms: i64) -> Option<Timestamp> {
    if matches!(refusal, Refusal::OutsideHours { .. }) {
        question.hours().next_callable(at, window_ms)
    } else {
        refusal.until()
    }
}
