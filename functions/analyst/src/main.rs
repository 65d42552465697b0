//! The analyst function on Lambda.

// What the SDKs await lies deep.
#![recursion_limit = "256"]

use carillon_runtime::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve_batches(async |context, event, _| carillon_analyst::handle(context, event).await).await
}
