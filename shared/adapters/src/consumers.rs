//! Who takes events: a closed list. Each may get an event again; its id and its number stay the same.

#[cfg(feature = "aws")]
mod event_bus;
#[cfg(feature = "local")]
mod event_log;

use std::error::Error;

use carillon_domain::reporting::events::PublishedEvent;

#[cfg(feature = "aws")]
pub use event_bus::EventBus;
#[cfg(feature = "local")]
pub use event_log::EventLog;

#[derive(Debug, Clone)]
pub enum Consumer {
    /// A bus of Amazon EventBridge, for rules of the account's own.
    #[cfg(feature = "aws")]
    EventBus(EventBus),
    /// A file of this machine.
    #[cfg(feature = "local")]
    EventLog(EventLog),
}

impl Consumer {
    /// Hands over events, in their order. Answers with those that this consumer will never take.
    ///
    /// # Errors
    /// [`ConsumerError`] if it does not answer; it may have taken some of them.
    #[cfg_attr(
        not(any(feature = "aws", feature = "local")),
        allow(unused_variables, reason = "nobody to hand to")
    )]
    pub async fn take(&self, events: &[PublishedEvent]) -> Result<Vec<Refused>, ConsumerError> {
        match *self {
            #[cfg(feature = "aws")]
            Self::EventBus(ref bus) => bus.put(events).await,
            #[cfg(feature = "local")]
            Self::EventLog(ref log) => log.append(events).map(|()| Vec::new()),
        }
    }
}

/// An event that a consumer will never take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its place among those that were handed over.
    pub index: usize,
    pub reason: String,
}

#[derive(Debug, thiserror::Error)]
#[error("{consumer} does not take events")]
pub struct ConsumerError {
    consumer: String,
    #[source]
    source: Box<dyn Error + Send + Sync>,
}
