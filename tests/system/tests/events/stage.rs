//! What the events meet: a system at one moment, with the things that they name.

use carillon_adapters::clock::Clock;
use carillon_adapters::queue::LocalQueues;
use carillon_adapters::secrets::Secret;
use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::channel::Channel;
use carillon_domain::base::language_model::{LanguageModel, ModelProvider};
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::policy::assistant::{Assistant, CallerNumber};
use carillon_domain::policy::rate_limit::SLOT_WINDOW_MS;
use carillon_domain::records::active_attempt::{ActiveAttempt, ActiveAttemptState, DialCause};
use carillon_domain::records::campaign::{Campaign, Command};
use carillon_domain::records::workspace::{ModelAccess, Workspace};
use carillon_domain::transaction::{Transaction, Write};
use carillon_local::message_simulator::log::MessageLog;
use carillon_local::message_simulator::{MessageNetwork, MessageSettings};
use carillon_local::provider_simulator::log::NetworkLog;
use carillon_local::provider_simulator::{Network, NetworkSettings, elevenlabs};
use carillon_local::table::EmbeddedTable;
use carillon_local::wiring::QueueWiring;
use carillon_runtime::context::{Context, language_model_key_name};
use carillon_runtime::messages::DialMessage;
use carillon_runtime::services::lifecycle;
use carillon_system_tests::context::{self, Keys};
use carillon_system_tests::model::Model;
use carillon_system_tests::people;
use carillon_system_tests::scratch::Scratch;

use crate::events::decode::{batch, bodies};

/// With this the webhooks in `events/` are signed.
const WEBHOOK_SECRET: &str = "wsec_of_nobody";

/// A system at one moment, with a workspace under the ids that the events name, a running campaign in it
/// and nobody to call.
pub(crate) struct Stage {
    pub(crate) context: Context,
    pub(crate) table: EmbeddedTable,
    queues: LocalQueues,
    /// Kept for what the functions see.
    _scratch: Scratch,
    pub(crate) network: Network,
    pub(crate) messages: MessageNetwork,
    /// The workspace, its assistant and its number.
    pub(crate) keys: Keys,
    /// What `dialer.json` carries; it names all that there is.
    pub(crate) message: DialMessage,
}

impl Stage {
    pub(crate) async fn at(now: Timestamp) -> Self {
        Self::of(Channel::Call, now).await
    }

    /// One whose campaign reaches people so.
    pub(crate) async fn of(channel: Channel, now: Timestamp) -> Self {
        let message: DialMessage = bodies(&batch("dialer.json").0).remove(0);
        let clock = Clock::manual(now);
        let settings = NetworkSettings {
            elevenlabs: elevenlabs::Account {
                webhook_secret: WEBHOOK_SECRET.to_owned(),
                ..elevenlabs::Account::default()
            },
            magic_numbers: false,
            ..NetworkSettings::default()
        };
        let network = Network::start(settings.clone(), clock.clone(), NetworkLog::in_memory(), 0).await;
        let network = network.expect("a free port");
        let carrier = MessageSettings { magic_numbers: false, replies: false, ..MessageSettings::default() };
        let messages =
            MessageNetwork::start(carrier.clone(), clock.clone(), MessageLog::in_memory(), 0).await;
        let messages = messages.expect("a free port");
        let table = EmbeddedTable::in_memory().expect("a table");
        let queues = LocalQueues::in_memory(clock.clone());
        let (context, scratch) =
            context::over(&table.client(), &queues, &clock, network.base_url(), messages.base_url());
        let drawn = context::set_up(&table.client(), &context, &settings).await;
        let keys = Keys {
            workspace: message.workspace.clone(),
            assistant: message.assistant.clone(),
            caller_number: message.caller_number.clone(),
            api_key: drawn.api_key.clone(),
        };
        context::share_secrets(&context, &keys.workspace, &settings).await;
        context::share_message_secrets(&context, &keys.workspace, &carrier).await;
        let stage = Self { context, table, queues, _scratch: scratch, network, messages, keys, message };
        stage.copy(&drawn, channel).await;
        let (ws, campaign) = (&stage.keys.workspace, stage.message.lead.campaign());
        lifecycle::apply(&stage.context, ws, &campaign, Command::Start).await.expect("a draft starts");
        stage
    }

    /// Has the workspace's calls read by this model.
    pub(crate) async fn have_read_by(&self, model: &Model) {
        let (ws, now) = (&self.keys.workspace, self.context.now());
        let key = Secret::from("sk-test");
        self.context.secrets.put(&language_model_key_name(ws, "test"), &key).await.expect("a file");
        let reader = LanguageModel {
            provider: ModelProvider::OpenAi,
            model: "m".to_owned(),
            base_url: Some(model.base_url.clone()),
            input_price_micros: 0,
            output_price_micros: 0,
        };
        let access = ModelAccess { model: reader, key_name: Some("test".to_owned()), set_at: now };
        let stored = self.context.store.workspace(ws).await.expect("a table").expect("a workspace");
        let version = stored.version + 1;
        let workspace = Workspace { version, language_model: Some(access), ..stored };
        assert!(self.context.store.update_workspace(&workspace).await.expect("a table"));
    }

    /// Stores what was set up under drawn ids under those that the events name.
    async fn copy(&self, drawn: &Keys, channel: Channel) {
        let (store, keys, from) = (&self.context.store, &self.keys, &drawn.workspace);
        let ws = &keys.workspace;
        let stored = store.workspace(from).await.expect("a table").expect("a workspace");
        store.create_workspace(&Workspace { id: ws.clone(), ..stored }).await.expect("a table");
        let stored =
            store.caller_number(from, &drawn.caller_number).await.expect("a table").expect("a number");
        let number = CallerNumber { id: keys.caller_number.clone(), ..stored };
        store.create_caller_number(ws, &number).await.expect("a table");
        let stored = store.assistant(from, &drawn.assistant).await.expect("a table").expect("an assistant");
        let caller_number_ids = vec![keys.caller_number.clone()];
        let assistant = Assistant { id: keys.assistant.clone(), caller_number_ids, ..stored };
        store.create_assistant(ws, &assistant).await.expect("a table");
        let mut spec = match channel {
            Channel::Call => people::spec(keys),
            Channel::Sms => people::texting(keys),
        };
        spec.default_country = "DE".parse().ok();
        spec.sms_message_template = Some("Your order is ready".into());
        let draft = people::draft_campaign(&self.context, drawn, spec).await;
        let stored = store.campaign(from, &draft).await.expect("a table").expect("a campaign");
        let campaign = Campaign { id: self.message.lead.campaign(), ..stored };
        assert!(store.create_campaign(ws, &campaign).await.expect("a table"));
    }

    /// Adds the lead that `dialer.json` names.
    pub(crate) async fn add_lead(&self) {
        let one = [(self.message.number.to_string(), chrono_tz::Tz::Europe__Berlin)];
        people::add_leads(&self.context, &self.keys, &self.message.lead.campaign(), &one).await;
    }

    /// Claims it for the attempt that `dialer.json` names, as a planner does.
    pub(crate) async fn claim(&self, channel: Channel) {
        let (message, now) = (&self.message, self.context.now());
        let active_attempt = ActiveAttempt {
            number: message.number.clone(),
            attempt: message.attempt.clone(),
            campaign: message.lead.campaign(),
            lead: message.lead.clone(),
            assistant: message.assistant.clone(),
            caller_number: message.caller_number.clone(),
            is_caller_chosen: false,
            provider: VoiceProvider::default(),
            line: Line::Twilio,
            channel,
            cause: DialCause::Fresh,
            is_test: false,
            person: vec![message.number.clone()],
            instructions: None,
            price_micros: 0,
            claimed_at: now,
            state: ActiveAttemptState::Claimed { dial_at: now, until: now.plus_ms(SLOT_WINDOW_MS) },
        };
        let claim = Transaction::of(Write::Claim(active_attempt));
        self.context.store.commit(&self.keys.workspace, &claim).await.expect("nobody else claims");
    }

    /// Takes what lies in a queue.
    pub(crate) fn sent(&self, wiring: QueueWiring) -> Vec<String> {
        let queue = self.queues.queue(wiring.name, wiring.max_receives);
        let batch = queue.receive(10, MINUTE_MS).expect("a queue");
        batch.into_iter().map(|received| received.body).collect()
    }
}
