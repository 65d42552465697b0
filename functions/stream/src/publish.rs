//! Records become events, events get their numbers, consumers get the events.

use std::collections::BTreeMap;

use aws_lambda_events::event::dynamodb::EventRecord;
use carillon_domain::base::ids::{CampaignId, WorkspaceId};
use carillon_domain::reporting::breakdown::Correction;
use carillon_domain::reporting::events::{Change, Event, PublishedEvent};
use carillon_runtime::batch::Chain;
use carillon_runtime::context::Context;
use carillon_runtime::services::lead_search;
use carillon_store::{StoreError, Unnumbered, change_of};

use crate::analysis;
use crate::breakdown;
use crate::deliveries;
use crate::error::StreamError;

/// A record that can't be told of, however often it comes.
pub(crate) struct Untold {
    /// Its place in the batch.
    pub(crate) place: usize,
    pub(crate) reason: String,
}

/// An event, and the record that it comes from.
struct Heard {
    place: usize,
    workspace: WorkspaceId,
    event: Event,
    /// What the change corrects in the sums, with the first of its events.
    corrections: Vec<Correction>,
}

/// Notes what changed of leads where they are searched, and hands the events of a batch to every consumer, in the
/// order of the records.
pub(crate) async fn publish(context: &Context, records: &[EventRecord]) -> Result<Vec<Untold>, StreamError> {
    let (changes, mut untold) = changes_of(records);
    let of_leads: Vec<_> = changes.iter().map(|(_, ws, change)| (ws, change)).collect();
    lead_search::note(context, &of_leads).await?;
    for (_, ws, change) in &changes {
        if matches!(change, Change::WebhookEndpoint { .. }) {
            context.store.forget_webhook_endpoints(ws);
        }
    }
    analysis::ask(context, changes.iter().map(|(_, ws, change)| (ws, change))).await?;
    let heard = hear(&changes);
    let events = number(context, &heard).await?;
    deliveries::make(context, &events).await?;
    for consumer in &context.consumers {
        let refused = consumer.take(&events).await?;
        untold.extend(
            refused
                .into_iter()
                .map(|refused| Untold { place: heard[refused.index].place, reason: refused.reason }),
        );
    }
    Ok(untold)
}

/// What changed, each with the place of its record.
type Changes = Vec<(usize, WorkspaceId, Change)>;

fn changes_of(records: &[EventRecord]) -> (Changes, Vec<Untold>) {
    let (mut changes, mut untold) = (Vec::new(), Vec::new());
    for (place, record) in records.iter().enumerate() {
        let (before, after) = (&record.change.old_image, &record.change.new_image);
        match change_of(before.clone().into_inner(), after.clone().into_inner()) {
            Ok(None) => {}
            Ok(Some((workspace, change))) => changes.push((place, workspace, change)),
            Err(error) => untold.push(Untold { place, reason: Chain(&error).to_string() }),
        }
    }
    (changes, untold)
}

fn hear(changes: &Changes) -> Vec<Heard> {
    let mut heard = Vec::new();
    for (place, workspace, change) in changes {
        let mut corrections = Correction::of(change);
        heard.extend(change.events().into_iter().map(|event| Heard {
            place: *place,
            workspace: workspace.clone(),
            event,
            corrections: std::mem::take(&mut corrections),
        }));
    }
    heard
}

/// The events with their numbers, in the order in which they were heard of.
async fn number(context: &Context, heard: &[Heard]) -> Result<Vec<PublishedEvent>, StoreError> {
    let mut counted: BTreeMap<(&WorkspaceId, Option<&CampaignId>), Vec<usize>> = BTreeMap::new();
    for (place, Heard { workspace, event, .. }) in heard.iter().enumerate() {
        counted.entry((workspace, event.campaign_id.as_ref())).or_default().push(place);
    }
    let mut sequences = vec![0; heard.len()];
    for ((workspace, campaign), places) in counted {
        let unnumbered = |place: &usize| {
            let Heard { event, corrections, .. } = &heard[*place];
            Unnumbered { event, corrections }
        };
        let events: Vec<_> = places.iter().map(unnumbered).collect();
        let numbers = context.store.number_events(workspace, campaign, &events, context.now()).await?;
        breakdown::keep_up(context, workspace, campaign, &numbers).await?;
        for (place, sequence) in places.into_iter().zip(numbers) {
            sequences[place] = sequence;
        }
    }
    let publish = |(heard, sequence): (&Heard, u64)| PublishedEvent {
        workspace_id: heard.workspace.clone(),
        sequence,
        event: heard.event.clone(),
    };
    Ok(heard.iter().zip(sequences).map(publish).collect())
}
