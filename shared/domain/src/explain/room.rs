//! Missing room in words.

use super::{Details, Lasts, Reason};
use crate::plan::{CampaignScene, NoRoom, Scene};
use crate::pool::NoCaller;

/// Whether it may well stand when everything else is over.
pub(super) const fn is_lasting(no_room: NoRoom) -> bool {
    match no_room {
        NoRoom::CampaignBreaker { .. }
        | NoRoom::Caller(NoCaller::None | NoCaller::DailyCap { .. } | NoCaller::Breaker { .. }) => true,
        NoRoom::WorkspaceFull { .. }
        | NoRoom::CampaignFull { .. }
        | NoRoom::CampaignRate { .. }
        | NoRoom::Caller(NoCaller::Busy | NoCaller::Rate { .. } | NoCaller::Resting { .. }) => false,
    }
}

/// Why there is no room for a call of the campaign.
pub(super) fn reason(scene: &Scene, campaign: &CampaignScene, no_room: NoRoom) -> Reason {
    let id = &campaign.campaign.id;
    let (words, details) = match no_room {
        NoRoom::WorkspaceFull { limit } => {
            let words = format!(
                "the workspace has as many calls at once as it may ({limit}), {} of them of this campaign",
                scene.slots_of(id)
            );
            (words, full(limit, scene.slots()))
        }
        NoRoom::CampaignFull { limit } => {
            let most = campaign.campaign.spec.concurrent_limit;
            let growing =
                if limit < most { format!(", on its way to {most}") } else { "; raise its limit".to_owned() };
            let words = format!("the campaign has as many calls at once as it may ({limit}{growing})");
            (words, full(limit, scene.slots_of(id)))
        }
        NoRoom::CampaignRate { until } => {
            let rate = campaign.campaign.spec.rate_limit_per_minute;
            let words = format!("the campaign's rate leaves no slot before {until}");
            (words, Details { limit: rate, ..Details::default() })
        }
        NoRoom::CampaignBreaker { until: Some(until) } => {
            let words = format!("too many calls of the campaign failed; at {until} one is made to try");
            (words, Details::default())
        }
        NoRoom::CampaignBreaker { until: None } => {
            let words = "too many calls of the campaign failed; one is being made to try";
            (words.to_owned(), Details::default())
        }
        NoRoom::Caller(no_caller) => (caller(no_caller), Details::default()),
    };
    let lasts = match (no_room, no_room.until()) {
        (NoRoom::Caller(NoCaller::None), _) => Lasts::UntilChanged,
        (_, Some(until)) => Lasts::Until(until),
        (_, None) => Lasts::UntilFree,
    };
    Reason::new(no_room.code(), lasts, words).with(details)
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
        NoCaller::Breaker { until: Some(until) } => {
            format!("too many calls from the caller numbers failed; at {until} one is made to try")
        }
        NoCaller::Breaker { until: None } => {
            "too many calls from the caller numbers failed; one is being made to try".to_owned()
        }
    }
}
