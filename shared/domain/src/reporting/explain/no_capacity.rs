//! Missing room in words.

use super::{Details, Lasts, Reason};
use crate::planning::{CampaignSnapshot, NoCapacity, PlanningSnapshot};
use crate::policy::caller_pool::NoCaller;

/// Whether it may well stand when everything else is over.
pub(super) const fn is_lasting(no_capacity_now: NoCapacity) -> bool {
    match no_capacity_now {
        NoCapacity::CampaignBreaker { .. }
        | NoCapacity::Caller(NoCaller::None | NoCaller::DailyCap { .. } | NoCaller::CircuitBreaker { .. }) => {
            true
        }
        NoCapacity::WorkspaceFull { .. }
        | NoCapacity::CampaignFull { .. }
        | NoCapacity::CampaignRate { .. }
        | NoCapacity::Caller(NoCaller::Busy | NoCaller::Rate { .. } | NoCaller::Resting { .. }) => false,
    }
}

/// Why there is no room for a call of the campaign.
pub(super) fn reason(
    snapshot: &PlanningSnapshot,
    campaign: &CampaignSnapshot,
    no_capacity_now: NoCapacity,
) -> Reason {
    let id = &campaign.campaign.id;
    let (words, details) = match no_capacity_now {
        NoCapacity::WorkspaceFull { limit } => {
            let words = format!(
                "the workspace has as many calls at once as it may ({limit}), {} of them of this campaign",
                snapshot.slots_of(id)
            );
            (words, full(limit, snapshot.slots()))
        }
        NoCapacity::CampaignFull { limit } => {
            let most = campaign.campaign.spec.concurrent_limit;
            let growing =
                if limit < most { format!(", on its way to {most}") } else { "; raise its limit".to_owned() };
            let words = format!("the campaign has as many calls at once as it may ({limit}{growing})");
            (words, full(limit, snapshot.slots_of(id)))
        }
        NoCapacity::CampaignRate { until } => {
            let rate = campaign.campaign.spec.rate_limit_per_minute;
            let words = format!("the campaign's rate leaves no slot before {until}");
            (words, Details { limit: rate, ..Details::default() })
        }
        NoCapacity::CampaignBreaker { until: Some(until) } => {
            let words = format!("too many calls of the campaign failed; at {until} one is made to try");
            (words, Details::default())
        }
        NoCapacity::CampaignBreaker { until: None } => {
            let words = "too many calls of the campaign failed; one is being made to try";
            (words.to_owned(), Details::default())
        }
        NoCapacity::Caller(no_caller) => (caller(no_caller), Details::default()),
    };
    let lasts = match (no_capacity_now, no_capacity_now.until()) {
        (NoCapacity::Caller(NoCaller::None), _) => Lasts::UntilChanged,
        (_, Some(until)) => Lasts::Until(until),
        (_, None) => Lasts::UntilFree,
    };
    Reason::new(no_capacity_now.code(), lasts, words).with(details)
}

fn full(limit: u32, held: usize) -> Details {
    Details { limit: Some(limit), held: Some(held), ..Details::default() }
}

fn caller(no_caller: NoCaller) -> String {
    match no_caller {
        NoCaller::None => "there is no number to call from; the campaign needs an active assistant, and one \
                           of them a caller number"
            .to_owned(),
        NoCaller::Busy => "the caller numbers have as many calls at once as they may".to_owned(),
        NoCaller::Rate { until } => format!("the caller numbers' rate leaves no slot before {until}"),
        NoCaller::Resting { until } => {
            format!("the voice provider was full, so the caller numbers rest until {until}")
        }
        NoCaller::DailyCap { until } => {
            format!("the caller numbers have made their calls of the day; the next day begins at {until}")
        }
        NoCaller::CircuitBreaker { until: Some(until) } => {
            format!("too many calls from the caller numbers failed; at {until} one is made to try")
        }
        NoCaller::CircuitBreaker { until: None } => {
            "too many calls from the caller numbers failed; one is being made to try".to_owned()
        }
    }
}
