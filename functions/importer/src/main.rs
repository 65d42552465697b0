//! The importer function on Lambda.

use carillon_runtime::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve_batches(async |world, event, deadline| {
        carillon_importer::handle(world, event, deadline).await
    })
    .await
}
