//! One client for every provider of text messages.

#[cfg(feature = "local")]
use std::{fmt::Debug, future::Future, pin::Pin, sync::Arc};

use carillon_domain::base::call::{Inquiry, Placement};
use carillon_domain::base::message::{MessageOrder, MessageProvider, MessageRefusal};
use carillon_domain::base::outcome::MessageReport;
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;

use super::twilio::Twilio;
use crate::provider::InquiryError;

#[derive(Debug, Clone)]
pub enum Sms {
    Http(Providers),
    /// In this process: for simulations, which have neither sockets nor a machine's clock.
    #[cfg(feature = "local")]
    InProcess(Arc<dyn SmsInProcess>),
}

#[derive(Debug, Clone)]
pub struct Providers {
    twilio: Twilio,
}

/// A text of which is asked what became of it.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    pub from: &'a E164,
    pub to: &'a E164,
    /// What it says, if that is known.
    pub text: Option<&'a str>,
    pub sent_at: Timestamp,
}

/// What stands in for every provider where [`Sms::InProcess`] is used.
#[cfg(feature = "local")]
pub trait SmsInProcess: Debug + Send + Sync {
    fn send<'a>(
        &'a self,
        order: &'a MessageOrder,
    ) -> Pin<Box<dyn Future<Output = Placement<MessageRefusal>> + Send + 'a>>;

    fn inquire<'a>(
        &'a self,
        sought: Sought<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<Inquiry<MessageReport>, InquiryError>> + Send + 'a>>;
}

impl Sms {
    /// Providers over HTTP, each at its own address unless `address_of` has another. `http` is a client as
    /// [`http_client`](crate::provider::http_client) makes it: it asks once.
    pub fn http(http: reqwest::Client, address_of: impl Fn(MessageProvider) -> Option<String>) -> Self {
        Self::Http(Providers { twilio: Twilio::new(http, address_of(MessageProvider::Twilio)) })
    }

    /// Sends a text, once; the provider tells `status_url` what becomes of it.
    pub async fn send(
        &self,
        credentials: &str,
        order: &MessageOrder,
        status_url: &str,
    ) -> Placement<MessageRefusal> {
        match (self, order.provider) {
            (Self::Http(providers), MessageProvider::Twilio) => {
                providers.twilio.send(credentials, order, status_url).await
            }
            #[cfg(feature = "local")]
            (Self::InProcess(provider), _) => provider.send(order).await,
        }
    }

    /// Asks what became of a text.
    ///
    /// # Errors
    /// When the provider cannot be asked, or its answer leaves it open.
    pub async fn inquire(
        &self,
        provider: MessageProvider,
        credentials: &str,
        sought: Sought<'_>,
    ) -> Result<Inquiry<MessageReport>, InquiryError> {
        match (self, provider) {
            (Self::Http(providers), MessageProvider::Twilio) => {
                providers.twilio.inquire(credentials, sought).await
            }
            #[cfg(feature = "local")]
            (Self::InProcess(provider), _) => provider.inquire(sought).await,
        }
    }
}
