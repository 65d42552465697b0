//! One client for every provider.

#[cfg(feature = "local")]
use std::{fmt::Debug, future::Future, pin::Pin, sync::Arc};

use carillon_domain::base::call::{
    CallOrder, Inquiry, Placement, ProviderCallId, ProviderRecord, VoiceEvent, VoiceProvider, VoicemailOrder,
};
use carillon_domain::base::ids::AttemptId;
use carillon_domain::base::message::MessageProvider;
use carillon_domain::base::provider::Provider;
use carillon_domain::base::time::Timestamp;

use super::download::Download;
use super::elevenlabs::ElevenLabs;
use super::own_twilio::{CallAddresses, Leg, OwnTwilio};
use super::retell::Retell;
use crate::provider::InquiryError;

#[derive(Debug, Clone)]
pub enum Voice {
    Http(Providers),
    /// In this process: for simulations, which have neither sockets nor a machine's clock.
    #[cfg(feature = "local")]
    InProcess(Arc<dyn VoiceInProcess>),
}

#[derive(Debug, Clone)]
pub struct Providers {
    elevenlabs: ElevenLabs,
    retell: Retell,
    own_twilio: OwnTwilio,
}

/// A call of which is asked what became of it.
#[derive(Debug, Clone, Copy)]
pub struct SoughtCall<'a> {
    pub provider: VoiceProvider,
    pub attempt: &'a AttemptId,
    pub placed_at: Timestamp,
    pub now: Timestamp,
    /// The call itself, where our own account placed it.
    pub leg: Option<Leg<'a>>,
}

/// What stands in for every provider where [`Voice::InProcess`] is used.
#[cfg(feature = "local")]
pub trait VoiceInProcess: Debug + Send + Sync {
    fn place<'a>(&'a self, order: &'a CallOrder) -> Pin<Box<dyn Future<Output = Placement> + Send + 'a>>;

    fn inquire<'a>(
        &'a self,
        sought: SoughtCall<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<Inquiry, InquiryError>> + Send + 'a>>;

    fn look_up<'a>(
        &'a self,
        provider: VoiceProvider,
        call: &'a ProviderCallId,
        now: Timestamp,
    ) -> Pin<Box<dyn Future<Output = Result<Option<VoiceEvent>, InquiryError>> + Send + 'a>>;
}

impl Voice {
    /// Providers over HTTP, each at its own address unless `address_of` has another.
    ///
    /// `http` must neither follow redirects nor try again by itself, or a person may be called
    /// twice: [`http_client`](crate::provider::http_client) makes such a client.
    pub fn http(http: reqwest::Client, address_of: impl Fn(Provider) -> Option<String>) -> Self {
        Self::Http(Providers {
            elevenlabs: ElevenLabs::new(http.clone(), address_of(VoiceProvider::ElevenLabs.into())),
            retell: Retell::new(http.clone(), address_of(VoiceProvider::Retell.into())),
            own_twilio: OwnTwilio::new(http, address_of(MessageProvider::Twilio.into())),
        })
    }

    /// Asks for a call, once. May take until the person picks up.
    pub async fn place(&self, api_key: &str, order: &CallOrder) -> Placement {
        match (self, order.provider) {
            (Self::Http(providers), VoiceProvider::ElevenLabs) => {
                providers.elevenlabs.place(api_key, order).await
            }
            (Self::Http(providers), VoiceProvider::Retell) => providers.retell.place(api_key, order).await,
            #[cfg(feature = "local")]
            (Self::InProcess(provider), _) => provider.place(order).await,
        }
    }

    /// Places a call with our own account at the carrier, once: it turns to these addresses of ours about it.
    pub async fn place_ourselves(
        &self,
        credentials: &str,
        order: &CallOrder,
        addresses: &CallAddresses,
    ) -> Placement {
        match self {
            Self::Http(providers) => providers.own_twilio.place(credentials, order, addresses).await,
            #[cfg(feature = "local")]
            Self::InProcess(provider) => provider.place(order).await,
        }
    }

    /// Asks the provider for the agent of a call that our own account has placed and somebody has answered: what the
    /// carrier is to be answered (TwiML). In this process no such call is placed.
    ///
    /// # Errors
    /// When the provider cannot be asked, or its answer connects nobody.
    pub async fn register(&self, api_key: &str, order: &CallOrder) -> Result<String, InquiryError> {
        match (self, order.provider) {
            (Self::Http(providers), VoiceProvider::ElevenLabs) => {
                providers.elevenlabs.register(api_key, order).await
            }
            (Self::Http(_), VoiceProvider::Retell) => Err(InquiryError::NoAgent),
            #[cfg(feature = "local")]
            (Self::InProcess(_), _) => Err(InquiryError::NoAgent),
        }
    }

    /// Ends a call of this order that our own account has placed, once a text is said if there is one. In this process there
    /// is none.
    ///
    /// # Errors
    /// When the carrier cannot be asked, or refuses.
    pub async fn end_call(
        &self,
        credentials: &str,
        call: &ProviderCallId,
        order: &CallOrder,
        end: &VoicemailOrder,
    ) -> Result<(), InquiryError> {
        match self {
            Self::Http(providers) => providers.own_twilio.end(credentials, call, order, end).await,
            #[cfg(feature = "local")]
            Self::InProcess(_) => Ok(()),
        }
    }

    /// Asks what became of an attempt: the provider, and the carrier where our own account placed the call and the
    /// provider knows nothing of it.
    ///
    /// Providers list a call with some delay: [`Inquiry::NotFound`] right after the dial does
    /// not mean that there is none.
    ///
    /// # Errors
    /// When the provider cannot be asked, or its answer leaves it open.
    pub async fn inquire(&self, api_key: &str, sought: SoughtCall<'_>) -> Result<Inquiry, InquiryError> {
        let SoughtCall { attempt, placed_at, now, .. } = sought;
        let providers = match self {
            Self::Http(providers) => providers,
            #[cfg(feature = "local")]
            Self::InProcess(voice) => return voice.inquire(sought).await,
        };
        let known = match sought.provider {
            VoiceProvider::ElevenLabs => providers.elevenlabs.inquire(api_key, attempt, placed_at).await?,
            VoiceProvider::Retell => providers.retell.inquire(api_key, attempt).await?,
        };
        match (known, sought.leg) {
            (Inquiry::NotFound, Some(leg)) => providers.own_twilio.inquire(leg, placed_at, now).await,
            (known, _) => Ok(known),
        }
    }

    /// Asks what became of a call by the provider's own id of it, whoever's it is: its end, as the provider's
    /// event would tell it now; none if it is not over.
    ///
    /// # Errors
    /// When the provider cannot be asked, or its answer leaves it open.
    pub async fn look_up(
        &self,
        provider: VoiceProvider,
        api_key: &str,
        call: &ProviderCallId,
        now: Timestamp,
    ) -> Result<Option<VoiceEvent>, InquiryError> {
        match (self, provider) {
            (Self::Http(providers), VoiceProvider::ElevenLabs) => {
                providers.elevenlabs.look_up(api_key, call, now).await
            }
            (Self::Http(providers), VoiceProvider::Retell) => {
                providers.retell.look_up(api_key, call, now).await
            }
            #[cfg(feature = "local")]
            (Self::InProcess(voice), _) => voice.look_up(provider, call, now).await,
        }
    }

    /// Begins to fetch the recording of a call; none if the provider has none. In this process there are none.
    ///
    /// # Errors
    /// When the provider cannot be asked, or what it answers is no recording.
    pub async fn recording(
        &self,
        record: &ProviderRecord,
        api_key: &str,
    ) -> Result<Option<Download>, InquiryError> {
        match (self, record.provider) {
            (Self::Http(providers), VoiceProvider::ElevenLabs) => {
                providers.elevenlabs.recording(api_key, &record.call).await
            }
            (Self::Http(providers), VoiceProvider::Retell) => {
                providers.retell.recording(api_key, &record.call).await
            }
            #[cfg(feature = "local")]
            (Self::InProcess(_), _) => Ok(None),
        }
    }
}
