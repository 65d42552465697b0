//! What becomes of a lead when its attempt has ended.

use crate::base::call::{Consequence, PersonRequest};
use crate::base::outcome::{AttemptOutcome, Report};
use crate::base::phone::E164;
use crate::base::time::{MINUTE_MS, Timestamp};
use crate::base::timing::SOONEST_MS;
use crate::policy::retry::{Ended, Next};
use crate::records::campaign::Campaign;
use crate::records::lead::Lead;

/// What becomes of a lead whose attempt ended so: by the person's request, else by the retry policy, and
/// where that settles it, by the next step of the campaign's cadence. What can't be read counts for nothing here.
pub(super) fn next_of(
    campaign: &Campaign,
    lead: &Lead,
    number: &E164,
    outcome: AttemptOutcome,
    report: &Report<'_>,
    now: Timestamp,
) -> Next {
    match report.request {
        Some(PersonRequest::DoNotCall) => return Next::DoNotCall,
        Some(PersonRequest::Callback { at }) => return Next::Callback { at },
        Some(PersonRequest::Unclear | PersonRequest::CallbackWhen { .. }) | None => {}
    }
    // Nobody is told of it by a pause: it would be tried for ever.
    if lead.is_test && outcome.consequence() == Consequence::AccountFault {
        return Next::Failed;
    }
    let ended = Ended {
        outcome,
        qualification: report.qualification,
        attempts: lead.attempts,
        taken_back: lead.taken_back_as(outcome),
        others_get_through: campaign.gets_through(&lead.id, outcome),
        has_other_number: outcome.is_of_the_number() && lead.has_other_number(number),
    };
    following(campaign, lead.step, ended, now)
}

/// What becomes of a lead whose attempt ended so at a step of its campaign's cadence, whatever the
/// person asked for.
pub(crate) fn following(campaign: &Campaign, step: u8, ended: Ended, now: Timestamp) -> Next {
    let next = campaign.spec.retry.after(ended, now);
    match next {
        Next::Retry { .. } | Next::Callback { .. } | Next::Step { .. } | Next::DoNotCall => next,
        Next::Completed | Next::Exhausted | Next::Failed => {
            let following = campaign.spec.cadence.following(step, ended.outcome, ended.qualification);
            following.map_or(next, |(step, settings)| {
                let delay_ms = i64::from(settings.delay_minutes) * MINUTE_MS;
                Next::Step { step, due_at: now.plus_ms(delay_ms.max(SOONEST_MS)) }
            })
        }
    }
}
