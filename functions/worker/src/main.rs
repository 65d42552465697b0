//! The worker function on Lambda.

use carillon_runtime::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve_batches(async |context, event, deadline| {
        carillon_worker::handle(context, event, deadline).await
    })
    .await
}
