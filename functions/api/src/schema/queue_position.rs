//! What lies ahead of a campaign, as the description has it.

use utoipa::ToSchema;

/// The fields to change; null clears one that may be null.
#[derive(ToSchema)]
pub(crate) struct CampaignPatch {}

/// What keeps a zone closed.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) struct WhyClosed {
    /// What it is.
    by: ClosedBy,
    /// The time zone whose clock says so.
    #[schema(example = "Europe/Moscow")]
    place: String,
    /// Of a date: this day.
    #[schema(format = Date, example = "2026-12-24")]
    date: Option<String>,
    /// Of a rule: this one, with its version.
    #[schema(example = "fr@2026-08-11")]
    rule: Option<String>,
    /// Of a rule that keeps a holiday free: its name.
    holiday: Option<String>,
}

/// What keeps a zone closed: the campaign leaves the day out (`date`), it is outside its hours (`hours`), or
/// a rule forbids it (`rule`).
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum ClosedBy {
    Date,
    Hours,
    Rule,
}

/// What leads wait for.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum DueClassName {
    /// Came one by one and is to be called at once.
    FirstSubmission,
    /// To be called back.
    Callback,
    /// Missed before.
    Retry,
    /// Never called.
    Fresh,
}

/// How an edit moves a lead.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum MoveName {
    /// Its next allowed moment stays, or it has none before and after.
    Stays,
    /// Its next allowed moment comes earlier.
    Earlier,
    /// Its next allowed moment comes later.
    Later,
    /// It could not be called, and now can.
    NewlyPossible,
    /// It will not be called: no moment is allowed.
    Never,
    /// It will be skipped: the period is over before it may be called.
    PeriodOver,
    /// It will be settled: its attempts are used up.
    Exhausted,
    /// It will be skipped: consent is asked for, and there is none.
    NoConsent,
    /// It will be skipped: one of its numbers is on a do-not-call list that counts.
    DoNotCall,
}
