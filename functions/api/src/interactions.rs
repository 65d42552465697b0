//! `/interactions/{id}` and `/campaigns/{id}/interactions`: what came of the calls.

use axum::Json;
use axum::extract::State;
use carillon_domain::base::call::{Role, Turn};
use carillon_domain::base::ids::{CallerNumberId, CampaignId, InteractionId, LeadId};
use carillon_domain::base::outcome::AttemptOutcome;
use carillon_domain::base::phone::E164;
use carillon_domain::base::reason::ReasonCode;
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_domain::records::interaction::{Direction, Interaction, InteractionStatus, StartedBy};
use carillon_domain::records::refusal::DialRefusal;
use carillon_runtime::context::Context;
use carillon_store::keys::ended_place;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Principal;
use crate::campaigns::load as load_campaign;
use crate::http::pagination::{Cursor, Limit, MAX_LIMIT, Page};
use crate::http::path::Id;
use crate::http::problem::{Code, Problem};
use crate::http::query::Asked;
use crate::money::usd;
use crate::reasons::Message;

/// The parts of the list, in cursors.
const UP: &str = "up";
const ENDED: &str = "ended";
/// Most pages of the record that one answer looks through for those that are asked for.
const MAX_PAGES: usize = 10;

/// The record of one attempt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Interaction)]
pub(crate) struct InteractionView {
    /// Its id.
    id: InteractionId,
    /// The campaign.
    campaign_id: CampaignId,
    /// The lead.
    lead_id: LeadId,
    /// What kind it is.
    #[schema(example = "call")]
    kind: &'static str,
    /// Who called whom.
    direction: Direction,
    /// How it came about.
    started_by: StartedBy,
    /// Where it stands.
    status: InteractionStatus,
    /// How it ended, once it has.
    outcome: Option<AttemptOutcome>,
    /// How it ended, in the provider's words.
    end_reason: Option<String>,
    /// Why the call was not placed.
    refusal: Option<RefusalView>,
    /// The person's number; null until a call that was asked for is dialled.
    phone: Option<E164>,
    /// Our number.
    caller_number_id: Option<CallerNumberId>,
    /// What the assistant was to do besides.
    additional_instructions: Option<String>,
    /// When it was asked for or dialled, or came in.
    started_at: Timestamp,
    /// When its end became known.
    ended_at: Option<Timestamp>,
    /// How long the parties were connected, in seconds.
    duration_secs: u32,
    /// What the provider charged, in US dollars, if it says.
    cost_usd: Option<f64>,
    /// Whether there is a transcript.
    has_transcript: bool,
    /// Whether the provider keeps a recording.
    has_recording: bool,
    /// Whether the person ended the call.
    interrupted: Option<bool>,
}

/// Why a call was not placed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DialRefusal)]
struct RefusalView {
    code: ReasonCode,
    /// The same for people.
    message: String,
    /// Until when, if that is known.
    until: Option<Timestamp>,
}

/// The record of one attempt, with what was said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InteractionDetails {
    #[serde(flatten)]
    interaction: InteractionView,
    /// What was said.
    transcript: Vec<TurnView>,
}

/// One turn of a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Turn)]
struct TurnView {
    /// Who speaks: `agent` or `user`.
    role: Role,
    /// What was said.
    message: String,
    /// Seconds from the start of the conversation.
    at_secs: u32,
    /// The same as a moment, counted from the dial.
    time: Timestamp,
    /// Who wrote it down.
    #[schema(example = "voice_ai")]
    source: &'static str,
}

/// Which interactions to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InteractionQuery {
    /// Items of a page.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Cursor>,
    /// Only those that stand so; `in_progress` are those that are up.
    status: Option<InteractionStatus>,
}

/// Shows an interaction with its transcript.
#[utoipa::path(get, path = "/interactions/{interaction_id}", tag = "interactions",
    params(("interaction_id" = String, Path)), responses((status = 200, body = InteractionDetails)))]
pub(crate) async fn get_interaction(
    State(context): State<Context>,
    principal: Principal,
    Id(id): Id<InteractionId>,
) -> Result<Json<InteractionDetails>, Problem> {
    let found = context.store.interaction(&principal.workspace, &id).await?;
    let interaction = found.ok_or_else(|| Problem::not_found("interaction", &id))?;
    let turns = if interaction.has_transcript {
        context.store.transcript(&principal.workspace, &id).await?
    } else {
        Vec::new()
    };
    let started_at = interaction.started_at;
    let transcript = turns.into_iter().map(|turn| TurnView::of(turn, started_at)).collect();
    Ok(Json(InteractionDetails { interaction: interaction.into(), transcript }))
}

/// Lists the interactions of a campaign: the calls that are up, then those that have ended, of each the latest
/// first.
///
/// With a filter a page may have fewer items than asked for, or none, and still be followed by
/// another one: go on until `next_cursor` is null.
#[utoipa::path(get, path = "/campaigns/{campaign_id}/interactions", tag = "interactions",
    params(("campaign_id" = String, Path), InteractionQuery),
    responses((status = 200, body = Page<InteractionView>)))]
pub(crate) async fn list_interactions(
    State(context): State<Context>,
    principal: Principal,
    Id(campaign): Id<CampaignId>,
    Asked(query): Asked<InteractionQuery>,
) -> Result<Json<Page<InteractionView>>, Problem> {
    load_campaign(&context, &principal.workspace, &campaign).await?;
    let list = format!("interactions of {campaign}");
    let place = Place::behind(&list, query.cursor.as_ref())?;
    let mut items: Vec<InteractionView> = Vec::new();
    if let Place::Up { after } = &place
        && query.status.is_none_or(|status| status == InteractionStatus::InProgress)
    {
        let open = context.store.open_interactions(&principal.workspace, &campaign).await?;
        let is_seen = |one: &&Interaction| after.as_ref().is_some_and(|after| place_of(one) >= *after);
        let rest: Vec<_> = open.iter().skip_while(is_seen).collect();
        let shown = &rest[..rest.len().min(query.limit.0)];
        items.extend(shown.iter().copied().cloned().map(InteractionView::from));
        let is_all = shown.len() == rest.len();
        if shown.len() == query.limit.0 || query.status.is_some() {
            let last = shown.last().filter(|_| !is_all || query.status.is_none());
            let next = last.map(|last| Place::Up { after: Some(place_of(last)) }.cursor(&list));
            return Ok(Json(Page { items, next_cursor: next }));
        }
    }
    let mut after = match place {
        Place::Ended { after } => Some(after),
        Place::Up { .. } => None,
    };
    for _ in 0..MAX_PAGES {
        let wanted = query.limit.0 - items.len();
        // Filtered pages are read as large as they come, and cut behind the last item that is shown.
        let size = if query.status.is_some() { MAX_LIMIT } else { wanted };
        let page =
            context.store.ended_interactions(&principal.workspace, &campaign, after.as_deref(), size).await?;
        let is_wanted = |one: &&Interaction| query.status.is_none_or(|status| status == one.status);
        let matching: Vec<&Interaction> = page.interactions.iter().filter(is_wanted).collect();
        after = page.next;
        if matching.len() > wanted {
            after = ended_place(matching[wanted - 1]);
        }
        items.extend(matching.into_iter().take(wanted).cloned().map(InteractionView::from));
        if after.is_none() || items.len() == query.limit.0 {
            break;
        }
    }
    let next_cursor = after.map(|after| Place::Ended { after }.cursor(&list));
    Ok(Json(Page { items, next_cursor }))
}

/// Where a page begins: among the calls that are up, or among those that have ended.
enum Place {
    Up { after: Option<String> },
    Ended { after: String },
}

impl Place {
    fn behind(list: &str, cursor: Option<&Cursor>) -> Result<Self, Problem> {
        let Some(cursor) = cursor else { return Ok(Self::Up { after: None }) };
        let place = cursor.place_in(list, 2)?;
        let after = place[1].clone();
        let is_place = after
            .split_once('#')
            .is_some_and(|(at, id)| at.parse::<Timestamp>().is_ok() && id.parse::<InteractionId>().is_ok());
        match place[0].as_str() {
            UP if is_place => Ok(Self::Up { after: Some(after) }),
            ENDED if is_place => Ok(Self::Ended { after }),
            _ => Err(Problem::of_field(Code::InvalidQuery, "cursor", "it is damaged; begin without it")),
        }
    }

    fn cursor(self, list: &str) -> String {
        let place = match self {
            Self::Up { after } => vec![UP.to_owned(), after.unwrap_or_default()],
            Self::Ended { after } => vec![ENDED.to_owned(), after],
        };
        Cursor::behind(list, place).encode()
    }
}

/// The place of a call that is up.
fn place_of(interaction: &Interaction) -> String {
    format!("{}#{}", interaction.started_at, interaction.id)
}

impl TurnView {
    fn of(turn: Turn, started_at: Timestamp) -> Self {
        Self {
            role: turn.role,
            message: turn.message,
            at_secs: turn.at_secs,
            time: started_at.plus_ms(i64::from(turn.at_secs) * SECOND_MS),
            source: "voice_ai",
        }
    }
}

impl From<&DialRefusal> for RefusalView {
    fn from(refusal: &DialRefusal) -> Self {
        Self { code: refusal.code(), message: refusal.message(), until: refusal.until() }
    }
}

impl From<Interaction> for InteractionView {
    fn from(interaction: Interaction) -> Self {
        Self {
            id: interaction.id,
            campaign_id: interaction.campaign,
            lead_id: interaction.lead,
            kind: "call",
            direction: interaction.direction,
            started_by: interaction.started_by,
            status: interaction.status,
            outcome: interaction.outcome,
            end_reason: interaction.end_reason,
            refusal: interaction.refusal.as_ref().map(RefusalView::from),
            phone: interaction.number,
            caller_number_id: interaction.caller_number,
            additional_instructions: interaction.instructions,
            started_at: interaction.started_at,
            ended_at: interaction.ended_at,
            duration_secs: interaction.duration_secs,
            cost_usd: interaction.cost_micros.map(|micros| usd(micros.cast_signed())),
            has_transcript: interaction.has_transcript,
            has_recording: interaction.has_recording,
            interrupted: interaction.interrupted,
        }
    }
}
