//! What the table's stream tells: an item before and after becomes the change of an entity.

use carillon_domain::base::ids::{
    CampaignId, ImportId, InteractionId, LeadId, TopUpId, WebhookEndpointId, WorkspaceId,
};
use carillon_domain::records::lead::Lead;
use carillon_domain::reporting::events::Change;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::item;
use crate::keys;
use crate::leads::lead_in;
use crate::table::{AttributeValue, Item, Key};

/// How the ids start of which the stream is heard: the stream function is called for no others.
pub const HEARD_PREFIXES: [&str; 6] = [
    CampaignId::PREFIX,
    LeadId::PREFIX,
    InteractionId::PREFIX,
    ImportId::PREFIX,
    TopUpId::PREFIX,
    WebhookEndpointId::PREFIX,
];

/// How the ids start of which it is heard when they are removed.
pub const REMOVED_PREFIXES: [&str; 2] = [CampaignId::PREFIX, LeadId::PREFIX];

/// The change that these images of an item are of, each empty where there is none; none if it is of nothing that may be heard of. Other
/// items than campaigns and leads go with these, or because their time is over.
///
/// # Errors
/// [`StoreError::Codec`] if an image does not have the form of its entity.
pub fn change_of(before: Item, after: Item) -> Result<Option<(WorkspaceId, Change)>, StoreError> {
    let present = if after.is_empty() { &before } else { &after };
    let Some((ws, key, id)) = address(present) else { return Ok(None) };
    let is_at = |expected: Key| key == expected;
    let change = if id.parse().is_ok_and(|id| is_at(keys::lead(&ws, &id))) {
        match lead(after)? {
            Some(after) => Some(Ok(Change::Lead { before: lead(before)?, after })),
            None => lead(before)?.map(|before| Ok(Change::LeadRemoved(before))),
        }
    } else if id.parse().is_ok_and(|id| is_at(keys::interaction(&ws, &id))) {
        entity(after)?.map(|after| Ok(Change::Interaction { before: entity(before)?, after }))
    } else if id.parse().is_ok_and(|id| is_at(keys::analysis(&ws, &id))) {
        entity(after)?.map(|after| Ok(Change::Analysis { before: entity(before)?, after }))
    } else if id.parse().is_ok_and(|id| is_at(keys::campaign(&ws, &id))) {
        match entity(after)? {
            Some(after) => Some(Ok(Change::Campaign { before: entity(before)?, after })),
            None => entity(before)?.map(|before| Ok(Change::CampaignRemoved(before))),
        }
    } else if id.starts_with(ImportId::PREFIX) {
        entity(after)?.map(|after| Ok(Change::Import { before: entity(before)?, after }))
    } else if id.parse().is_ok_and(|id| is_at(keys::top_up(&ws, &id))) {
        entity(after)?.map(|entry| Ok(Change::TopUp(entry)))
    } else if id.parse().is_ok_and(|id| is_at(keys::webhook_endpoint(&ws, &id))) {
        entity(after)?.map(|after| Ok(Change::WebhookEndpoint { before: entity(before)?, after }))
    } else {
        None
    };
    change.map(|change| change.map(|change| (ws, change))).transpose()
}

/// The workspace of an item, its key, and the id of its entity.
fn address(image: &Item) -> Option<(WorkspaceId, Key, &str)> {
    let text = |name| match image.get(name) {
        Some(AttributeValue::S(text)) => Some(text),
        _ => None,
    };
    let (pk, sk) = (text("pk")?.clone(), text("sk")?.clone());
    let ws = pk.split('#').next()?.parse().ok()?;
    Some((ws, Key { pk, sk }, text("id")?))
}

fn lead(image: Item) -> Result<Option<Lead>, StoreError> {
    if image.is_empty() { Ok(None) } else { lead_in(image) }
}

fn entity<T: DeserializeOwned>(image: Item) -> Result<Option<T>, StoreError> {
    (!image.is_empty()).then(|| item::decode(image)).transpose()
}
