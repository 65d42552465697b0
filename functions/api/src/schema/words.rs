//! Closed sets of words, as the description has them.

use utoipa::ToSchema;

/// How people are reached: by a call, or by a text (`sms`).
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum ChannelName {
    Call,
    Sms,
}

/// What may be asked of a campaign. `edit` is `PATCH`, `delete` is `DELETE`, and each other one is the
/// path below the campaign that is called like it.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum CampaignAction {
    Start,
    Schedule,
    Unschedule,
    Pause,
    Resume,
    Cancel,
    Edit,
    Duplicate,
    Delete,
}

/// Why a campaign is paused: somebody asked for it (`requested`), the voice provider refused our key,
/// account or trunk, the assistant or its numbers can't be used, credits are low, or too many calls
/// failed in a row.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum PauseReasonName {
    Requested,
    ProviderRefused,
    AssistantUnusable,
    LowCredits,
    TooManyFailures,
}

/// Why a lead was skipped: the person does not want to be called or is on a list, the campaign's period
/// ended first, or no consent was known.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum SkipReasonName {
    DoNotCall,
    PeriodOver,
    NoConsent,
}

/// What keeps a lead, or a whole campaign, from being called.
///
/// Of the campaign: `campaign_not_running`, `running_limit`, `low_credits`, `period_not_begun`,
/// `period_over`, `no_leads`, `all_settled`, `nobody_due`. Of the lead: `settled`, `in_progress`,
/// `claimed`, `not_due`, `attempts_used_up`, `no_consent`, `do_not_call`, `capped`, `person_busy`,
/// `not_in_sight`. Of the hours: `outside_hours`, `no_common_hour`, `never_open`. Of the room for calls:
/// `workspace_full`, `campaign_full`, `campaign_rate`, `campaign_breaker`, `no_caller_number`,
/// `caller_numbers_busy`, `caller_number_rate`, `provider_congested`, `caller_number_daily_cap`,
/// `caller_number_breaker`.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum ReasonCode {
    CampaignNotRunning,
    RunningLimit,
    LowCredits,
    PeriodNotBegun,
    PeriodOver,
    NoLeads,
    AllSettled,
    NobodyDue,
    NeverOpen,
    Settled,
    InProgress,
    Claimed,
    NotDue,
    AttemptsUsedUp,
    NoConsent,
    DoNotCall,
    Capped,
    OutsideHours,
    NoCommonHour,
    PersonBusy,
    NotInSight,
    WorkspaceFull,
    CampaignFull,
    CampaignRate,
    CampaignBreaker,
    NoCallerNumber,
    CallerNumbersBusy,
    CallerNumberRate,
    ProviderCongested,
    CallerNumberDailyCap,
    CallerNumberBreaker,
}

/// Why a dial was refused.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum RefusalCode {
    CampaignNotRunning,
    PeriodNotBegun,
    PeriodOver,
    Settled,
    InProgress,
    NotDue,
    AttemptsUsedUp,
    NoConsent,
    DoNotCall,
    Capped,
    OutsideHours,
}

/// How a reason ends: somebody has to change something (`until_changed`), by itself at a known moment
/// (`until`), or by itself, mostly as soon as a call ends (`until_free`).
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum LastsName {
    UntilChanged,
    Until,
    UntilFree,
}

/// How far a call is: chosen, and dialled when its slot comes (`claimed`), or dialled, ringing or talking
/// (`dialling`).
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum SlotState {
    Claimed,
    Dialling,
}

/// What a call is due to.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum CauseName {
    Manual,
    FirstSubmission,
    Callback,
    Retry,
    Fresh,
    Inbound,
}

/// Whether it is of a dial or of a refusal to dial.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum EvidenceKind {
    Dial,
    Refusal,
}

/// What a schedule counts.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum FrequencyName {
    Daily,
    Weekly,
    Monthly,
}

/// Which leads a run takes: those that no run has taken (`new`), those that were not reached
/// (`unreached`), or `all`. Who opted out is never among them.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum RunTakesName {
    New,
    Unreached,
    All,
}
