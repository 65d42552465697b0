//! Everything on one machine, wired as `infra/template.yaml` wires it on AWS.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use carillon_adapters::clock::Clock;
use carillon_adapters::consumers::{Consumer, EventLog};
use carillon_adapters::files::{Files, FolderFiles};
use carillon_adapters::language_model::LanguageModels;
use carillon_adapters::provider::http_client;
use carillon_adapters::queue::LocalQueues;
use carillon_adapters::random::Random;
use carillon_adapters::secrets::{Secrets, SecretsFile};
use carillon_adapters::sms::Sms;
use carillon_adapters::voice::Voice;
use carillon_adapters::webhook_sender::{Reach, WebhookSender};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::rate_limit::SLOT_WINDOW_MS;
use carillon_runtime::context::{Context, inbound_message_path, webhook_path};
use carillon_store::{Store, create_table};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::data_folder::DataFolder;
use crate::first_start::Identity;
use crate::functions::{queue_of, queues_of, spawn_functions};
use crate::language_model_simulator::{LocalModel, ModelSettings};
use crate::message_simulator::log::MessageLog;
use crate::message_simulator::{self, MessageNetwork, MessageSettings};
use crate::provider_simulator::log::NetworkLog;
use crate::provider_simulator::people::Mix;
use crate::provider_simulator::{Network, NetworkSettings, elevenlabs, retell, twilio};
use crate::start_error::StartError;
use crate::table::{EmbeddedTable, TABLE_FILE};
use crate::twilio::TwilioAccount;
use crate::webhook_faults::WebhookFaults;
use crate::wiring::IMPORT;
use crate::{bucket, expiry, gateway, steady_clock, workers};

/// Name of the embedded table.
pub const TABLE: &str = "carillon";
/// The file of the data folder to which events are added.
const EVENT_LOG: &str = "events.jsonl";
/// Fastest clock, as a multiple of the machine's: a slot lasts three milliseconds.
pub(crate) const MAX_SPEED: u32 = 300;
/// Up to here a dial has a tenth of a second of the machine's time for its slot, and finds it.
const MAX_EASY_SPEED: u32 = 10;

/// What can be set on the local system.
#[derive(Debug, Clone)]
pub struct LocalSettings {
    pub data_dir: PathBuf,
    /// Port of the API; 0 takes any that is free.
    pub port: u16,
    /// Port of the simulated network; 0 takes any that is free.
    pub network_port: u16,
    /// How many times as fast as the machine's the clock runs.
    pub speed: u32,
    /// Chooses what the simulated people do.
    pub seed: u64,
    /// What goes wrong with webhooks.
    pub faults: WebhookFaults,
    /// How often the simulated people do what.
    pub mix: Mix,
    /// How many times as fast as people they are; for benchmarks.
    pub haste: NonZeroU32,
    /// When the clock begins on a first start; the machine's time if not set.
    pub begin_at: Option<Timestamp>,
}

impl Default for LocalSettings {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from(".carillon"),
            port: 8080,
            network_port: 8090,
            speed: 1,
            seed: 1,
            faults: WebhookFaults::default(),
            mix: Mix::default(),
            haste: NonZeroU32::MIN,
            begin_at: None,
        }
    }
}

/// A system that runs; it stops when it is dropped.
pub struct LocalSystem {
    pub context: Context,
    /// The queues, for whoever puts the clock forward.
    pub queues: LocalQueues,
    pub network: Network,
    pub messages: MessageNetwork,
    /// The language model that reads simulated conversations.
    pub local_model: LocalModel,
    /// The table under the context's store.
    pub table: EmbeddedTable,
    pub address: SocketAddr,
    identity: Identity,
    is_first_start: bool,
    settings: LocalSettings,
    tasks: Vec<AbortHandle>,
    _folder: DataFolder,
}

impl LocalSystem {
    /// Starts everything; goes on where an earlier one was stopped.
    ///
    /// # Errors
    /// [`StartError`] says what is in the way.
    pub async fn start(settings: LocalSettings) -> Result<Self, StartError> {
        let dir = settings.data_dir.clone();
        let taken = DataFolder::take(&dir)?;
        let clock = steady_clock::start(&dir.join("clock"), settings.speed, settings.begin_at)?;
        let listener = bind(settings.port).await?;
        let address =
            listener.local_addr().map_err(|source| StartError::Port { port: settings.port, source })?;
        let (identity, is_first_start) = Identity::load_or_make(&dir, clock.now())?;

        let queues = LocalQueues::open(&dir.join("queues.db"), clock.clone())?;
        queues.reclaim()?;
        let public_url = format!("http://{address}");
        let uploads = dir.join("uploads");
        let folder = FolderFiles::new(uploads.clone(), &public_url, identity.signing_key, clock.clone())?;
        let network = start_network(&settings, &identity, &public_url, &clock).await?;
        let messages = start_messages(&settings, &identity, &public_url, &clock).await?;
        let model = model_settings(&settings, &identity);
        // Nobody else asks it: any port will do.
        let local_model = LocalModel::start(model.clone(), 0)
            .await
            .map_err(|source| StartError::Port { port: 0, source })?;

        let table = EmbeddedTable::on_file(dir.join(TABLE_FILE))?;
        let client = table.client();
        create_table(&client, TABLE).await?;
        let changes = table.changes(TABLE)?;
        let context = Context {
            store: Store::new(client, TABLE),
            clock: clock.clone(),
            random: Random::System,
            queues: queues_of(&queues),
            files: Files::Folder(folder.clone()),
            secrets: Secrets::File(SecretsFile::open(dir.join("secrets.json"), clock.clone())?),
            voice: Voice::http(http_client()?, |_| Some(network.base_url())),
            sms: Sms::http(http_client()?, |_| Some(messages.base_url())),
            // Whoever runs it owns the machine and its network.
            webhook_sender: WebhookSender::new(Reach::Anywhere)?,
            language_models: LanguageModels::new(Reach::Anywhere)?.with_openai_at(local_model.base_url()),
            public_url: Some(public_url.clone()),
            consumers: vec![Consumer::EventLog(open_events(&dir.join(EVENT_LOG))?)],
        };
        let (calls, texts) = (
            network_settings(&settings, &identity, &public_url),
            message_settings(&settings, &identity, &public_url),
        );
        identity.set_up(&context, &calls, &texts, &model, clock.now()).await?;
        let drops = drop_folder(&uploads, &identity.workspace);
        std::fs::create_dir_all(&drops).map_err(StartError::of_file(&drops))?;
        expiry::sweep_all(&uploads, bucket::file_time());

        let mut tasks = spawn_functions(&context, &queues);
        tasks.push(workers::spawn_tick(context.clone()));
        tasks.push(workers::spawn_stream(changes, context.clone()));
        tasks.push(spawn(steady_clock::note(dir.join("clock"), clock)));
        let import = queue_of(&queues, IMPORT);
        tasks.push(spawn(bucket::watch(uploads, dir.join("uploads.seen.json"), import)));
        let for_people = Context { store: Store::new(table.client_of_people(), TABLE), ..context.clone() };
        let router = gateway::router(context.clone(), for_people, folder);
        tasks.push(spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the API has stopped");
            }
        }));
        Ok(Self {
            context,
            queues,
            network,
            messages,
            local_model,
            table,
            address,
            identity,
            is_first_start,
            settings,
            tasks,
            _folder: taken,
        })
    }

    pub fn api_url(&self) -> String {
        format!("http://{}/api/v1", self.address)
    }

    /// The key that opens the API.
    pub fn api_key(&self) -> &str {
        &self.identity.api_key
    }

    /// The workspace of this machine.
    pub fn workspace(&self) -> &WorkspaceId {
        &self.identity.workspace
    }

    /// What to tell the person who started it.
    pub fn welcome(&self) -> String {
        let key = if self.is_first_start {
            format!("API key      {} (kept in {}/api_key)", self.api_key(), self.settings.data_dir.display())
        } else {
            format!("API key      in {}/api_key", self.settings.data_dir.display())
        };
        format!(
            "Carillon is running.\n\
             API          {}\n\
             {key}\n\
             assistant    {}\n\
             on Retell    {}\n\
             drop files   {}/<campaign id>/\n\
             {}network      {} (simulated; no real calls)",
            self.api_url(),
            self.identity.assistant,
            self.identity.retell_assistant(),
            drop_folder(&self.settings.data_dir.join("uploads"), self.workspace()).display(),
            late_warning(self.settings.speed),
            self.network.base_url(),
        )
    }
}

/// What to say of a clock that is too fast to dial on.
fn late_warning(speed: u32) -> String {
    if speed <= MAX_EASY_SPEED {
        return String::new();
    }
    format!(
        "warning      at --speed {speed} a call has {} ms of this machine to start in its slot of 1 s; one that is late \
         is put back and has its turn again, so calls come slower than the rates allow ({MAX_EASY_SPEED} is safe)\n",
        SLOT_WINDOW_MS / i64::from(speed)
    )
}

fn open_events(path: &Path) -> Result<EventLog, StartError> {
    EventLog::open(path).map_err(StartError::of_file(path))
}

impl Drop for LocalSystem {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

fn spawn(task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
    tokio::spawn(task).abort_handle()
}

async fn bind(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|source| StartError::Port { port, source })
}

fn drop_folder(uploads: &Path, ws: &WorkspaceId) -> PathBuf {
    uploads.join("drops").join(ws.as_str())
}

fn network_settings(settings: &LocalSettings, identity: &Identity, public_url: &str) -> NetworkSettings {
    let secret = hex::encode(identity.signing_key);
    let webhook_url = |provider| Some(format!("{public_url}{}", webhook_path(&identity.workspace, provider)));
    NetworkSettings {
        seed: settings.seed,
        elevenlabs: elevenlabs::Account {
            api_key: format!("xi_{}", &secret[..32]),
            webhook_secret: format!("wsec_{}", &secret[32..]),
            initiation_secret: format!("init_{}", &secret[16..48]),
            webhook_url: webhook_url(elevenlabs::PROVIDER),
            ..elevenlabs::Account::default()
        },
        retell: retell::Account {
            api_key: format!("key_{}", &secret[8..40]),
            webhook_url: webhook_url(retell::PROVIDER),
            ..retell::Account::default()
        },
        twilio: twilio::Account { account: twilio_account(identity), ..twilio::Account::default() },
        faults: settings.faults,
        mix: settings.mix,
        haste: settings.haste,
        ..NetworkSettings::default()
    }
}

async fn start_network(
    settings: &LocalSettings,
    identity: &Identity,
    public_url: &str,
    clock: &Clock,
) -> Result<Network, StartError> {
    let path = settings.data_dir.join("network.log");
    let log = NetworkLog::open(&path).map_err(StartError::of_file(&path))?;
    let port = settings.network_port;
    Network::start(network_settings(settings, identity, public_url), clock.clone(), log, port)
        .await
        .map_err(|source| StartError::Port { port, source })
}

/// The account that calls and texts share.
fn twilio_account(identity: &Identity) -> TwilioAccount {
    let secret = hex::encode(identity.signing_key);
    TwilioAccount { sid: format!("AC{}", &secret[..32]), auth_token: secret[32..].to_owned() }
}

fn message_settings(settings: &LocalSettings, identity: &Identity, public_url: &str) -> MessageSettings {
    MessageSettings {
        seed: settings.seed,
        account: twilio_account(identity),
        inbound_url: format!(
            "{public_url}{}",
            inbound_message_path(&identity.workspace, message_simulator::PROVIDER)
        ),
        faults: settings.faults,
        haste: settings.haste,
        ..MessageSettings::default()
    }
}

fn model_settings(settings: &LocalSettings, identity: &Identity) -> ModelSettings {
    let secret = hex::encode(identity.signing_key);
    ModelSettings {
        seed: settings.seed,
        api_key: format!("sk-{}", &secret[4..36]),
        ..ModelSettings::default()
    }
}

async fn start_messages(
    settings: &LocalSettings,
    identity: &Identity,
    public_url: &str,
    clock: &Clock,
) -> Result<MessageNetwork, StartError> {
    let path = settings.data_dir.join("messages.log");
    let log = MessageLog::open(&path).map_err(StartError::of_file(&path))?;
    // Nobody else speaks to it: any port will do.
    MessageNetwork::start(message_settings(settings, identity, public_url), clock.clone(), log, 0)
        .await
        .map_err(|source| StartError::Port { port: 0, source })
}
