//! As `functions/api` and the importer: what clients ask for, until it is acknowledged.

mod campaigns;
mod lists;
mod people;

use crate::job::Errand;
use crate::tale::Tale;
use crate::world::{NoAnswer, World};

/// Does what a client asks, and acknowledges it.
pub(super) async fn run(world: &World, ws: usize, errand: &Errand) -> Result<(), NoAnswer> {
    world.tell(|| format!("asked for: {}", Tale(errand)));
    match errand {
        Errand::Command(campaign, command) => campaigns::command(world, ws, campaign, *command).await,
        Errand::Edit(campaign, change) => campaigns::edit(world, ws, campaign, *change).await,
        Errand::Add(leads) => people::add(world, ws, leads).await,
        Errand::Call(lead, attempt, number) => people::call(world, ws, lead, attempt, number.as_ref()).await,
        Errand::CallBack(lead, at) => people::call_back(world, ws, lead, *at).await,
        Errand::OptOut(list, number) => lists::opt_out(world, ws, list, number).await,
        Errand::Forgive(list, number) => lists::forgive(world, ws, list, number).await,
        Errand::Settle(lead) => people::settle(world, ws, lead).await,
        Errand::Learn(lead) => people::learn(world, ws, lead).await,
        Errand::TopUp(id, micros) => {
            world.top_up(ws, id, *micros).await?;
            world.hint(ws, 0).await
        }
    }
}
