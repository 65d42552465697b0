//! Workspaces on AWS, for whoever runs Carillon: makes one, and sets what its plan says.
//!
//! `CARILLON_TABLE=… cargo run -p carillon-api --features aws --bin workspace -- create "Acme"`
#![expect(clippy::print_stdout, reason = "the key is shown here and kept nowhere")]

use carillon_adapters::clock::Clock;
use carillon_adapters::random::Random;
use carillon_api::{first_api_key, random_bytes};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::records::workspace::{MAX_RUNNING_LIMIT, Workspace};
use carillon_runtime::lambda;
use carillon_store::Store;

const USAGE: &str = "say `create NAME`, or `running-limit WORKSPACE CAMPAIGNS`";

#[tokio::main]
async fn main() -> Result<(), lambda::Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["create", name] => create(&lambda::store().await?, name).await,
        ["running-limit", workspace, campaigns] => {
            let limit = campaigns.parse().ok().filter(|limit| (1..=MAX_RUNNING_LIMIT).contains(limit));
            let limit = limit.ok_or_else(|| format!("the limit is from 1 to {MAX_RUNNING_LIMIT}"))?;
            set_running_limit(&lambda::store().await?, &workspace.parse()?, limit).await
        }
        _ => Err(USAGE.into()),
    }
}

/// Prints the key that opens its API, once.
async fn create(store: &Store, name: &str) -> Result<(), lambda::Error> {
    let now = Clock::System.now();
    let id = WorkspaceId::new(now, Random::System.draw());
    let (key, record) = first_api_key(&id, random_bytes(), "first key", now);
    let workspace = Workspace::new(id.clone(), name.to_owned(), now);
    store.create_workspace(&workspace).await?;
    store.create_api_key(&id, &record).await?;
    println!("workspace {id}\nAPI key   {key}");
    Ok(())
}

/// Campaigns that run already go on; scheduled ones that waited for room start with the next tick.
async fn set_running_limit(store: &Store, id: &WorkspaceId, limit: u32) -> Result<(), lambda::Error> {
    let before = store.workspace(id).await?.ok_or_else(|| format!("there is no workspace {id}"))?;
    let after = Workspace { version: before.version + 1, running_limit: limit, ..before };
    if !store.update_workspace(&after).await? {
        return Err("the workspace was changed at the same moment; try again".into());
    }
    println!("workspace {id}: at most {limit} campaigns run at once");
    Ok(())
}
