//! What a first start sets up: a workspace, its API key, an assistant with a number for each provider, and
//! the secrets that they share with the simulated network.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use carillon_adapters::random::Random;
use carillon_adapters::secrets::Secret;
use carillon_domain::base::call::{Line, VoiceProvider};
use carillon_domain::base::ids::{AssistantId, CallerNumberId, Entropy, WorkspaceId};
use carillon_domain::base::language_model::{LanguageModel, ModelProvider};
use carillon_domain::base::phone::E164;
use carillon_domain::base::provider::Provider;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::assistant::{Assistant, AssistantStatus, CallerNumber, DEFAULT_RATE_PER_MINUTE};
use carillon_domain::policy::sms_sender::{DEFAULT_MESSAGES_PER_MINUTE, KeywordsAnsweredBy, SmsSender};
use carillon_domain::records::workspace::{ModelAccess, Workspace};
use carillon_runtime::context::{
    Context, initiation_secret_name, language_model_key_name, provider_key_name, webhook_secrets_name,
};
use carillon_store::ProviderAccess;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::language_model_simulator::ModelSettings;
use crate::message_simulator::{self, MessageSettings};
use crate::provider_simulator::{NetworkSettings, elevenlabs, retell};
use crate::start_error::StartError;
use crate::table::TABLE_FILE;

/// The caller number of the first start; reserved for fiction (Ofcom).
const FIRST_NUMBER: &str = "+442079460999";
/// The one at Retell, where it is its own id.
const RETELL_NUMBER: &str = "+442079460998";
/// By how much what is Retell's is younger than the first assistant, which lists show first, in milliseconds.
const YOUNGER_MS: i64 = 1;
/// What the key of the language model is called.
const MODEL_KEY: &str = "simulated";
/// Most calls at once in the workspace.
const CONCURRENT_LIMIT: u32 = 1_000;

/// Who we are on this machine; written once and kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) workspace: WorkspaceId,
    pub(crate) assistant: AssistantId,
    pub(crate) caller_number: CallerNumberId,
    pub(crate) api_key: String,
    /// Signs upload addresses, and seeds what the network shares with us.
    pub(crate) signing_key: [u8; 32],
}

impl Identity {
    /// The identity in this folder, made if there is none; also whether it was made just now.
    pub(crate) fn load_or_make(data_dir: &Path, now: Timestamp) -> Result<(Self, bool), StartError> {
        let (path, key_path) = (data_dir.join("identity.json"), data_dir.join("api_key"));
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let identity: Self = serde_json::from_str(&text)
                    .map_err(|error| StartError::File { path, source: io::Error::other(error) })?;
                identity.check_key(key_path)?;
                Ok((identity, false))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Another one could not open what is kept there.
                if data_dir.join(TABLE_FILE).exists() {
                    return Err(StartError::IdentityLost(path));
                }
                let identity = Self::make(now);
                let text = serde_json::to_string(&identity).map_err(io::Error::other);
                // The key first: where there is an identity, its key is there, too.
                write_private(&key_path, &identity.api_key).map_err(StartError::of_file(&key_path))?;
                text.and_then(|text| write_private(&path, &text)).map_err(StartError::of_file(&path))?;
                Ok((identity, true))
            }
            Err(source) => Err(StartError::File { path, source }),
        }
    }

    /// Whether the key that people are told to read is the one that opens the API.
    fn check_key(&self, path: PathBuf) -> Result<(), StartError> {
        match std::fs::read_to_string(&path) {
            Ok(key) if key.trim() == self.api_key => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StartError::File { path, source: error })
            }
            Ok(_) | Err(_) => Err(StartError::KeyLost(path)),
        }
    }

    fn make(now: Timestamp) -> Self {
        let workspace = WorkspaceId::new(now, Random::System.draw());
        let (api_key, _) =
            carillon_api::first_api_key(&workspace, carillon_api::random_bytes(), "first start", now);
        Self {
            assistant: AssistantId::new(now, Random::System.draw()),
            caller_number: CallerNumberId::new(now, Random::System.draw()),
            signing_key: carillon_api::random_bytes(),
            workspace,
            api_key,
        }
    }

    /// The provider's id of our number.
    pub(crate) fn phone_number_id(&self) -> String {
        format!("phnum_{}", self.caller_number.body().to_lowercase())
    }

    /// The assistant that calls through Retell. Its id is derived, so that a folder of before has it, too.
    pub(crate) fn retell_assistant(&self) -> AssistantId {
        let first = &self.assistant;
        AssistantId::new(first.made_at().plus_ms(YOUNGER_MS), derived(first.as_str()))
    }

    fn retell_number(&self) -> CallerNumberId {
        let first = &self.caller_number;
        CallerNumberId::new(first.made_at().plus_ms(YOUNGER_MS), derived(first.as_str()))
    }

    /// Puts everything in place that is not there yet; a start that was cut short is made up for.
    pub(crate) async fn set_up(
        &self,
        context: &Context,
        network: &NetworkSettings,
        messages: &MessageSettings,
        model: &ModelSettings,
        now: Timestamp,
    ) -> Result<(), StartError> {
        let ws = &self.workspace;
        let model_key = Secret::from(model.api_key.clone());
        context.secrets.put(&language_model_key_name(ws, MODEL_KEY), &model_key).await?;
        let account = Secret::from(messages.account.credentials());
        context.secrets.put(&provider_key_name(ws, message_simulator::PROVIDER), &account).await?;
        let token = [Secret::from(messages.account.auth_token.clone())];
        context.secrets.put_list(&webhook_secrets_name(ws, message_simulator::PROVIDER), &token).await?;
        for shared in Shared::with(network) {
            shared.keep(context, ws).await?;
        }
        let access = ProviderAccess {
            version: 1,
            webhook_secrets: 1,
            has_initiation_secret: true,
            set_at: Some(now),
            held_until: None,
        };
        for provider in VoiceProvider::ALL {
            context.store.update_provider_access(ws, Provider::Voice(provider), &access).await?;
        }
        let texts = ProviderAccess { has_initiation_secret: false, ..access };
        let carrier = Provider::Message(message_simulator::PROVIDER);
        context.store.update_provider_access(ws, carrier, &texts).await?;
        let record = carillon_api::first_key_record(&self.api_key, "first start", now);
        context.store.create_api_key(ws, &record).await?;
        let first = self.first_number(now)?;
        context.store.create_caller_number(ws, &self.number_at_retell(&first)?).await?;
        context.store.create_caller_number(ws, &first).await?;
        let first = self.first_assistant(now);
        context.store.create_assistant(ws, &self.assistant_at_retell(&first)).await?;
        context.store.create_assistant(ws, &first).await?;
        let workspace = Workspace {
            concurrent_limit: CONCURRENT_LIMIT,
            language_model: Some(local_model(model, now)),
            ..Workspace::new(ws.clone(), "Carillon".to_owned(), now)
        };
        context.store.create_workspace(&workspace).await?;
        Ok(())
    }

    fn first_number(&self, now: Timestamp) -> Result<CallerNumber, StartError> {
        Ok(CallerNumber {
            id: self.caller_number.clone(),
            version: 1,
            number: parsed(FIRST_NUMBER)?,
            label: Some("Simulated number".to_owned()),
            phone_number_id: self.phone_number_id(),
            provider: elevenlabs::PROVIDER,
            line: Line::Twilio,
            rate_limit_per_minute: Some(DEFAULT_RATE_PER_MINUTE),
            reserved_per_minute: None,
            concurrent_limit: None,
            daily_cap: None,
            sms: Some(SmsSender {
                provider: message_simulator::PROVIDER,
                messaging_service: None,
                message_type: None,
                rate_limit_per_minute: Some(DEFAULT_MESSAGES_PER_MINUTE),
                keywords: KeywordsAnsweredBy::Carillon,
                replies: None,
            }),
            created_at: now,
            updated_at: now,
        })
    }

    fn first_assistant(&self, now: Timestamp) -> Assistant {
        Assistant {
            id: self.assistant.clone(),
            version: 1,
            name: "Robin".to_owned(),
            provider: elevenlabs::PROVIDER,
            agent_id: "agent_local".to_owned(),
            status: AssistantStatus::Active,
            caller_number_ids: vec![self.caller_number.clone()],
            prompt_template: None,
            language: Some("en".to_owned()),
            variables: BTreeMap::new(),
            paired_assistant_id: None,
            created_at: now,
            updated_at: now,
        }
    }

    fn number_at_retell(&self, first: &CallerNumber) -> Result<CallerNumber, StartError> {
        Ok(CallerNumber {
            id: self.retell_number(),
            number: parsed(RETELL_NUMBER)?,
            label: Some("Simulated number at Retell".to_owned()),
            phone_number_id: RETELL_NUMBER.to_owned(),
            provider: retell::PROVIDER,
            ..first.clone()
        })
    }

    fn assistant_at_retell(&self, first: &Assistant) -> Assistant {
        Assistant {
            id: self.retell_assistant(),
            name: "Robin at Retell".to_owned(),
            provider: retell::PROVIDER,
            agent_id: "agent_local_retell".to_owned(),
            caller_number_ids: vec![self.retell_number()],
            ..first.clone()
        }
    }
}

/// The model that reads simulated conversations, at no cost.
fn local_model(settings: &ModelSettings, now: Timestamp) -> ModelAccess {
    let model = LanguageModel {
        provider: ModelProvider::OpenAi,
        model: settings.model.clone(),
        base_url: None,
        input_price_micros: 0,
        output_price_micros: 0,
    };
    ModelAccess { model, key_name: Some(MODEL_KEY.to_owned()), set_at: now }
}

/// The secrets that we share with the network for one provider.
struct Shared {
    provider: VoiceProvider,
    api_key: Secret,
    webhook_secret: Secret,
    initiation_secret: Secret,
}

impl Shared {
    fn with(network: &NetworkSettings) -> [Self; 2] {
        // Retell signs whatever it sends with the key.
        let retell_key = || Secret::from(network.retell.api_key.clone());
        let elevenlabs = &network.elevenlabs;
        [
            Self {
                provider: elevenlabs::PROVIDER,
                api_key: Secret::from(elevenlabs.api_key.clone()),
                webhook_secret: Secret::from(elevenlabs.webhook_secret.clone()),
                initiation_secret: Secret::from(elevenlabs.initiation_secret.clone()),
            },
            Self {
                provider: retell::PROVIDER,
                api_key: retell_key(),
                webhook_secret: retell_key(),
                initiation_secret: retell_key(),
            },
        ]
    }

    async fn keep(self, context: &Context, ws: &WorkspaceId) -> Result<(), StartError> {
        let (secrets, provider) = (&context.secrets, self.provider);
        secrets.put(&provider_key_name(ws, provider), &self.api_key).await?;
        secrets.put_list(&webhook_secrets_name(ws, provider), &[self.webhook_secret]).await?;
        secrets.put(&initiation_secret_name(ws, provider), &self.initiation_secret).await?;
        Ok(())
    }
}

/// What stands in for random bits in an id that is derived from another.
fn derived(id: &str) -> Entropy {
    let digest = Sha256::digest(format!("{id} at Retell"));
    let mut entropy = Entropy::default();
    entropy.copy_from_slice(&digest[..10]);
    entropy
}

fn parsed(number: &str) -> Result<E164, StartError> {
    number.parse().map_err(|error| StartError::FirstStart(Box::new(error)))
}

/// Writes a file that nobody else may read, whole or not at all.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)
}
