//! Who said in a call that they never want to be called again.

use std::collections::BTreeMap;

use carillon_domain::analysis::judgement::Judgement;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::policy::do_not_call::{ListName, Listing};
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::lead::Lead;
use carillon_runtime::context::Context;
use carillon_runtime::services::suppression::{self, SuppressionError};

/// What the list says of where a wish was heard.
const SOURCE: &str = "analysis";

/// Lists all numbers of a person whom the model heard say so, unless the call's own assistant has taken up a wish of theirs. A number
/// that somebody took off the list after the call stays off it.
pub(crate) async fn honour(
    context: &Context,
    ws: &WorkspaceId,
    interaction: &Interaction,
    lead: Option<&Lead>,
    judgement: &Judgement,
) -> Result<(), SuppressionError> {
    if !judgement.wants_no_calls || !judgement.person_spoke || interaction.request.is_some() {
        return Ok(());
    }
    let numbers = lead.map_or_else(|| Vec::from_iter(interaction.number.clone()), Lead::person);
    let list = ListName::do_not_call();
    let said_at = interaction.ended_at.unwrap_or(interaction.started_at);
    let records = context.store.number_records(ws, &numbers).await?;
    if records.iter().any(|record| record.was_removed_since(&list, said_at)) {
        return Ok(());
    }
    let turns: Vec<String> = judgement.evidence.iter().map(ToString::to_string).collect();
    let reason = format!("said so in {}, turn {}", interaction.id, turns.join(", "));
    let listing = Listing { at: context.now(), source: SOURCE.to_owned(), reason: Some(reason) };
    let entries: BTreeMap<_, _> = numbers.into_iter().map(|number| (number, listing.clone())).collect();
    let listed = suppression::list_many(context, ws, &list, entries, None).await?;
    listed.into_values().try_for_each(|listed| listed.map(drop))
}
