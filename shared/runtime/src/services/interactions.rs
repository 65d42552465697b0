//! Finding calls and texts, and saying what was said: the same for a page, for a sheet and for a file.

use std::collections::{BTreeSet, HashMap};

use carillon_domain::base::call::Turn;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::records::analysis::Analysis;
use carillon_domain::records::interaction::{Interaction, InteractionFilter};
use carillon_domain::reporting::export::{ResultColumn, ResultFacts, Row};
use carillon_store::{StoreError, in_parallel};

use crate::context::Context;

/// Transcripts that are read at the same time.
const PARALLEL_TRANSCRIPTS: usize = 16;

/// A call or a text, with the name of its lead.
#[derive(Debug)]
pub struct Found {
    pub interaction: Interaction,
    pub name: Option<String>,
    /// What was found in it, if it was read.
    pub analysis: Option<Analysis>,
}

/// Those of these that a filter takes, in their order.
///
/// # Errors
/// [`StoreError`] if the table does not answer.
pub async fn among(
    context: &Context,
    ws: &WorkspaceId,
    filter: &InteractionFilter,
    mut interactions: Vec<Interaction>,
) -> Result<Vec<Found>, StoreError> {
    interactions.retain(|interaction| filter.may_take(interaction));
    let mut found = named(context, ws, interactions).await?;
    found.retain(|one| filter.finds(&one.interaction, one.name.as_deref(), one.analysis.as_ref()));
    Ok(found)
}

/// Each with the name of its lead, as long as there is that lead, and with what was found in it.
///
/// # Errors
/// [`StoreError`] if the table does not answer.
pub async fn named(
    context: &Context,
    ws: &WorkspaceId,
    interactions: Vec<Interaction>,
) -> Result<Vec<Found>, StoreError> {
    let ids: BTreeSet<_> = interactions.iter().map(|interaction| interaction.lead.clone()).collect();
    let leads = context.store.leads(ws, &Vec::from_iter(ids)).await?;
    let names: HashMap<_, _> = leads.into_iter().map(|lead| (lead.id, lead.profile.name)).collect();
    let read = interactions.iter().filter(|one| one.has_conversation()).map(|one| &one.id);
    let mut analyses = context.store.analyses(ws, read).await?;
    let named = interactions.into_iter().map(|interaction| {
        let name = names.get(&interaction.lead).cloned().flatten();
        let analysis = analyses.remove(&interaction.id);
        Found { interaction, name, analysis }
    });
    Ok(named.collect())
}

/// Each as a row of these columns; transcripts are read where one is asked for.
///
/// # Errors
/// [`StoreError`] if the table does not answer.
pub async fn rows(
    context: &Context,
    ws: &WorkspaceId,
    columns: &[ResultColumn],
    hides_blank: bool,
    found: &[Found],
) -> Result<Vec<Row>, StoreError> {
    let is_told = columns.contains(&ResultColumn::Transcript);
    let transcripts = found.iter().map(async |one: &Found| {
        if is_told && one.interaction.has_transcript {
            context.store.transcript(ws, &one.interaction.id).await
        } else {
            Ok(Vec::new())
        }
    });
    let transcripts = in_parallel(PARALLEL_TRANSCRIPTS, transcripts).await?;
    let row = |(one, turns): (&Found, &Vec<Turn>)| {
        let name = one.name.as_deref();
        let (interaction, analysis) = (&one.interaction, one.analysis.as_ref());
        ResultColumn::row(columns, &ResultFacts { interaction, name, analysis, turns, hides_blank })
    };
    Ok(found.iter().zip(&transcripts).map(row).collect())
}
