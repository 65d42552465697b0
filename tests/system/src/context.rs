//! Worlds for tests: everything in memory, on a clock that the test sets.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use carillon_adapters::clock::Clock;
use carillon_adapters::files::{Files, FolderFiles};
use carillon_adapters::language_model::LanguageModels;
use carillon_adapters::provider::http_client;
use carillon_adapters::queue::LocalQueues;
use carillon_adapters::random::Random;
use carillon_adapters::secrets::{Secret, Secrets, SecretsFile};
use carillon_adapters::sms::Sms;
use carillon_adapters::voice::Voice;
use carillon_adapters::webhook_sender::{Reach, WebhookSender};
use carillon_domain::base::call::Line;
use carillon_domain::base::ids::{AssistantId, CallerNumberId, WorkspaceId};
use carillon_domain::policy::assistant::{Assistant, AssistantStatus, CallerNumber};
use carillon_domain::policy::sms_sender::{KeywordsAnsweredBy, SmsSender};
use carillon_domain::records::workspace::Workspace;
use carillon_local::message_simulator::{self, MessageSettings};
use carillon_local::provider_simulator::{NetworkSettings, elevenlabs, retell};
use carillon_local::{TABLE, queues_of};
use carillon_runtime::context::{Context, initiation_secret_name, provider_key_name, webhook_secrets_name};
use carillon_store::{Store, create_table};

use crate::scratch::Scratch;

/// Where the world reaches us, as the carrier is told.
pub const PUBLIC_URL: &str = "http://carillon.example";
/// Our number at Retell, where it is its own id.
pub const RETELL_NUMBER: &str = "+493023125098";
/// The seed of ids in tests.
const SEED: u64 = 7;

/// A workspace and what was set up in it.
#[derive(Debug, Clone)]
pub struct Keys {
    pub workspace: WorkspaceId,
    pub assistant: AssistantId,
    pub caller_number: CallerNumberId,
    /// A key that opens the API.
    pub api_key: String,
}

/// A context over a table and queues. Files and secrets lie in a folder of its own, which has to be kept as
/// long as they are used.
pub fn over(
    client: &Client,
    queues: &LocalQueues,
    clock: &Clock,
    voice_url: String,
    sms_url: String,
) -> (Context, Scratch) {
    let scratch = Scratch::new();
    let (uploads, secrets) = (scratch.path().join("uploads"), scratch.path().join("secrets.json"));
    let files = FolderFiles::new(uploads, "http://127.0.0.1:8080", [7; 32], clock.clone());
    let secrets = SecretsFile::open(secrets, clock.clone());
    let context = Context {
        store: Store::new(client.clone(), TABLE),
        clock: clock.clone(),
        random: Random::seeded(SEED),
        queues: queues_of(queues),
        files: Files::Folder(files.expect("a folder")),
        secrets: Secrets::File(secrets.expect("a folder")),
        voice: Voice::http(http_client().expect("an HTTP client"), |_| Some(voice_url.clone())),
        sms: Sms::http(http_client().expect("an HTTP client"), |_| Some(sms_url.clone())),
        webhook_sender: WebhookSender::new(Reach::Anywhere).expect("an HTTP client"),
        language_models: LanguageModels::new(Reach::Anywhere).expect("an HTTP client"),
        public_url: Some(PUBLIC_URL.to_owned()),
        consumers: Vec::new(),
    };
    (context, scratch)
}

/// Creates the table, a workspace with its API key, an assistant and a caller number, and the
/// secrets that the network expects.
pub async fn set_up(client: &Client, context: &Context, network: &NetworkSettings) -> Keys {
    create_table(client, TABLE).await.expect("a table");
    let now = context.now();
    let workspace = WorkspaceId::new(now, context.random.draw());
    let (api_key, record) = carillon_api::first_api_key(&workspace, [9; 32], "test", now);
    let keys = Keys {
        assistant: AssistantId::new(now, context.random.draw()),
        caller_number: CallerNumberId::new(now, context.random.draw()),
        workspace,
        api_key,
    };
    let ws = &keys.workspace;
    let store = &context.store;
    store.create_api_key(ws, &record).await.expect("a table");
    let stored = Workspace::new(ws.clone(), "Acme".into(), now);
    store.create_workspace(&stored).await.expect("a table");
    let number = CallerNumber {
        id: keys.caller_number.clone(),
        version: 1,
        number: "+493023125099".parse().expect("a number"),
        label: None,
        phone_number_id: "phnum_1".into(),
        provider: elevenlabs::PROVIDER,
        line: Line::Twilio,
        rate_limit_per_minute: Some(10),
        reserved_per_minute: None,
        concurrent_limit: None,
        daily_cap: None,
        sms: Some(sender()),
        created_at: now,
        updated_at: now,
    };
    store.create_caller_number(ws, &number).await.expect("a table");
    let assistant = Assistant {
        id: keys.assistant.clone(),
        version: 1,
        name: "Robin".into(),
        provider: elevenlabs::PROVIDER,
        agent_id: "agent_1".into(),
        status: AssistantStatus::Active,
        caller_number_ids: vec![keys.caller_number.clone()],
        prompt_template: None,
        language: None,
        variables: BTreeMap::new(),
        paired_assistant_id: None,
        created_at: now,
        updated_at: now,
    };
    store.create_assistant(ws, &assistant).await.expect("a table");
    share_secrets(context, ws, network).await;
    keys
}

/// How the first number sends texts: one a second, and we answer keywords.
fn sender() -> SmsSender {
    SmsSender {
        provider: message_simulator::PROVIDER,
        messaging_service: None,
        message_type: None,
        rate_limit_per_minute: Some(60),
        keywords: KeywordsAnsweredBy::Carillon,
        replies: None,
    }
}

/// Adds an assistant and a caller number at Retell, and the secrets that the network expects; the keys with which a
/// campaign is made that calls through it.
pub async fn add_retell(context: &Context, keys: &Keys, network: &NetworkSettings) -> Keys {
    let (store, ws, now) = (&context.store, &keys.workspace, context.now());
    let at_retell = Keys {
        assistant: AssistantId::new(now, context.random.draw()),
        caller_number: CallerNumberId::new(now, context.random.draw()),
        ..keys.clone()
    };
    let first = store.caller_number(ws, &keys.caller_number).await.expect("a table").expect("a number");
    let number = CallerNumber {
        id: at_retell.caller_number.clone(),
        number: RETELL_NUMBER.parse().expect("a number"),
        phone_number_id: RETELL_NUMBER.to_owned(),
        provider: retell::PROVIDER,
        ..first
    };
    store.create_caller_number(ws, &number).await.expect("a table");
    let first = store.assistant(ws, &keys.assistant).await.expect("a table").expect("an assistant");
    let assistant = Assistant {
        id: at_retell.assistant.clone(),
        provider: retell::PROVIDER,
        caller_number_ids: vec![number.id.clone()],
        ..first
    };
    store.create_assistant(ws, &assistant).await.expect("a table");
    // It signs whatever it sends with the key.
    let key = Secret::from(network.retell.api_key.clone());
    let name = provider_key_name(ws, retell::PROVIDER);
    context.secrets.put(&name, &key).await.expect("a file");
    let name = initiation_secret_name(ws, retell::PROVIDER);
    context.secrets.put(&name, &key).await.expect("a file");
    let name = webhook_secrets_name(ws, retell::PROVIDER);
    context.secrets.put_list(&name, &[key]).await.expect("a file");
    at_retell
}

/// Stores the secrets that a workspace shares with the network where that is ElevenLabs.
pub async fn share_secrets(context: &Context, ws: &WorkspaceId, network: &NetworkSettings) {
    let (account, provider) = (&network.elevenlabs, elevenlabs::PROVIDER);
    let api_key = Secret::from(account.api_key.clone());
    context.secrets.put(&provider_key_name(ws, provider), &api_key).await.expect("a file");
    let webhook = [Secret::from(account.webhook_secret.clone())];
    context.secrets.put_list(&webhook_secrets_name(ws, provider), &webhook).await.expect("a file");
    let initiation = Secret::from(account.initiation_secret.clone());
    context.secrets.put(&initiation_secret_name(ws, provider), &initiation).await.expect("a file");
}

/// Stores the secrets that a workspace shares with the carrier of texts.
pub async fn share_message_secrets(context: &Context, ws: &WorkspaceId, messages: &MessageSettings) {
    let provider = message_simulator::PROVIDER;
    let account = Secret::from(messages.account.credentials());
    context.secrets.put(&provider_key_name(ws, provider), &account).await.expect("a file");
    let token = [Secret::from(messages.account.auth_token.clone())];
    context.secrets.put_list(&webhook_secrets_name(ws, provider), &token).await.expect("a file");
}
