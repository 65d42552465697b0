//! Results as CSV.

use axum::response::Response;
use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::records::export::Delimiter;
use carillon_domain::records::interaction::InteractionFilter;
use carillon_domain::reporting::export::{Column, ResultColumn, named};
use carillon_runtime::context::Context;
use carillon_runtime::services::interactions::{Found, among, rows};
use serde::{Deserialize, Deserializer, de::Error as _};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::csv::{self, Sheet};
use crate::http::problem::Problem;

/// Interactions that are read at once.
const PAGE_INTERACTIONS: usize = 1_000;

/// The columns of a sheet, in order.
#[derive(Debug)]
pub(super) struct Columns(Vec<ResultColumn>);

impl Default for Columns {
    fn default() -> Self {
        let all = ResultColumn::ALL.iter().copied();
        Self(all.filter(|column| *column != ResultColumn::Transcript).collect())
    }
}

impl From<Option<Vec<ResultColumn>>> for Columns {
    fn from(chosen: Option<Vec<ResultColumn>>) -> Self {
        chosen.map_or_else(Self::default, Self)
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.split(',').map(|name| named(name).map_err(D::Error::custom)).collect::<Result<_, _>>().map(Self)
    }
}

impl PartialSchema for Columns {
    fn schema() -> RefOr<Schema> {
        let names: Vec<&str> = ResultColumn::ALL.iter().map(|column| column.name()).collect();
        let one = names.join("|");
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
    filter: &InteractionFilter,
    form: &Form,
) -> Result<Response, Problem> {
    let mut sheet = Sheet::begun(&form.columns.0, form.delimiter);
    if filter.takes_open() {
        let open = context.store.open_interactions(ws, campaign).await?;
        form.push(context, ws, &mut sheet, among(context, ws, filter, open).await?).await?;
    }
    let mut after: Option<String> = None;
    while filter.takes_ended() {
        let page =
            context.store.ended_interactions(ws, campaign, after.as_deref(), PAGE_INTERACTIONS).await?;
        form.push(context, ws, &mut sheet, among(context, ws, filter, page.interactions).await?).await?;
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
        for row in rows(context, ws, &self.columns.0, self.hides_blank, &found).await? {
            sheet.push(&row);
        }
        sheet.check_size()
    }
}
