//! Whether anybody of a campaign can still be called, and when.

use carillon_domain::base::call::MAX_CALLBACK_AHEAD_MS;
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::records::campaign::{Campaign, CampaignStatus};

use crate::http::problem::{Code, Problem};

/// How far past the moment may be that is meant as now, in milliseconds.
const MAX_PAST_MS: i64 = MINUTE_MS;

/// Whether anybody of the campaign can still be called.
pub(super) fn check_campaign(campaign: &Campaign) -> Result<(), Problem> {
    if campaign.status == CampaignStatus::Cancelled {
        let detail = "the campaign is cancelled; nobody of it is called any more";
        return Err(Problem::new(Code::ActionNotAllowed, detail));
    }
    Ok(())
}

/// Whether anybody could be called back at this moment.
pub(super) fn check_moment(campaign: &Campaign, at: Timestamp, now: Timestamp) -> Result<(), Problem> {
    let refused = |reason| Err(Problem::of_field(Code::InvalidFields, "at", reason));
    if !(-MAX_PAST_MS..=MAX_CALLBACK_AHEAD_MS).contains(&at.since_ms(now)) {
        return refused(format!("it must lie ahead of now ({now}), within 90 days"));
    }
    match campaign.over_at() {
        Some(over_at) if at.max(now) >= over_at => {
            refused(format!("the campaign's period is over at {over_at}; give an earlier moment"))
        }
        _ => Ok(()),
    }
}
