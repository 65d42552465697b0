//! Ids in paths: one that is not well formed names nothing, which is a 404 as well.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use carillon_domain::base::ids::{
    AssistantId, CallerNumberId, CampaignId, ContactId, ContactListId, DeliveryId, ImportId, InteractionId,
    JobId, KeyId, LeadId, UnreadEventId, WebhookEndpointId,
};
use carillon_domain::base::phone::E164;
use carillon_domain::base::provider::Provider;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::mapping::MappingName;

use crate::http::problem::{Code, Problem};

/// An id that can stand in a path.
pub(crate) trait PathId: FromStr {
    /// What it names.
    const WHAT: &'static str;
}

macro_rules! path_ids {
    ($($id:ty = $what:literal;)*) => {$(
        impl PathId for $id {
            const WHAT: &'static str = $what;
        }
    )*};
}

path_ids! {
    CampaignId = "campaign";
    LeadId = "lead";
    ContactId = "contact";
    ContactListId = "contact list";
    ImportId = "import";
    AssistantId = "assistant";
    CallerNumberId = "caller number";
    InteractionId = "interaction";
    JobId = "job";
    KeyId = "API key";
    UnreadEventId = "event that waits";
    WebhookEndpointId = "webhook endpoint";
    DeliveryId = "delivery";
    Provider = "provider";
    ListName = "do-not-call list (its name has lower-case letters, digits, _ and - only)";
    MappingName = "saved mapping (its name has lower-case letters, digits, _ and - only)";
    E164 = "number (write it as +14155550123)";
}

/// The one id of a path.
#[derive(Debug)]
pub(crate) struct Id<A>(pub(crate) A);

/// The two ids of a path.
#[derive(Debug)]
pub(crate) struct Ids<A, B>(pub(crate) A, pub(crate) B);

impl<S: Send + Sync, A: PathId> FromRequestParts<S> for Id<A> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = params(parts, state).await?;
        Ok(Self(parse(&params, 0)?))
    }
}

impl<S: Send + Sync, A: PathId, B: PathId> FromRequestParts<S> for Ids<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = params(parts, state).await?;
        Ok(Self(parse(&params, 0)?, parse(&params, 1)?))
    }
}

async fn params<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Vec<String>, Problem> {
    let params = RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(|_| Problem::new(Code::UnknownPath, "the path is not readable text"))?;
    Ok(params.iter().map(|(_, value)| value.to_owned()).collect())
}

fn parse<A: PathId>(params: &[String], place: usize) -> Result<A, Problem> {
    let text = params.get(place).map_or("", String::as_str);
    text.parse().map_err(|_| Problem::not_found(A::WHAT, format_args!("`{text}`")))
}
