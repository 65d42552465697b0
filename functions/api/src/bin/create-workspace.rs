//! Creates a workspace on AWS and prints the key that opens its API, once.
//!
//! `CARILLON_TABLE=… cargo run -p carillon-api --features aws --bin create-workspace -- "Acme"`
#![expect(clippy::print_stdout, reason = "the key is shown here and kept nowhere")]

use carillon_adapters::clock::Clock;
use carillon_adapters::random::Random;
use carillon_api::{first_api_key, random_bytes};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::records::workspace::Workspace;
use carillon_runtime::lambda;

#[tokio::main]
async fn main() -> Result<(), lambda::Error> {
    let name = std::env::args().nth(1).ok_or("say what the workspace is called")?;
    let store = lambda::store().await?;
    let now = Clock::System.now();
    let id = WorkspaceId::new(now, Random::System.draw());
    let (key, record) = first_api_key(&id, random_bytes(), "first key", now);
    let workspace = Workspace::new(id.clone(), name, now);
    store.create_workspace(&workspace).await?;
    store.create_api_key(&id, &record).await?;
    println!("workspace {id}\nAPI key   {key}");
    Ok(())
}
