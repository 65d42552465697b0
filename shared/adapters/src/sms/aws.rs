//! AWS End User Messaging SMS, in the account that our functions run in and with their role.
//!
//! The facts are those of the service's model (`pinpoint-sms-voice-v2`, 2022-03-31) and of its user guide. A text carries
//! the names of its workspace, attempt and lead as its context, and each event gives them back.

#[cfg(test)]
mod arbitrary;
#[cfg(feature = "aws")]
mod client;
pub mod notice;
#[cfg(feature = "aws")]
mod opt_outs;
mod outcome;
#[cfg(any(test, feature = "aws"))]
mod refusal;

use carillon_domain::base::call::Placement;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::message::{MessageOrder, MessageRefusal, ReplyOrder};
use carillon_domain::base::outcome::MessageOutcome;

use crate::provider::InquiryError;
use crate::sms::OptedOutPage;

#[cfg(feature = "aws")]
pub use client::{EndUserMessagingClient, once};

/// What a text carries, and an event brings back.
const WORKSPACE: &str = "workspace";
const ATTEMPT: &str = "attempt";
const LEAD: &str = "lead";

/// Why it can't be reached where it is absent.
pub(super) const ABSENT: &str = "this installation sends no texts through AWS: it does not run there, or its parameter TextsThroughAws is off";

/// The service, where there is one.
#[derive(Debug, Clone)]
pub(super) enum EndUserMessaging {
    #[cfg(feature = "aws")]
    Service(EndUserMessagingClient),
    Absent,
}

impl EndUserMessaging {
    pub(super) const fn is_there(&self) -> bool {
        match self {
            #[cfg(feature = "aws")]
            Self::Service(_) => true,
            Self::Absent => false,
        }
    }

    #[cfg_attr(not(feature = "aws"), expect(unused_variables, reason = "nobody is there to take them"))]
    pub(super) async fn send(&self, ws: &WorkspaceId, order: &MessageOrder) -> Placement<MessageRefusal> {
        match self {
            #[cfg(feature = "aws")]
            Self::Service(client) => client.send(ws, order).await,
            Self::Absent => absent(),
        }
    }

    #[cfg_attr(not(feature = "aws"), expect(unused_variables, reason = "nobody is there to take it"))]
    pub(super) async fn reply(&self, order: &ReplyOrder) -> Placement<MessageRefusal> {
        match self {
            #[cfg(feature = "aws")]
            Self::Service(client) => client.reply(order).await,
            Self::Absent => absent(),
        }
    }
}

impl EndUserMessaging {
    #[cfg_attr(not(feature = "aws"), expect(unused_variables, reason = "nobody is there to be asked"))]
    pub(super) async fn opted_out(
        &self,
        list: &str,
        after: Option<&str>,
    ) -> Result<OptedOutPage, InquiryError> {
        match self {
            #[cfg(feature = "aws")]
            Self::Service(client) => client.opted_out(list, after).await,
            Self::Absent => Err(InquiryError::NobodyToAsk),
        }
    }
}

fn absent() -> Placement<MessageRefusal> {
    let outcome = MessageRefusal { outcome: MessageOutcome::SenderRefused, request: None };
    Placement::Refused { outcome, reason: ABSENT.to_owned() }
}
