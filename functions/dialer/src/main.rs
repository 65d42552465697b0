//! The dialer function on Lambda.

use carillon_runtime::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve_batches(async |world, event, _| carillon_dialer::handle(world, event).await).await
}
