//! The stream function on Lambda.

use carillon_runtime::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve_changes(
        async |context, event| carillon_stream::handle(context, event).await,
        async |context, event| carillon_stream::replay(context, event).await,
    )
    .await
}
