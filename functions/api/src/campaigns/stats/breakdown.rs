//! `/campaigns/{id}/stats/breakdown`: what came of its attempts by day, hour, caller number or channel.

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::CampaignId;
use carillon_domain::policy::schedule::{local_date, optional_date};
use carillon_domain::reporting::breakdown::By;
use carillon_runtime::context::Context;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::attempts::AttemptStats;
use crate::auth::Principal;
use crate::campaigns::load;
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;

/// Most days that are added up: each is an item of some kilobytes.
const MAX_DAYS: u64 = 92;
/// Days that are added up unless the client says otherwise.
const DEFAULT_DAYS: u64 = 30;

/// What to tell apart, and over which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BreakdownQuery {
    /// What a row stands for: a day unless set.
    #[serde(default)]
    #[param(inline)]
    by: By,
    /// The first day, in the campaign's time zone; 29 days before the last unless set. At most 92 days are added
    /// up.
    #[serde(default, deserialize_with = "optional_date")]
    #[param(value_type = Option<String>, format = Date, example = "2026-11-01")]
    from: Option<NaiveDate>,
    /// The last day; today unless set.
    #[serde(default, deserialize_with = "optional_date")]
    #[param(value_type = Option<String>, format = Date, example = "2026-11-30")]
    to: Option<NaiveDate>,
}

/// What came of a campaign's attempts, told apart.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CampaignBreakdown {
    by: By,
    from: NaiveDate,
    to: NaiveDate,
    /// The campaign's: a day is one of its clock.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// Sorted by `key`; none where nothing has ended.
    rows: Vec<BreakdownRow>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BreakdownRow {
    /// The date; the hour that the recipient's clock showed, from `00` to `23`; the caller number's id; or the
    /// channel. Null where it is not known: the recipient's hour of a call of theirs, and the
    /// caller number of what was never dialled.
    key: Option<String>,
    #[serde(flatten)]
    attempts: AttemptStats,
}

/// Shows what came of a campaign's attempts by day, by hour of the recipient, by caller number or by
/// channel.
///
/// An attempt counts, once it has ended, for the day and the hour at which it was made. The hour is that of the lead's
/// zone: where it has several clocks, the one that is furthest behind; where none is known, the campaign's. All
/// rows of a campaign come to the same sums as `/stats`, which knows an end at once; here it shows a
/// moment later. A campaign whose time zone is changed keeps the days that were added up before.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/stats/breakdown", tag = "campaigns",
    params(("campaign_id" = String, Path), BreakdownQuery),
    responses((status = 200, body = CampaignBreakdown)))]
pub(crate) async fn get_campaign_breakdown(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
    Asked(query): Asked<BreakdownQuery>,
) -> Result<Json<CampaignBreakdown>, Problem> {
    let campaign_tz = load(&context, &principal.workspace, &id).await?.spec.time_zone;
    let (from, to) = days(&query, local_date(campaign_tz, context.now()))?;
    let breakdown = context.store.breakdown(&principal.workspace, &id, campaign_tz, &(from..=to)).await?;
    let rows = breakdown.rows(query.by).into_iter();
    let rows = rows.map(|(key, counters)| BreakdownRow { key, attempts: AttemptStats::of(&counters) });
    Ok(Json(CampaignBreakdown {
        by: query.by,
        from,
        to,
        time_zone: campaign_tz.name().to_owned(),
        rows: rows.collect(),
    }))
}

/// The first and the last day that are asked for.
fn days(query: &BreakdownQuery, today: NaiveDate) -> Result<(NaiveDate, NaiveDate), Problem> {
    let refused = |reason: String| Problem::of_field(Code::InvalidQuery, "from", reason);
    let to = query.to.unwrap_or(today);
    let earliest = |days: u64| to.checked_sub_days(Days::new(days - 1)).unwrap_or(NaiveDate::MIN);
    let from = query.from.unwrap_or_else(|| earliest(DEFAULT_DAYS));
    if from > to {
        return Err(refused(format!("{from} is behind the last day, {to}")));
    }
    if from < earliest(MAX_DAYS) {
        return Err(refused(format!(
            "at most {MAX_DAYS} days are added up: give {} or later",
            earliest(MAX_DAYS)
        )));
    }
    Ok((from, to))
}
