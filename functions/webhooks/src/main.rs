//! The webhooks function on Lambda.

use carillon_runtime::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda::Error> {
    lambda::serve_http(carillon_webhooks::router).await
}
