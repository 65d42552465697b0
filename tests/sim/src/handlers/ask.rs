//! As `functions/dialer`: a dial that fell silent, and the ids of calls.

use carillon_domain::base::call::{CallReport, Inquiry, Outcome, ProviderCallId, VoiceEvent};

use super::news::{self, News};
use crate::bug::Bug;
use crate::job::{DialMessage, ProviderCall};
use crate::world::{NoAnswer, World};

/// Asks the provider about one attempt.
pub(super) async fn ask(world: &World, message: &DialMessage) -> Result<(), NoAnswer> {
    let (ws, call) = (message.ws, &message.call);
    let Some(active_attempt) = world.active_attempt(ws, &call.number).await? else { return Ok(()) };
    if active_attempt.attempt != call.attempt || active_attempt.dialled_at().is_none() {
        return Ok(());
    }
    if world.has(Bug::GuessWhenLeaseIsOver) {
        let guess = CallReport::bare(Outcome::NoAnswer, "a guess");
        return news::take(world, ws, call, News::Ended(&guess)).await;
    }
    match world.inquire(&call.attempt).await? {
        Inquiry::NotFound => news::take(world, ws, call, News::NotFound).await,
        Inquiry::InProgress { call: id } => {
            note_calls(world, ws, call, &[id]).await?;
            news::take(world, ws, call, News::StillUp).await
        }
        Inquiry::Ended { call: id, report } => {
            note_calls(world, ws, call, &[id]).await?;
            news::take(world, ws, call, News::Ended(&report)).await
        }
    }
}

/// Notes under which ids the provider speaks of a call, then takes the events that came before.
pub(super) async fn note_calls(
    world: &World,
    ws: usize,
    call: &ProviderCall,
    ids: &[ProviderCallId],
) -> Result<(), NoAnswer> {
    for id in ids {
        world.note_provider_call(ws, id, call).await?;
        let early: Vec<VoiceEvent> = world.call_trail(ws, id).await?.events;
        for news in early.iter().filter_map(News::of) {
            news::take(world, ws, call, news).await?;
        }
    }
    Ok(())
}
