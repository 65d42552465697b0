//! `/campaigns/{id}/explain`: why a campaign is not calling.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use carillon_domain::base::ids::{CallerNumberId, CampaignId, WorkspaceId};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::base::zone::Zone;
use carillon_domain::policy::hours::Closed;
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::lead::DueClass;
use carillon_domain::reporting::explain::{self, CampaignExplanation, NumberNow, Population, ZoneNow};
use carillon_runtime::context::Context;
use carillon_store::{StoreError, Waiting, in_parallel};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Principal;
use crate::explain::{ReasonView, scene_with};
use crate::http::path::Id;
use crate::http::problem::Problem;
use crate::reasons::Explained;
use crate::slots::{CampaignSlots, LimitView};

/// Places of the due index that are looked into at the same time.
const PARALLEL_PLACES: usize = 16;

/// Why a campaign is not calling, or that it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CampaignExplanation)]
pub(crate) struct CampaignExplanationView {
    /// When this was so.
    at: Timestamp,
    /// Whether it could make a call now.
    is_calling_now: bool,
    /// What keeps it from calling: what somebody has to change, then what holds longest.
    reasons: Vec<ReasonView>,
    /// When its next call may be made, once every reason with a known end is over; null if something
    /// has to be changed before.
    next_possible_at: Option<Timestamp>,
    /// Its calls at once; the limit is lower while it ramps up.
    slots: LimitView,
    /// The calls at once of the workspace.
    workspace_slots: LimitView,
    /// How many of them each campaign holds.
    holders: Vec<CampaignSlots>,
    /// The time zones of its leads.
    zones: Vec<ZoneView>,
    /// First submissions and call-backs that are due, in whichever zone.
    due_first: usize,
    /// The numbers that it calls from.
    caller_numbers: Vec<NumberView>,
    /// Most calls per minute; null means what its caller numbers allow.
    rate_limit_per_minute: Option<u32>,
    /// The first moment that this rate leaves.
    next_slot_at: Timestamp,
}

/// A zone of the campaign's leads.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ZoneNow)]
struct ZoneView {
    /// The zone.
    zone: Zone,
    /// Whether calls are allowed there now.
    is_open: bool,
    /// Until when they are.
    open_until: Option<Timestamp>,
    /// When they are again; null if they are now, or no such moment is in sight.
    opens_at: Option<Timestamp>,
    /// What keeps it closed.
    closed: Option<Explained<Closed>>,
    /// Leads that are due there; first submissions and call-backs are counted in `due_first`.
    due: usize,
    /// Whether there are more than were counted.
    is_more: bool,
    /// When the next of the others falls due there.
    next_due_at: Option<Timestamp>,
}

/// A number that the campaign calls from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallerNumberNow)]
struct NumberView {
    /// Its id.
    caller_number_id: CallerNumberId,
    /// The number.
    phone: E164,
    /// Calls in flight from it, of any campaign.
    in_flight: usize,
    /// Most calls at once.
    concurrent_limit: Option<u32>,
    /// Most calls per minute.
    rate_limit_per_minute: Option<u32>,
    /// Calls that it made on its day.
    used_today: u32,
    /// Most calls of a day.
    daily_cap: Option<u32>,
    /// The first moment at which it may be used.
    next_slot_at: Timestamp,
    /// Until when it rests, because the voice provider was full.
    rests_until: Option<Timestamp>,
    /// Whether it makes no calls, because too many failed.
    is_broken: bool,
}

/// Explains why a campaign is not calling: where it stands, who holds the slots, where calls are
/// allowed, and how many leads wait there.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/explain", tag = "campaigns",
    params(("campaign_id" = String, Path)), responses((status = 200, body = CampaignExplanationView)))]
pub(crate) async fn explain_campaign(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<CampaignId>,
) -> Result<Json<CampaignExplanationView>, Problem> {
    let (snapshot, _) = scene_with(&context, &principal.workspace, [id.clone()]).await?;
    let there = snapshot.campaign(&id).ok_or_else(|| Problem::not_found("campaign", &id))?;
    let counters = context.store.counters(&principal.workspace, &id).await?;
    let crowds = crowds(&context, &principal.workspace, &there.campaign, &there.zones, snapshot.now).await?;
    let explanation = explain::campaign(&snapshot, there, &counters, &crowds);
    let rate = there.campaign.spec.rate_limit_per_minute;
    Ok(Json(CampaignExplanationView::of(explanation, rate, snapshot.now)))
}

/// Who waits in which zone.
async fn crowds(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &Campaign,
    zones: &[Zone],
    now: Timestamp,
) -> Result<Vec<Population>, Problem> {
    let mut crowds: BTreeMap<Option<Zone>, Population> = BTreeMap::new();
    let looks = DueClass::partitions(&campaign.spec.cadence, zones)
        .map(|(class, zone)| look(context, ws, &campaign.id, class, zone, now));
    for one in in_parallel(PARALLEL_PLACES, looks).await? {
        match crowds.get_mut(&one.zone) {
            None => drop(crowds.insert(one.zone.clone(), one)),
            Some(population) => {
                population.due += one.due;
                population.is_more |= one.is_more;
                population.next_due_at =
                    [population.next_due_at, one.next_due_at].into_iter().flatten().min();
            }
        }
    }
    Ok(crowds.into_values().collect())
}

async fn look(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    class: DueClass,
    zone: Option<Zone>,
    now: Timestamp,
) -> Result<Population, StoreError> {
    let Waiting { count, is_more } = context.store.due_by(ws, campaign, class, zone.as_ref(), now).await?;
    let next_due_at = context.store.next_due_at(ws, campaign, class, zone.as_ref(), now).await?;
    Ok(Population { zone, due: count, is_more, next_due_at })
}

impl CampaignExplanationView {
    fn of(explanation: CampaignExplanation, rate_limit_per_minute: Option<u32>, at: Timestamp) -> Self {
        let holders = explanation.capacity.campaigns.into_iter();
        Self {
            at,
            is_calling_now: explanation.is_calling_now,
            reasons: explanation.reasons.into_iter().map(ReasonView::from).collect(),
            next_possible_at: explanation.next_possible_at,
            slots: explanation.slots.into(),
            workspace_slots: explanation.capacity.workspace.into(),
            holders: holders.map(|(campaign_id, held)| CampaignSlots { campaign_id, held }).collect(),
            zones: explanation.zones.into_iter().map(ZoneView::from).collect(),
            due_first: explanation.due_anywhere,
            caller_numbers: explanation.numbers.into_iter().map(NumberView::from).collect(),
            rate_limit_per_minute,
            next_slot_at: explanation.next_slot_at,
        }
    }
}

impl From<ZoneNow> for ZoneView {
    fn from(zone: ZoneNow) -> Self {
        Self {
            zone: zone.zone,
            is_open: zone.open_until.is_some(),
            open_until: zone.open_until,
            opens_at: zone.opens_at,
            closed: zone.closed.map(Explained::from),
            due: zone.due,
            is_more: zone.is_more,
            next_due_at: zone.next_due_at,
        }
    }
}

impl From<NumberNow> for NumberView {
    fn from(number: NumberNow) -> Self {
        Self {
            caller_number_id: number.id,
            phone: number.number,
            in_flight: number.in_flight,
            concurrent_limit: number.concurrent_limit,
            rate_limit_per_minute: number.rate_per_minute,
            used_today: number.used_today,
            daily_cap: number.daily_cap,
            next_slot_at: number.next_slot_at,
            rests_until: number.rests_until,
            is_broken: number.is_broken,
        }
    }
}
