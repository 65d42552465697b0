//! Workspaces on AWS, for whoever runs Carillon: makes one, and sets what its plan says.
//!
//! `CARILLON_TABLE=… cargo run -p carillon-api --features aws --bin workspace -- create "Acme"`
#![expect(clippy::print_stdout, reason = "the key is shown here and kept nowhere")]

use carillon_adapters::clock::Clock;
use carillon_adapters::random::Random;
use carillon_api::{first_api_key, random_bytes};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::message::MessageProvider;
use carillon_domain::base::phone::E164;
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::records::workspace::{MAX_RUNNING_LIMIT, Workspace};
use carillon_runtime::lambda;
use carillon_store::{SenderGrant, Store};

const USAGE: &str = "say `create NAME`, `running-limit WORKSPACE CAMPAIGNS`, `give-number WORKSPACE NUMBER OPT_OUT_LIST \
    [IDENTITY]`, or `take-number NUMBER`";
/// Whose numbers are given: those of the account that we run in.
const ACCOUNT: MessageProvider = MessageProvider::Aws;

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
        ["give-number", workspace, number, opt_out_list] => {
            let grant = granted(workspace, number, opt_out_list, None)?;
            give_number(&lambda::store().await?, &grant).await
        }
        ["give-number", workspace, number, opt_out_list, identity] => {
            let grant = granted(workspace, number, opt_out_list, Some(identity))?;
            give_number(&lambda::store().await?, &grant).await
        }
        ["take-number", number] => take_number(&lambda::store().await?, &number.parse()?).await,
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

fn granted(
    workspace: &str,
    number: &str,
    opt_out_list: &str,
    identity: Option<&str>,
) -> Result<SenderGrant, lambda::Error> {
    Ok(SenderGrant {
        number: number.parse()?,
        workspace: workspace.parse()?,
        identity: identity.map(str::to_owned),
        opt_out_list: opt_out_list.to_owned(),
    })
}

/// From then on the workspace may have a caller number send texts from it, and gets those that come to it.
async fn give_number(store: &Store, grant: &SenderGrant) -> Result<(), lambda::Error> {
    let (number, workspace) = (&grant.number, &grant.workspace);
    if store.workspace(workspace).await?.is_none() {
        return Err(format!("there is no workspace {workspace}").into());
    }
    let others = store.sender_grants(ACCOUNT).await?;
    let is_shared = |other: &&SenderGrant| {
        other.workspace != *workspace && other.identity.is_some() && other.identity == grant.identity
    };
    if let Some(other) = others.iter().find(is_shared) {
        // What people reply comes to whatever number of a pool it is: it would be another workspace's.
        return Err(format!("{} of {} sends by the same pool", other.number, other.workspace).into());
    }
    if !store.grant_sender(ACCOUNT, grant).await? {
        return Err(format!("{number} is another workspace's; take it back first").into());
    }
    println!("{number} sends texts for {workspace}");
    Ok(())
}

/// The number sends no texts any more: first of all its workspace's caller number does not.
async fn take_number(store: &Store, number: &E164) -> Result<(), lambda::Error> {
    let Some(grant) = store.sender_grant(ACCOUNT, number).await? else {
        return Err(format!("{number} is given to nobody").into());
    };
    let ws = &grant.workspace;
    let caller = match store.caller_number_of(ws, number).await? {
        Some(id) => store.caller_number(ws, &id).await?,
        None => None,
    };
    if let Some(caller) = caller.filter(|one| one.sms.as_ref().is_some_and(|sms| sms.provider == ACCOUNT)) {
        let silent = CallerNumber { version: caller.version + 1, sms: None, ..caller };
        if !store.update_caller_number(ws, &silent).await? {
            return Err("the caller number was changed at the same moment; try again".into());
        }
    }
    store.revoke_sender(ACCOUNT, number).await?;
    println!("{number} is taken back from {ws}");
    Ok(())
}
