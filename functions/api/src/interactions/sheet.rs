//! Results as CSV.

use std::borrow::Cow;

use axum::response::Response;
use carillon_domain::base::call::{Role, Turn};
use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_runtime::context::Context;
use carillon_store::in_parallel;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::found::{Filter, Found};
use super::view::InteractionView;
use crate::csv::{self, Delimiter, Sheet};
use crate::http::problem::Problem;

/// Interactions that are read at once.
const PAGE_INTERACTIONS: usize = 1_000;
/// Transcripts that are read at the same time.
const PARALLEL_TRANSCRIPTS: usize = 16;
/// The column that is no field of an interaction: what was said, a line a turn.
const TRANSCRIPT: &str = "transcript";
/// Every column, by the names of an interaction's fields; all but the last unless others are asked for.
const COLUMNS: [&str; 25] = [
    "id",
    "lead_id",
    "name",
    "phone",
    "kind",
    "direction",
    "started_by",
    "status",
    "outcome",
    "end_reason",
    "refusal",
    "is_placed",
    "caller_number_id",
    "additional_instructions",
    "started_at",
    "answered_at",
    "ended_at",
    "duration_secs",
    "cost_usd",
    "has_transcript",
    "message_count",
    "has_recording",
    "interrupted",
    "campaign_id",
    TRANSCRIPT,
];

/// The columns of a sheet, in order.
#[derive(Debug)]
pub(super) struct Columns(Vec<&'static str>);

impl Default for Columns {
    fn default() -> Self {
        Self(COLUMNS[..COLUMNS.len() - 1].to_vec())
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = |name: &str| {
            let column = COLUMNS.into_iter().find(|column| *column == name.trim());
            column.ok_or_else(|| {
                let all = COLUMNS.join(", ");
                D::Error::custom(format_args!("there is no column `{name}`; there are {all}"))
            })
        };
        text.split(',').map(known).collect::<Result<_, _>>().map(Self)
    }
}

impl PartialSchema for Columns {
    fn schema() -> RefOr<Schema> {
        let one = COLUMNS.join("|");
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(format!("^({one})(,({one}))*$")))
            .examples(["name,phone,outcome,duration_secs"])
            .into()
    }
}

impl ToSchema for Columns {}

/// How a sheet of results is written.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) columns: Columns,
    pub(super) delimiter: Delimiter,
    /// Whether turns in which nothing was said are left out of the transcript.
    pub(super) hides_blank: bool,
}

/// All that is asked for, the latest first.
pub(super) async fn csv(
    context: &Context,
    ws: &WorkspaceId,
    campaign: &CampaignId,
    filter: &Filter,
    form: &Form,
) -> Result<Response, Problem> {
    let mut sheet = Sheet::begun(&form.columns.0, form.delimiter);
    if filter.takes_open() {
        let open = context.store.open_interactions(ws, campaign).await?;
        form.push(context, ws, &mut sheet, filter.among(context, ws, open).await?).await?;
    }
    let mut after: Option<String> = None;
    while filter.takes_ended() {
        let page =
            context.store.ended_interactions(ws, campaign, after.as_deref(), PAGE_INTERACTIONS).await?;
        form.push(context, ws, &mut sheet, filter.among(context, ws, page.interactions).await?).await?;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    csv::answer(context, ws, sheet.into_text(), &format!("interactions-{campaign}.csv")).await
}

impl Form {
    /// Adds lines.
    async fn push(
        &self,
        context: &Context,
        ws: &WorkspaceId,
        sheet: &mut Sheet,
        found: Vec<Found>,
    ) -> Result<(), Problem> {
        let is_told = self.columns.0.contains(&TRANSCRIPT);
        let transcripts = found.iter().map(async |one: &Found| {
            if is_told && one.interaction.has_transcript {
                context.store.transcript(ws, &one.interaction.id).await
            } else {
                Ok(Vec::new())
            }
        });
        let transcripts = in_parallel(PARALLEL_TRANSCRIPTS, transcripts).await?;
        for (one, turns) in found.into_iter().zip(transcripts) {
            let view = serde_json::to_value(InteractionView::from(one)).unwrap_or_default();
            let cell = |column: &&'static str| match *column {
                TRANSCRIPT => Cow::Owned(self.told(&turns)),
                field => text(&view[field]),
            };
            sheet.push(&self.columns.0.iter().map(cell).collect::<Vec<_>>());
        }
        sheet.check_size()
    }

    /// What was said, a line a turn.
    fn told(&self, turns: &[Turn]) -> String {
        let shown = turns.iter().filter(|turn| !(self.hides_blank && turn.is_blank()));
        let line = |turn: &Turn| {
            let who = match turn.role {
                Role::Agent => "agent",
                Role::User => "user",
            };
            format!("{who} ({} s): {}", turn.at_secs, turn.message)
        };
        shown.map(line).collect::<Vec<_>>().join("\n")
    }
}

/// A value as a cell; of a refusal its words.
fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        Value::Object(refusal) => refusal.get("message").map(text).unwrap_or_default(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => Cow::Owned(value.to_string()),
    }
}
