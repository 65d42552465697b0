//! The planner function on Lambda.

use carillon_runtime::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve_batches(async |world, event, _| carillon_planner::handle(world, event).await).await
}
