//! What a first start sets up: a workspace, its API key, an assistant with a number, and the
//! secrets that it shares with the simulated network.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use carillon_adapters::random::Random;
use carillon_adapters::secrets::Secret;
use carillon_domain::base::call::Line;
use carillon_domain::base::ids::{AssistantId, CallerNumberId, WorkspaceId};
use carillon_domain::base::provider::Provider;
use carillon_domain::base::time::Timestamp;
use carillon_domain::policy::assistant::{Assistant, AssistantStatus, CallerNumber, DEFAULT_RATE_PER_MINUTE};
use carillon_domain::policy::sms_sender::{DEFAULT_MESSAGES_PER_MINUTE, KeywordsAnsweredBy, SmsSender};
use carillon_domain::records::workspace::Workspace;
use carillon_runtime::context::{Context, initiation_secret_name, provider_key_name, webhook_secrets_name};
use carillon_store::ProviderAccess;
use serde::{Deserialize, Serialize};

use crate::message_simulator::{self, MessageSettings};
use crate::provider_simulator::{NetworkSettings, PROVIDER};
use crate::start_error::StartError;
use crate::table::TABLE_FILE;

/// The caller number of the first start; reserved for fiction (Ofcom).
const FIRST_NUMBER: &str = "+442079460999";
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

    /// Puts everything in place that is not there yet; a start that was cut short is made up for.
    pub(crate) async fn set_up(
        &self,
        context: &Context,
        network: &NetworkSettings,
        messages: &MessageSettings,
        now: Timestamp,
    ) -> Result<(), StartError> {
        let ws = &self.workspace;
        let account = Secret::from(format!("{}:{}", messages.account, messages.auth_token));
        context.secrets.put(&provider_key_name(ws, message_simulator::PROVIDER), &account).await?;
        let token = [Secret::from(messages.auth_token.clone())];
        context.secrets.put_list(&webhook_secrets_name(ws, message_simulator::PROVIDER), &token).await?;
        context.secrets.put(&provider_key_name(ws, PROVIDER), &Secret::from(network.api_key.clone())).await?;
        let webhook_secrets = [Secret::from(network.webhook_secret.clone())];
        context.secrets.put_list(&webhook_secrets_name(ws, PROVIDER), &webhook_secrets).await?;
        context
            .secrets
            .put(&initiation_secret_name(ws, PROVIDER), &Secret::from(network.initiation_secret.clone()))
            .await?;
        let access = ProviderAccess {
            version: 1,
            webhook_secrets: 1,
            has_initiation_secret: true,
            set_at: Some(now),
            held_until: None,
        };
        context.store.update_provider_access(ws, Provider::Voice(PROVIDER), &access).await?;
        let texts = ProviderAccess { has_initiation_secret: false, ..access };
        let carrier = Provider::Message(message_simulator::PROVIDER);
        context.store.update_provider_access(ws, carrier, &texts).await?;
        let record = carillon_api::first_key_record(&self.api_key, "first start", now);
        context.store.create_api_key(ws, &record).await?;
        context.store.create_caller_number(ws, &self.first_number(now)?).await?;
        context.store.create_assistant(ws, &self.first_assistant(now)).await?;
        let workspace = Workspace {
            concurrent_limit: CONCURRENT_LIMIT,
            ..Workspace::new(ws.clone(), "Carillon".to_owned(), now)
        };
        context.store.create_workspace(&workspace).await?;
        Ok(())
    }

    fn first_number(&self, now: Timestamp) -> Result<CallerNumber, StartError> {
        Ok(CallerNumber {
            id: self.caller_number.clone(),
            version: 1,
            number: FIRST_NUMBER.parse().map_err(|error| StartError::FirstStart(Box::new(error)))?,
            label: Some("Simulated number".to_owned()),
            phone_number_id: self.phone_number_id(),
            provider: PROVIDER,
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
            provider: PROVIDER,
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
