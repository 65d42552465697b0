//! One client for every provider of text messages.

#[cfg(feature = "local")]
use std::{fmt::Debug, future::Future, pin::Pin, sync::Arc};

use carillon_domain::base::call::{Inquiry, Placement};
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::message::{MessageOrder, MessageProvider, MessageRefusal, ReplyOrder};
use carillon_domain::base::outcome::{MessageOutcome, MessageReport};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;

#[cfg(feature = "aws")]
use super::aws::EndUserMessagingClient;
use super::aws::{self, EndUserMessaging};
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
    aws: EndUserMessaging,
}

/// Where it is told what becomes of a text.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// Whose it is: who tells by a queue brings the name back.
    pub workspace: &'a WorkspaceId,
    /// The address to which the others tell it.
    pub url: &'a str,
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

/// Some of those who have opted out with a provider.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OptedOutPage {
    pub numbers: Vec<E164>,
    /// How many stand there that are no numbers of ours: nobody can call them.
    pub unreadable: u64,
    /// Where the rest is asked for; none if this is all.
    pub next: Option<String>,
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

    /// Who has opted out; nobody tells unless it says so.
    fn opted_out<'a>(
        &'a self,
        _list: &'a str,
        _after: Option<&'a str>,
    ) -> Pin<Box<dyn Future<Output = Result<OptedOutPage, InquiryError>> + Send + 'a>> {
        Box::pin(async { Err(InquiryError::NobodyToAsk) })
    }

    /// Sends what answers a text; nobody does unless it says so.
    fn reply<'a>(
        &'a self,
        _: &'a ReplyOrder,
    ) -> Pin<Box<dyn Future<Output = Placement<MessageRefusal>> + Send + 'a>> {
        Box::pin(async { answers_by_itself() })
    }
}

impl Sms {
    /// Providers over HTTP, each at its own address unless `address_of` has another. `http` is a client as
    /// [`http_client`](crate::provider::http_client) makes it: it asks once.
    pub fn http(http: reqwest::Client, address_of: impl Fn(MessageProvider) -> Option<String>) -> Self {
        let twilio = Twilio::new(http, address_of(MessageProvider::Twilio));
        Self::Http(Providers { twilio, aws: EndUserMessaging::Absent })
    }

    /// The same, and AWS through this client.
    #[cfg(feature = "aws")]
    #[must_use]
    pub fn with_aws(self, client: EndUserMessagingClient) -> Self {
        match self {
            Self::Http(providers) => {
                Self::Http(Providers { aws: EndUserMessaging::Service(client), ..providers })
            }
            #[cfg(feature = "local")]
            Self::InProcess(provider) => Self::InProcess(provider),
        }
    }

    /// Whether a provider can be reached from here.
    ///
    /// # Errors
    /// Why it can't.
    pub fn reaches(&self, provider: MessageProvider) -> Result<(), &'static str> {
        match (self, provider) {
            (Self::Http(_), MessageProvider::Twilio) => Ok(()),
            (Self::Http(providers), MessageProvider::Aws) => {
                if providers.aws.is_there() {
                    Ok(())
                } else {
                    Err(aws::ABSENT)
                }
            }
            #[cfg(feature = "local")]
            (Self::InProcess(_), _) => Ok(()),
        }
    }

    /// Sends a text, once. `credentials` are those of the workspace, where the provider wants any.
    pub async fn send(
        &self,
        credentials: &str,
        order: &MessageOrder,
        told: Told<'_>,
    ) -> Placement<MessageRefusal> {
        match (self, order.provider) {
            (Self::Http(providers), MessageProvider::Twilio) => {
                providers.twilio.send(credentials, order, told.url).await
            }
            (Self::Http(providers), MessageProvider::Aws) => providers.aws.send(told.workspace, order).await,
            #[cfg(feature = "local")]
            (Self::InProcess(provider), _) => provider.send(order).await,
        }
    }

    /// Sends what answers a text that came in, once; nothing is told of it.
    pub async fn reply(&self, order: &ReplyOrder) -> Placement<MessageRefusal> {
        match (self, order.provider) {
            (Self::Http(_), MessageProvider::Twilio) => answers_by_itself(),
            (Self::Http(providers), MessageProvider::Aws) => providers.aws.reply(order).await,
            #[cfg(feature = "local")]
            (Self::InProcess(provider), _) => provider.reply(order).await,
        }
    }

    /// Asks who has opted out: some of a provider's list, behind those of an earlier page.
    ///
    /// # Errors
    /// When the provider cannot be asked: Twilio has no such list, it tells of opt-outs only as they come.
    pub async fn opted_out(
        &self,
        provider: MessageProvider,
        list: &str,
        after: Option<&str>,
    ) -> Result<OptedOutPage, InquiryError> {
        match (self, provider) {
            (Self::Http(_), MessageProvider::Twilio) => Err(InquiryError::NobodyToAsk),
            (Self::Http(providers), MessageProvider::Aws) => providers.aws.opted_out(list, after).await,
            #[cfg(feature = "local")]
            (Self::InProcess(provider), _) => provider.opted_out(list, after).await,
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
            (_, MessageProvider::Aws) => Err(InquiryError::NobodyToAsk),
            #[cfg(feature = "local")]
            (Self::InProcess(provider), _) => provider.inquire(sought).await,
        }
    }
}

/// An answer goes back with the provider's own request, and not by a text of its own.
fn answers_by_itself() -> Placement<MessageRefusal> {
    let outcome = MessageRefusal { outcome: MessageOutcome::SenderRefused, request: None };
    Placement::Refused { outcome, reason: "the provider takes answers with its webhooks".to_owned() }
}
