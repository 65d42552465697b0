//! What a forecast rests on, and why it comes to no end.

use carillon_domain::reporting::forecast::{Assumption, Never, NeverReason, Note, SampledLeads};

use super::Message;

impl Message for Never {
    fn message(&self) -> String {
        match (self.reason, &self.closed) {
            (NeverReason::PeriodOver, _) => "the campaign's period is over".into(),
            (NeverReason::Closed, Some(closed)) => closed.message(),
            (NeverReason::Closed, None) => "the zone is closed, and does not open in time".into(),
            (NeverReason::ClosesTooSoon, _) => {
                "it closes before a call can be made, and does not open again in time".into()
            }
        }
    }
}

impl Message for Assumption {
    fn message(&self) -> String {
        match self {
            Self::CallsAreAssumed => {
                "how calls end, how long they last and what they cost is assumed: too few have ended".into()
            }
            Self::CallsGoOn { calls } => format!("calls go as the {calls} that have ended did"),
            Self::Lengths { talk_secs, ringing_secs } => format!(
                "conversations last {talk_secs:.0} seconds on average, after {ringing_secs:.0} seconds of ringing"
            ),
            Self::Spread { runs } => {
                format!("the spread is that of {runs} runs, each with other ends of the calls that were made")
            }
            Self::StartsNow { status } => {
                format!("the campaign, which is {}, starts now", status.as_str())
            }
            Self::OthersAreIdle { campaigns } => {
                format!("{campaigns} other campaigns, whose leads are not given, make no calls")
            }
            Self::LiveCallsEnd => {
                "calls that are up now end like conversations, and their leads are not called again".into()
            }
            Self::TextsAreDelivered => "each text is delivered, and nobody replies".into(),
            Self::TextsGoOn { texts } => format!("texts go as the {texts} that have ended did"),
            Self::OneRun => "later runs of the campaign are not looked at".into(),
            Self::CapsStartEmpty { calls } => format!(
                "caps count the calls of this forecast, of each person the latest {calls}; earlier ones count for \
                 nothing"
            ),
            Self::NothingUnusual => {
                "breakers stay closed, people have one number each, and nobody asks to be called back".into()
            }
        }
    }
}

impl Message for Note {
    fn message(&self) -> String {
        match self {
            Self::RoughTimes { looked_at } => format!(
                "more than {looked_at} leads wait for a moment of their own; that of the others is known roughly"
            ),
            Self::LongLists { read } => format!(
                "do-not-call lists have more than {read} numbers; how many leads are on them is taken from the \
                 leads that were looked at"
            ),
            Self::Sampled { of, looked_at, leads } => {
                let what = match of {
                    SampledLeads::Urgent => {
                        "where those who wait for a call-back or came one by one may be called"
                    }
                    SampledLeads::Retries => {
                        "how often those who wait for a retry were called, and whom caps hold back,"
                    }
                    SampledLeads::Fresh => {
                        "who of those never called has given no consent or is held back by caps or lists"
                    }
                };
                format!("{what} is taken from {looked_at} of {leads} leads")
            }
            Self::CampaignsLeftOut { looked_at, campaign_ids } => {
                let ids: Vec<_> = campaign_ids.iter().map(|id| id.as_str()).collect();
                format!(
                    "at most {looked_at} other campaigns are looked at; these are not: {}",
                    ids.join(", ")
                )
            }
            Self::ScheduledRetriesStay => {
                "retries that are scheduled keep their time; other delays hold for later misses".into()
            }
            Self::OnlyPaceChanges => {
                "limits, rates and numbers make calls faster or slower; the forecast shows when all is done"
                    .into()
            }
        }
    }
}
