//! Rules of when and how often people may be called, as the description has them.

use utoipa::ToSchema;

use super::{ChannelName, WeekHours};

/// A rule that holds: a built-in one, or one of the workspace's own.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) struct Rule {
    /// Its name, the same in all versions; that of a workspace's own begins with `own-`.
    #[schema(example = "us-federal")]
    id: String,
    /// Where it holds: a country (`FR`), a state (`US-FL`), `US` for all states, `US-*` for numbers
    /// whose state is not known, a group of countries (`EU`, `FR and overseas`, `US and territories`), `*`
    /// for everywhere, or `otherwise` where no other built-in rule sets hours.
    #[schema(example = "US and territories")]
    jurisdiction: String,
    /// The date of its text.
    #[schema(format = Date, example = "2025-04-11")]
    version: String,
    /// The first day on which it holds here, on the person's calendar.
    #[schema(format = Date, example = "2025-04-11")]
    effective_from: String,
    /// The first day on which it holds no more; it has no end where this is left out.
    #[schema(format = Date, example = "2027-01-01")]
    effective_until: Option<String>,
    /// Whether it was read in a source; one that was not is from memory.
    verified: bool,
    /// Where it is written, and how it was read.
    #[schema(example = "47 CFR 64.1200(c)(1)")]
    source: String,
    /// What it holds for.
    channels: Vec<ChannelName>,
    #[serde(flatten)]
    duties: RuleDuties,
}

/// A rule of a workspace's own: stricter than the built-in ones, or in the place of some of them and then
/// with a reason. It asks for something, or replaces something.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) struct OwnRule {
    /// Its name: `own-`, then small letters, digits and dashes.
    #[schema(example = "own-mornings", max_length = 40, pattern = "^own-[a-z0-9-]+$")]
    id: String,
    /// Where it holds: a country (`FR`), a state (`US-FL`), `US` for all states, `US-*` for numbers
    /// whose state is not known, a group of countries (`EU`, `FR and overseas`, `US and territories`), or
    /// `*` for everywhere.
    #[schema(example = "DE")]
    jurisdiction: String,
    /// The date of its text.
    #[schema(format = Date, example = "2026-11-21")]
    version: String,
    /// The first day on which it holds, on the person's calendar; that of its version unless set.
    #[schema(format = Date, example = "2026-12-01")]
    effective_from: Option<String>,
    /// The first day on which it holds no more, after the first; without an end unless set.
    #[schema(format = Date, example = "2027-01-01")]
    effective_until: Option<String>,
    /// Where it is written.
    #[schema(required = false, max_length = 500, example = "Works agreement of 2026-10-01")]
    source: String,
    /// What it holds for; both unless set, and at least one.
    #[schema(required = false, min_items = 1)]
    channels: Vec<ChannelName>,
    /// The ids of the built-in rules in whose place it stands, where and while it holds.
    #[schema(required = false, example = json!(["us-federal"]))]
    replaces: Vec<String>,
    /// Why these may be replaced; needed if there are any, and kept as evidence.
    #[schema(max_length = 500, example = "Existing customers only, reviewed by counsel")]
    reason: Option<String>,
    #[serde(flatten)]
    duties: RuleDuties,
}

/// What a rule asks for; what is left out it does not ask for.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) struct RuleDuties {
    /// The only hours that it leaves, on the clock of the person.
    hours: Option<WeekHours>,
    /// The calendar whose holidays it keeps free: `fr`, `us-al` or `us-la`.
    #[schema(example = "fr")]
    holidays: Option<String>,
    /// How often a person may be called; all of them count.
    #[schema(required = false, max_items = 10)]
    caps: Vec<RuleCap>,
    /// How long a person is left in peace who has declined, in days.
    #[schema(minimum = 0, maximum = 3660, example = 60)]
    rest_days_after_refusal: Option<u32>,
    /// What the person must have agreed to before.
    consent: Option<ConsentDuty>,
    /// What the person must be told.
    disclosure: Option<DisclosureName>,
}

/// At most so many attempts to one person within a time.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) struct RuleCap {
    /// Most attempts.
    #[schema(minimum = 1, maximum = 32, example = 4)]
    max: u32,
    /// The time, in hours: any so many in a row.
    #[schema(minimum = 1, maximum = 2160, example = 720)]
    per_hours: u32,
}

/// What a person must have agreed to before they are called.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) struct ConsentDuty {
    /// How.
    form: ConsentFormName,
    /// How long the proof is kept, in years.
    #[schema(example = 5)]
    keep_proof_years: Option<u32>,
    /// For whom or what, in words.
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// How a person must have agreed: in so many words (`express`) or in writing (`written`).
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum ConsentFormName {
    Express,
    Written,
}

/// What a person must be told: at the start, that they speak with an AI (`ai_at_start`).
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "read by the description only")]
pub(crate) enum DisclosureName {
    AiAtStart,
}
