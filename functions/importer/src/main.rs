//! The importer function on Lambda.

use carillon_runtime::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve_batches(async |context, event, deadline| {
        carillon_importer::handle(context, event, deadline).await
    })
    .await
}
