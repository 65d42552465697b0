//! The functions, step by step as the real ones: load, decide (in the domain), write, tell.
//!
//! Each module here mirrors one of `functions/` or of `shared/runtime`, in the same order of
//! reads, writes and messages; what is left out neither starts nor ends a call.

mod ask;
mod claims;
mod completion;
mod dialer;
mod gather;
mod intake;
mod lifecycle;
mod news;
mod office;
mod planner;
mod round;
mod spoil;
mod turns;
mod walk;

use std::rc::Rc;

use crate::job::{DialTask, Job};
use crate::tale::Tale;
use crate::world::{NoAnswer, World};

/// Does a job; says whether it is done.
pub(crate) async fn handle(world: &World, job: Rc<Job>) -> bool {
    let done = match &*job {
        Job::Tick => tick(world).await,
        Job::Plan { ws } => planner::plan(world, *ws).await,
        Job::Dial(message) => match message.task {
            DialTask::Place => dialer::place(world, message).await,
            DialTask::Ask => ask::ask(world, message).await,
        },
        Job::Walk(walk) => walk::step(world, walk).await,
        Job::Event { ws, event, .. } => intake::take(world, *ws, event).await,
        Job::Errand { ws, errand } => office::run(world, *ws, errand).await,
    };
    if done.is_err() {
        world.tell(|| format!("failed: {}", Tale(&*job)));
    }
    done.is_ok()
}

/// Sends a hint for each workspace that is due.
async fn tick(world: &World) -> Result<(), NoAnswer> {
    for ws in world.due_workspaces(world.now()).await? {
        world.hint(ws, 0).await?;
    }
    Ok(())
}
