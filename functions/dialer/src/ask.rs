//! A dial that fell silent: what happened is asked of the provider, never guessed.

use carillon_domain::call::Inquiry;
use carillon_runtime::messages::DialMessage;
use carillon_runtime::news::{self, News};
use carillon_runtime::world::{World, provider_key_name};

use crate::{DialerError, call_of, note_calls};

/// Asks the provider about one attempt.
pub(crate) async fn ask(world: &World, message: &DialMessage) -> Result<(), DialerError> {
    let ws = &message.workspace;
    let Some(flight) = world.store.flight(ws, &message.number).await? else { return Ok(()) };
    let Some(dialled_at) = flight.dialled_at().filter(|_| flight.attempt == message.attempt) else {
        return Ok(());
    };
    // Without a key nothing can be asked; the planner comes back when the lease is over again.
    let Some(key) = world.secrets.get(&provider_key_name(ws)).await? else { return Ok(()) };
    let call = call_of(message);
    match world.voice.inquire(key.expose(), &message.attempt, dialled_at).await? {
        Inquiry::NotFound => news::take(world, ws, &call, News::NotFound).await?,
        Inquiry::InProgress { call: id } => {
            note_calls(world, ws, &call, &[id], world.now()).await?;
            news::take(world, ws, &call, News::StillUp).await?;
        }
        Inquiry::Ended { call: id, report } => {
            note_calls(world, ws, &call, &[id], world.now()).await?;
            news::take(world, ws, &call, News::Ended(&report)).await?;
        }
    }
    Ok(())
}
