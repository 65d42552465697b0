//! Why a lead, or a whole campaign, is not called: one closed list for refusals, explanations and evidence.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($name:ident = $text:literal;)*) => {
        /// What keeps a lead, or a whole campaign, from being called.
        ///
        /// Of the campaign: `campaign_not_running`, `running_limit`, `low_credits`, `period_not_begun`,
        /// `period_over`, `no_leads`, `all_settled`, `nobody_due`. Of the lead: `settled`, `suspended`, `in_progress`,
        /// `claimed`, `not_due`, `attempts_used_up`, `no_consent`, `number_class`, `do_not_call`, `capped`,
        /// `person_busy`, `not_in_sight`, `text_fails`. Of the hours: `outside_hours`, `no_common_hour`,
        /// `never_open`. Of the room for calls: `workspace_full`, `campaign_full`, `campaign_rate`,
        /// `campaign_breaker`, `no_caller_number`, `caller_numbers_busy`, `caller_number_rate`,
        /// `provider_congested`, `caller_number_daily_cap`, `caller_number_breaker`. Of a call that was
        /// claimed or asked for: `slot_over`, `no_slot_in_time`, `lead_gone`, `numbers_changed`, `step_changed`,
        /// `assistant_unusable`, `no_provider_key`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum ReasonCode {
            $($name,)*
        }

        impl ReasonCode {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    CampaignNotRunning = "campaign_not_running";
    RunningLimit = "running_limit";
    LowCredits = "low_credits";
    PeriodNotBegun = "period_not_begun";
    PeriodOver = "period_over";
    NoLeads = "no_leads";
    AllSettled = "all_settled";
    NobodyDue = "nobody_due";
    NeverOpen = "never_open";
    Settled = "settled";
    Suspended = "suspended";
    InProgress = "in_progress";
    Claimed = "claimed";
    NotDue = "not_due";
    AttemptsUsedUp = "attempts_used_up";
    NoConsent = "no_consent";
    NumberClass = "number_class";
    DoNotCall = "do_not_call";
    Capped = "capped";
    OutsideHours = "outside_hours";
    NoCommonHour = "no_common_hour";
    PersonBusy = "person_busy";
    NotInSight = "not_in_sight";
    WorkspaceFull = "workspace_full";
    CampaignFull = "campaign_full";
    CampaignRate = "campaign_rate";
    CampaignBreaker = "campaign_breaker";
    NoCallerNumber = "no_caller_number";
    CallerNumbersBusy = "caller_numbers_busy";
    CallerNumberRate = "caller_number_rate";
    ProviderCongested = "provider_congested";
    CallerNumberDailyCap = "caller_number_daily_cap";
    CallerNumberBreaker = "caller_number_breaker";
    SlotOver = "slot_over";
    NoSlotInTime = "no_slot_in_time";
    LeadGone = "lead_gone";
    NumbersChanged = "numbers_changed";
    StepChanged = "step_changed";
    TextFails = "text_fails";
    AssistantUnusable = "assistant_unusable";
    NoProviderKey = "no_provider_key";
}

#[cfg(test)]
mod tests {
    use super::ReasonCode;

    #[test]
    fn a_code_is_written_as_it_is_named() {
        for code in ReasonCode::ALL {
            assert_eq!(serde_json::to_value(code).expect("text"), code.name());
        }
    }
}
