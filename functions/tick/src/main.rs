//! The tick function on Lambda.

// What the SDKs await lies deep.
#![recursion_limit = "256"]

use carillon_runtime::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve_timer(async |context| carillon_tick::handle(context).await).await
}
