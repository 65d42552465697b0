//! What stands in the table, as the judges and the planted bugs read it.

use std::str::FromStr;

use carillon_domain::base::ids::LeadId;
use carillon_domain::base::phone::E164;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::policy::rate_limit::RateStates;
use carillon_domain::records::active_attempt::{ActiveAttempt, CallRequest};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::job::{Job, JobResult};
use carillon_domain::records::lead::Lead;
use carillon_domain::records::number_record::NumberRecord;
use carillon_store::table::Key;
use carillon_store::table::{Action, AttributeValue, Change, Item, ItemWrite};
use serde::de::DeserializeOwned;

/// What kind of item a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Attempt,
    Request,
    Lead,
    NumberRecord,
    Listing,
    Interaction,
    Campaign,
    Plan,
    Failures,
    Counters,
    Spent,
    CallerNumber,
    Job,
    Results,
    Other,
}

impl Kind {
    pub(crate) fn of(key: &Key) -> Self {
        let mut parts = key.pk.split('#').skip(1);
        match (parts.next(), parts.next(), key.sk.as_str()) {
            (Some("active_attempts"), _, sk) if sk.starts_with("request#") => Self::Request,
            (Some("active_attempts"), ..) => Self::Attempt,
            (Some("campaigns"), ..) => Self::Campaign,
            (Some("plan"), _, "plan") => Self::Plan,
            (Some("plan"), _, sk) if sk.starts_with("failures#") => Self::Failures,
            (Some("jobs"), ..) => Self::Job,
            (Some(_), Some("results"), _) => Self::Results,
            (Some("voices"), _, sk) if sk.starts_with("num_") => Self::CallerNumber,
            (Some("number"), _, "record") => Self::NumberRecord,
            (Some("list"), ..) => Self::Listing,
            (Some(int), None, "record") if int.starts_with("int_") => Self::Interaction,
            (Some("credits"), _, "spent") => Self::Spent,
            (Some(_), Some("leads"), _) => Self::Lead,
            (Some(_), Some("counters"), _) => Self::Counters,
            _ => Self::Other,
        }
    }

    /// Whether the index holds some of them, and functions look there.
    pub(crate) const fn is_indexed(self) -> bool {
        matches!(self, Self::Lead | Self::Plan | Self::Job)
    }
}

/// Something that was written, for whoever judges it.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "few at a time, and none is moved often")]
pub(crate) enum Written {
    Attempt(ActiveAttempt),
    AttemptRemoved(E164),
    Request(CallRequest),
    RequestRemoved(LeadId),
    Lead(Lead),
    LeadRemoved(LeadId),
    NumberRecord(NumberRecord),
    Listed(ListName, E164),
    Unlisted(ListName, E164),
    Interaction(Interaction),
    Campaign(Campaign),
    RateStates(RateStates),
    Job(Job),
    Results(Vec<JobResult>),
}

impl Written {
    /// What a write that was done comes to; none if nobody judges it.
    pub(crate) fn of(write: &ItemWrite) -> Option<Self> {
        let key = write.key();
        Some(match (&write.action, Kind::of(&key)) {
            (Action::Put(item), Kind::Attempt) => Self::Attempt(decoded(item)),
            (Action::Delete(_), Kind::Attempt) => {
                Self::AttemptRemoved(read(key.sk.split_once('#').map(|(_, it)| it)))
            }
            (Action::Put(item), Kind::Request) => Self::Request(decoded(item)),
            (Action::Delete(_), Kind::Request) => {
                Self::RequestRemoved(read(key.sk.split_once('#').map(|(_, it)| it)))
            }
            // A further number points to its lead; what has an id besides is the tombstone of a lead.
            (Action::Put(item), Kind::Lead) if item.contains_key("points_to") => {
                return item.contains_key("id").then(|| Self::LeadRemoved(read(Some(&key.sk))));
            }
            (Action::Put(item), Kind::Lead) => Self::Lead(decoded(item)),
            (Action::Delete(_), Kind::Lead) => Self::LeadRemoved(read(Some(&key.sk))),
            (Action::Put(item), Kind::Job) => Self::Job(decoded(item)),
            (Action::Put(item), Kind::Results) => {
                let mut item = item.clone();
                Self::Results(item.remove("results").map(value).expect("the store wrote it"))
            }
            (Action::Put(item), Kind::NumberRecord) => Self::NumberRecord(decoded(item)),
            (Action::Put(_), Kind::Listing) => {
                Self::Listed(read(key.pk.split('#').nth(2)), read(Some(&key.sk)))
            }
            (Action::Delete(_), Kind::Listing) => {
                Self::Unlisted(read(key.pk.split('#').nth(2)), read(Some(&key.sk)))
            }
            (Action::Put(item), Kind::Interaction) => Self::Interaction(decoded(item)),
            (Action::Put(item), Kind::Campaign) => Self::Campaign(decoded(item)),
            (Action::Update(_, changes), Kind::Plan) => {
                Self::RateStates(changes.iter().find_map(|change| match change {
                    Change::Set("rate_states", value) => Some(self::value(value.clone())),
                    _ => None,
                })?)
            }
            (
                Action::Update(..),
                Kind::Attempt | Kind::Lead | Kind::Interaction | Kind::Campaign | Kind::NumberRecord,
            ) => unreachable!("judges read whole items only: {key:?}"),
            _ => return None,
        })
    }
}

fn value<T: DeserializeOwned>(value: AttributeValue) -> T {
    serde_dynamo::from_attribute_value(value).expect("the store wrote it")
}

/// What a part of a key says.
fn read<T: FromStr>(part: Option<&str>) -> T {
    part.and_then(|part| part.parse().ok()).expect("the store wrote it")
}

/// The workspace of an item.
pub(crate) fn workspace_of(key: &Key) -> &str {
    key.pk.split('#').next().unwrap_or_default()
}

/// The entity in an item that the store wrote.
pub(crate) fn decoded<T: DeserializeOwned>(item: &Item) -> T {
    serde_dynamo::from_item(item.clone()).expect("the store wrote it")
}
