//! What a client is shown of a lead.

use std::collections::BTreeMap;

use carillon_domain::base::ids::{CampaignId, ContactId, ImportId, InteractionId, LeadId};
use carillon_domain::base::outcome::AttemptOutcome;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::{Jurisdiction, Zone, ZoneSource, on_clock};
use carillon_domain::records::analysis::{Evaluation, GoalResult, JudgedCall};
use carillon_domain::records::interaction::Disposition;
use carillon_domain::records::lead::{
    Consent, FailReason, LastAttempt, Lead, LeadNumber, LeadState, LeadStatus, NumberAttempt, NumberStatus,
    Origin, SkipReason,
};
use chrono_tz::Tz;
use serde::Serialize;
use utoipa::ToSchema;

/// A person's place in one campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Lead)]
pub(crate) struct LeadView {
    /// Its id.
    id: LeadId,
    /// The campaign.
    campaign_id: CampaignId,
    /// Where it stands.
    status: LeadStatus,
    /// Why it was skipped, or why it failed.
    status_reason: Option<StatusReason>,
    /// What could not be said to them, and where in which template, if it failed for that.
    status_message: Option<String>,
    /// What its latest attempt says about it.
    disposition: Option<Disposition>,
    /// The number that is dialled first.
    phone: Option<E164>,
    /// All of their numbers, in the order in which they are dialled.
    phones: Vec<PhoneView>,
    /// The step of the campaign's cadence that they are at, counted from 1.
    step: u8,
    /// The run of the campaign in which they were last begun anew.
    run: u32,
    /// Full name.
    name: Option<String>,
    /// E-mail address.
    email: Option<String>,
    /// Where they work.
    company: Option<String>,
    /// Their own time zone, if it was given.
    timezone: Option<&'static str>,
    /// That they agreed to be called, as far as it is known.
    consent: Option<Consent>,
    /// Words to find them by.
    tags: Vec<String>,
    /// Values for the templates.
    variables: BTreeMap<String, String>,
    /// Values of the assistant's `variables` that hold for this lead, whatever else says.
    overwrites: BTreeMap<String, String>,
    /// On whose clocks they may be called: one time zone, several with `&` between them, of which
    /// every one must allow it, or `campaign`.
    zone: Zone,
    /// Whose rules their first number is under: a country, or a state such as `US-FL`.
    jurisdiction: Option<Jurisdiction>,
    /// How that is known.
    zone_source: ZoneSource,
    /// Whether it is there to try things out: it speaks with the campaign's test assistant and is in no statistics.
    is_test: bool,
    /// Whether it is removed once the call that is up has ended.
    is_leaving: bool,
    /// Attempts that counted.
    attempts: u32,
    /// Not called again before this moment.
    next_attempt_at: Option<Timestamp>,
    /// When they asked to be called back, if they wait for that.
    callback: Option<CallbackView>,
    /// The latest attempt.
    last_attempt: Option<LastAttemptView>,
    /// What was found in its latest call that was judged.
    judged_call: Option<JudgedCallView>,
    /// The row of a file that it came from.
    source: Option<SourceView>,
    /// The contact that it came from; it may be gone since.
    contact_id: Option<ContactId>,
    /// When it was created.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
}

/// Why nothing more is done for a lead.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeadStatusReason)]
#[serde(untagged)]
enum StatusReason {
    Skipped(SkipReason),
    Failed(FailReason),
}

/// When somebody is to be called back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeadCallback)]
struct CallbackView {
    /// The moment that was asked for.
    at: Timestamp,
    /// The same on the clocks that the person may have; none where only the campaign's is known.
    local: Vec<LocalTime>,
}

/// A moment on the clock of a place.
#[derive(Debug, Serialize, ToSchema)]
struct LocalTime {
    /// The time zone (IANA).
    #[schema(example = "America/New_York")]
    time_zone: &'static str,
    /// What its clock shows, with its offset.
    #[schema(example = "2026-12-01T15:00:00-05:00")]
    time: String,
}

impl CallbackView {
    fn of(lead: &Lead) -> Option<Self> {
        let LeadState::CallbackScheduled { due_at: at } = lead.state else { return None };
        let shown = |tz: &Tz| LocalTime { time_zone: tz.name(), time: on_clock(*tz, at).to_rfc3339() };
        Some(Self { at, local: lead.zone.places().iter().map(shown).collect() })
    }
}

/// The latest attempt of a lead.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LastAttempt)]
struct LastAttemptView {
    /// Its record.
    interaction_id: InteractionId,
    /// When it was dialled.
    at: Timestamp,
    /// How it ended, once it has.
    outcome: Option<AttemptOutcome>,
}

/// What was found in the latest call of a lead that was judged.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JudgedCall)]
struct JudgedCallView {
    /// Its record.
    interaction_id: InteractionId,
    /// Whether it achieved the campaign's goal.
    goal_result: Option<GoalResult>,
    /// How well the person fits the campaign's criteria.
    evaluation: Option<Evaluation>,
}

impl From<JudgedCall> for JudgedCallView {
    fn from(judged: JudgedCall) -> Self {
        let JudgedCall { interaction, goal_result, evaluation, .. } = judged;
        Self { interaction_id: interaction, goal_result, evaluation }
    }
}

/// A number of a lead.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeadPhone)]
struct PhoneView {
    /// The number.
    value: E164,
    /// What it is called.
    label: Option<String>,
    /// Who answers there, where that is somebody else than the lead.
    name: Option<String>,
    /// Values for the templates of calls to this number.
    variables: BTreeMap<String, String>,
    /// Values that outrank all others in these.
    overwrites: BTreeMap<String, String>,
    /// What became of the calls to it.
    status: NumberStatus,
    /// The latest attempt at it that has ended.
    last_attempt: Option<PhoneAttemptView>,
}

/// An attempt at one number.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeadPhoneAttempt)]
struct PhoneAttemptView {
    /// When it was dialled.
    at: Timestamp,
    /// How it ended.
    outcome: AttemptOutcome,
}

/// The row of a file that a lead came from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LeadSource)]
pub(crate) struct SourceView {
    /// The import.
    import_id: ImportId,
    /// The row; the header is row 1.
    row: u64,
}

impl From<Lead> for LeadView {
    fn from(lead: Lead) -> Self {
        let status_reason = match lead.state {
            LeadState::Skipped { reason } => Some(StatusReason::Skipped(reason)),
            _ => lead.fail_reason().map(StatusReason::Failed),
        };
        let disposition = lead.disposition();
        let next_attempt_at = lead.next_attempt_at();
        let callback = CallbackView::of(&lead);
        Self {
            campaign_id: lead.id.campaign(),
            id: lead.id,
            status: lead.state.status(),
            status_reason,
            status_message: lead.fault.map(|fault| fault.to_string()),
            disposition,
            phone: lead.numbers.first().map(|one| one.number.clone()),
            phones: lead.numbers.into_iter().map(PhoneView::from).collect(),
            step: lead.step + 1,
            run: lead.run.max(1),
            name: lead.profile.name,
            email: lead.profile.email,
            company: lead.profile.company,
            timezone: lead.profile.timezone.map(|zone| zone.name()),
            consent: lead.profile.consent,
            tags: lead.profile.tags,
            variables: lead.profile.variables,
            overwrites: lead.profile.overwrites,
            jurisdiction: lead.zone.jurisdiction(),
            zone: lead.zone.without_jurisdiction(),
            zone_source: lead.zone_source,
            is_test: lead.is_test,
            is_leaving: lead.is_leaving,
            attempts: lead.attempts,
            next_attempt_at,
            callback,
            last_attempt: lead.last.map(LastAttemptView::from),
            judged_call: lead.judged.map(JudgedCallView::from),
            source: lead.origin.map(SourceView::from),
            contact_id: lead.contact,
            created_at: lead.created_at,
            updated_at: lead.updated_at,
        }
    }
}

impl From<LeadNumber> for PhoneView {
    fn from(LeadNumber { number, label, name, variables, overwrites, status, last }: LeadNumber) -> Self {
        let last_attempt = last.map(|NumberAttempt { at, outcome }| PhoneAttemptView { at, outcome });
        Self { value: number, label, name, variables, overwrites, status, last_attempt }
    }
}

impl From<LastAttempt> for LastAttemptView {
    fn from(last: LastAttempt) -> Self {
        Self { interaction_id: InteractionId::of(&last.attempt), at: last.dialled_at, outcome: last.outcome }
    }
}

impl From<Origin> for SourceView {
    fn from(origin: Origin) -> Self {
        Self { import_id: origin.import, row: origin.row }
    }
}
