//! `GET /campaigns`: find and sort.

use axum::Json;
use axum::extract::State;
use carillon_domain::records::campaign::{Campaign, CampaignStatus, StatusName};
use carillon_runtime::context::Context;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{CampaignView, Standing, commands};
use crate::auth::Principal;
use crate::http::pagination::{Cursor, Limit, Listing, Page};
use crate::http::problem::Problem;
use crate::http::query::Asked;

/// Which campaigns to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CampaignQuery {
    /// Items of a page.
    #[serde(default)]
    #[param(inline)]
    limit: Limit,
    /// The `next_cursor` of the page before.
    #[param(inline)]
    cursor: Option<Cursor>,
    /// Only those in this state, or in this group of states: `active` are those that run or are
    /// scheduled, `suspended` those that Carillon paused itself (`status_reason` is another than
    /// `requested`), and `inactive` all others: drafts, those that somebody paused, and those that
    /// completed or were cancelled.
    #[param(inline)]
    status: Option<StatusFilter>,
    /// Only those with this in their name or description, in any case.
    search: Option<String>,
    /// By what they are sorted; `-` for the other way round.
    #[serde(default)]
    #[param(inline)]
    sort: CampaignSort,
}

/// A state, or a group of states.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StatusFilter {
    Draft,
    Scheduled,
    Running,
    Paused,
    Completed,
    Cancelled,
    /// Running or scheduled.
    Active,
    /// Paused by Carillon itself.
    Suspended,
    /// All others.
    Inactive,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
enum CampaignSort {
    #[serde(rename = "created_at")]
    Oldest,
    #[default]
    #[serde(rename = "-created_at")]
    Latest,
    #[serde(rename = "updated_at")]
    Stalest,
    #[serde(rename = "-updated_at")]
    Freshest,
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameBackwards,
}

/// Lists campaigns, the latest first.
#[utoipa::path(get, path = "/campaigns", tag = "campaigns", params(CampaignQuery),
    responses((status = 200, body = Page<CampaignView>)))]
pub(crate) async fn list_campaigns(
    State(context): State<Context>,
    principal: Principal,
    Asked(query): Asked<CampaignQuery>,
) -> Result<Json<Page<CampaignView>>, Problem> {
    let mut campaigns = context.store.campaigns(&principal.workspace).await?;
    campaigns.retain(|campaign| query.takes(campaign));
    let sort = query.sort;
    campaigns.sort_by_cached_key(|campaign| sort.place(campaign));
    if sort.is_descending() {
        campaigns.reverse();
    }
    let listing = Listing {
        list: sort.list(),
        is_descending: sort.is_descending(),
        limit: query.limit,
        cursor: query.cursor.as_ref(),
    };
    let Page { items, next_cursor } =
        listing.page(&campaigns, |campaign| sort.place(campaign), Campaign::clone)?;
    let standing = Standing::of(&context, &principal.workspace, &items).await?;
    let items = items.into_iter().map(|campaign| CampaignView::of(campaign, &standing)).collect();
    Ok(Json(Page { items, next_cursor }))
}

impl CampaignQuery {
    fn takes(&self, campaign: &Campaign) -> bool {
        self.status.is_none_or(|filter| filter.takes(&campaign.status))
            && self.search.as_ref().is_none_or(|words| {
                let words = words.trim().to_lowercase();
                let texts = [Some(&campaign.spec.name), campaign.spec.description.as_ref()];
                texts.into_iter().flatten().any(|text| text.to_lowercase().contains(&words))
            })
    }
}

impl StatusFilter {
    fn takes(self, status: &CampaignStatus) -> bool {
        let (is_active, is_suspended) = (status.is_active(), commands::is_suspended(status));
        let asked = match self {
            Self::Active => return is_active,
            Self::Suspended => return is_suspended,
            Self::Inactive => return !is_active && !is_suspended,
            Self::Draft => StatusName::Draft,
            Self::Scheduled => StatusName::Scheduled,
            Self::Running => StatusName::Running,
            Self::Paused => StatusName::Paused,
            Self::Completed => StatusName::Completed,
            Self::Cancelled => StatusName::Cancelled,
        };
        status.shown() == asked
    }
}

impl CampaignSort {
    const fn list(self) -> &'static str {
        match self {
            Self::Oldest => "campaigns created_at",
            Self::Latest => "campaigns -created_at",
            Self::Stalest => "campaigns updated_at",
            Self::Freshest => "campaigns -updated_at",
            Self::Name => "campaigns name",
            Self::NameBackwards => "campaigns -name",
        }
    }

    const fn is_descending(self) -> bool {
        matches!(self, Self::Latest | Self::Freshest | Self::NameBackwards)
    }

    fn place(self, campaign: &Campaign) -> [String; 2] {
        let first = match self {
            Self::Oldest | Self::Latest => campaign.created_at.to_string(),
            Self::Stalest | Self::Freshest => campaign.updated_at.to_string(),
            Self::Name | Self::NameBackwards => campaign.spec.name.to_lowercase(),
        };
        [first, campaign.id.to_string()]
    }
}
