//! As `functions/webhooks`: from an event to the attempt that it speaks of.

use carillon_domain::base::call::{ProviderCallId, VoiceEvent};
use carillon_domain::base::ids::{AttemptId, InteractionId};

use super::news::{self, News};
use crate::bug::Bug;
use crate::job::ProviderCall;
use crate::world::{NoAnswer, World};

/// Takes an event; keeps one that comes before its call is known.
pub(super) async fn take(world: &World, ws: usize, event: &VoiceEvent) -> Result<(), NoAnswer> {
    let (Some(news), Some((id, attempt))) = (News::of(event), subject(event)) else { return Ok(()) };
    let call = match attempt {
        Some(attempt) => of_attempt(world, ws, attempt).await?,
        None => world.call_trail(ws, id).await?.call,
    };
    if let Some(call) = call {
        let call = if world.has(Bug::WebhookNotFenced) { on_the_line(world, ws, call).await? } else { call };
        return news::take(world, ws, &call, news).await;
    }
    world.keep_early_event(ws, id, event).await?;
    match world.call_trail(ws, id).await?.call {
        Some(call) => news::take(world, ws, &call, news).await,
        None => Ok(()),
    }
}

/// The provider's id of the call, and our attempt where the event carries it.
fn subject(event: &VoiceEvent) -> Option<(&ProviderCallId, Option<&AttemptId>)> {
    match event {
        VoiceEvent::Ended { call, attempt, .. } => Some((call, attempt.as_ref())),
        VoiceEvent::MachineDetected { call, .. } => Some((call, None)),
        VoiceEvent::Ignored { .. } => None,
    }
}

async fn of_attempt(world: &World, ws: usize, attempt: &AttemptId) -> Result<Option<ProviderCall>, NoAnswer> {
    let interaction = world.interaction(ws, &InteractionId::of(attempt)).await?;
    Ok(interaction.and_then(|interaction| {
        Some(ProviderCall {
            attempt: attempt.clone(),
            number: interaction.number.clone()?,
            lead: interaction.lead.clone(),
        })
    }))
}

/// Whatever flies on the number by now.
async fn on_the_line(world: &World, ws: usize, call: ProviderCall) -> Result<ProviderCall, NoAnswer> {
    Ok(match world.active_attempt(ws, &call.number).await? {
        Some(active_attempt) => ProviderCall {
            attempt: active_attempt.attempt.clone(),
            lead: active_attempt.lead.clone(),
            number: active_attempt.number.clone(),
        },
        None => call,
    })
}
