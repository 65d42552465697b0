//! Every kind of id, from one macro and one list.
//!
//! An id is a prefix that names its kind and a body of Crockford base 32. Most bodies are
//! ULIDs: 48 bits of time and 80 bits that the caller draws, so ids sort by creation. A
//! [`LeadId`] is derived instead: the same number in the same campaign is the same lead.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use sha2::{Digest, Sha256};

use crate::base::phone::E164;
use crate::base::subscriber::Subscriber;
use crate::base::time::Timestamp;

/// Random bits for one id; drawn outside the domain.
pub type Entropy = [u8; 10];

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ULID_LEN: usize = 26;
const TIME_LEN: usize = 10;
/// Characters that stand for a number inside a [`LeadId`]: 80 bits.
const NUMBER_HASH_LEN: usize = 16;

/// The text is not an id of the kind that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id of the form {form}")]
pub struct IdError {
    text: String,
    form: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal, $len:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// The whole id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id without its prefix.
            pub fn body(&self) -> &str {
                &self.0[$prefix.len()..]
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let well_formed = text.strip_prefix($prefix).is_some_and(|body| {
                    body.len() == $len && body.bytes().all(|byte| ALPHABET.contains(&byte))
                });
                if well_formed {
                    Ok(Self(text.into()))
                } else {
                    Err(IdError { text: text.to_owned(), form: concat!($prefix, "…") })
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    )*};
}

macro_rules! ulids {
    ($($name:ident)*) => {$(
        impl $name {
            /// A new id from the time and fresh random bits.
            pub fn new(now: Timestamp, entropy: Entropy) -> Self {
                Self(format!("{}{}", Self::PREFIX, ulid(now, entropy)).into())
            }

            /// The time from which it was made.
            pub fn made_at(&self) -> Timestamp {
                let digit = |byte| ALPHABET.iter().position(|letter| *letter == byte).unwrap_or_default();
                let millis = self.body().bytes().take(TIME_LEN).fold(0, |millis, byte| millis << 5 | digit(byte));
                Timestamp::from_millis(i64::try_from(millis).unwrap_or_default())
            }
        }
    )*};
}

ids! {
    WorkspaceId = "ws_", ULID_LEN;
    /// A campaign of a workspace.
    CampaignId = "cmp_", ULID_LEN;
    /// A person's place in one campaign; derived from the campaign and the number that they came with.
    LeadId = "lead_", ULID_LEN + NUMBER_HASH_LEN;
    AssistantId = "ast_", ULID_LEN;
    /// A number of ours that we dial from.
    CallerNumberId = "num_", ULID_LEN;
    /// One dial to one number of one lead.
    AttemptId = "att_", ULID_LEN;
    /// The record of an attempt; same body as the attempt's id.
    InteractionId = "int_", ULID_LEN;
    /// A top-up of a workspace's credits.
    TopUpId = "top_", ULID_LEN;
    /// One file of leads on its way in.
    ImportId = "imp_", ULID_LEN;
    /// Something that happened; derived from what changed and its version.
    EventId = "evt_", ULID_LEN;
    KeyId = "key_", ULID_LEN;
    AuditId = "aud_", ULID_LEN;
    /// What goes on in the background on behalf of somebody.
    JobId = "job_", ULID_LEN;
    /// A person in a workspace's address book.
    ContactId = "con_", ULID_LEN;
    ContactListId = "lst_", ULID_LEN;
    /// An address of a customer's to which events are delivered.
    WebhookEndpointId = "whe_", ULID_LEN;
    /// One event on its way to one endpoint; derived from both, but for a replay.
    DeliveryId = "dlv_", ULID_LEN;
    /// An event of a provider that waits for a person; derived from what was sent.
    UnreadEventId = "unr_", NUMBER_HASH_LEN;
}

ulids! {
    WorkspaceId CampaignId AssistantId CallerNumberId AttemptId ImportId TopUpId EventId KeyId AuditId JobId
    ContactId ContactListId WebhookEndpointId DeliveryId
}

impl UnreadEventId {
    /// The one event that these bytes are.
    pub fn derive(raw_body: &[u8]) -> Self {
        Self(format!("{}{}", Self::PREFIX, base32(&Sha256::digest(raw_body))).into())
    }
}

impl LeadId {
    /// Characters of the part that stands for the number.
    pub const HASH_LEN: usize = NUMBER_HASH_LEN;

    /// The lead of a campaign whose number has this hash.
    ///
    /// # Errors
    /// [`IdError`] if no number has it.
    pub fn of_hash(campaign: &CampaignId, hash: &str) -> Result<Self, IdError> {
        format!("{}{}{hash}", Self::PREFIX, campaign.body()).parse()
    }

    /// The one lead that this number, in whatever form it is written, can be in this campaign.
    pub fn derive(campaign: &CampaignId, number: &E164) -> Self {
        Self::after(0, campaign, number)
    }

    /// The same once so many leads that came with the number have given it up: their ids stay theirs.
    pub fn after(leads: u8, campaign: &CampaignId, number: &E164) -> Self {
        let number = Subscriber::of(number).spelling();
        let mut digest = Sha256::new_with_prefix(campaign.as_str());
        digest.update(" ");
        digest.update(number.as_str());
        if leads > 0 {
            digest.update(format!(" {leads}"));
        }
        let digest = digest.finalize();
        let hash = base32(&digest[..10]);
        Self([Self::PREFIX, campaign.body(), &hash].concat().into())
    }

    /// The campaign that the lead belongs to; an id says it by itself.
    pub fn campaign(&self) -> CampaignId {
        CampaignId(format!("{}{}", CampaignId::PREFIX, &self.body()[..ULID_LEN]).into())
    }

    /// The part that stands for the number.
    pub fn number_hash(&self) -> &str {
        &self.body()[ULID_LEN..]
    }
}

impl ImportId {
    /// The import of one event of the bucket: a redelivered event is the same import.
    pub fn derive(bucket_key: &str, sequencer: &str, at: Timestamp) -> Self {
        Self::new(at, digest(&format!("{bucket_key}\n{sequencer}")))
    }
}

impl ContactId {
    /// The contact of one row of a file: the same row again is the same contact, and ids sort as the rows do.
    pub fn derive(import: &ImportId, row: u64) -> Self {
        let mut entropy = digest(import.as_str());
        // 40 bits for the row, and as many to tell files of one moment apart.
        entropy[..5].copy_from_slice(&row.to_be_bytes()[3..]);
        Self::new(import.made_at(), entropy)
    }
}

impl ContactListId {
    /// The list that a file makes: the same file again is the same list.
    pub fn derive(import: &ImportId) -> Self {
        Self::new(import.made_at(), digest(import.as_str()))
    }
}

impl JobId {
    /// The job that fetches the recording of a call: there is one for each call.
    pub fn of_recording(interaction: &InteractionId) -> Self {
        Self(format!("{}{}", Self::PREFIX, interaction.body()).into())
    }
}

impl EventId {
    /// The event of this name of one version of an entity.
    pub fn derive(entity: &str, version: u64, name: &str, at: Timestamp) -> Self {
        Self::new(at, digest(&format!("{entity} {version} {name}")))
    }

    /// The part that tells it from others of the same moment.
    pub fn digest(&self) -> &str {
        &self.body()[TIME_LEN..]
    }
}

impl DeliveryId {
    /// The delivery of an event to an endpoint: the same event again is the same delivery.
    pub fn derive(endpoint: &WebhookEndpointId, event: &EventId) -> Self {
        Self::new(event.made_at(), digest(&format!("{endpoint} {event}")))
    }

    /// The delivery by which a job repeats another: the same for the same, and they sort as the first ones do.
    pub fn replayed(job: &JobId, first: &Self) -> Self {
        let mut entropy = digest(&format!("{job} {first}"));
        entropy[..5].copy_from_slice(&first.made_at().as_millis().to_be_bytes()[3..]);
        Self::new(job.made_at(), entropy)
    }

    /// Behind all deliveries of events before a moment.
    pub fn from(moment: Timestamp) -> Self {
        Self::new(moment.plus_ms(-1), [u8::MAX; 10])
    }

    /// Behind all deliveries of events up to a moment.
    pub fn until(moment: Timestamp) -> Self {
        Self::new(moment, [u8::MAX; 10])
    }
}

/// What stands in for random bits in an id that is derived.
fn digest(text: &str) -> Entropy {
    let digest = Sha256::digest(text);
    let mut entropy = Entropy::default();
    entropy.copy_from_slice(&digest[..10]);
    entropy
}

impl InteractionId {
    /// The interaction that records this attempt.
    pub fn of(attempt: &AttemptId) -> Self {
        Self(format!("{}{}", Self::PREFIX, attempt.body()).into())
    }

    /// The attempt that this interaction records.
    pub fn attempt(&self) -> AttemptId {
        AttemptId(format!("{}{}", AttemptId::PREFIX, self.body()).into())
    }
}

/// A ULID (github.com/ulid/spec): 48 bits of milliseconds, 80 bits of randomness.
fn ulid(now: Timestamp, entropy: Entropy) -> String {
    let millis = u64::try_from(now.as_millis()).unwrap_or_default();
    let mut text = String::with_capacity(ULID_LEN);
    for place in (0..TIME_LEN).rev() {
        let digit = (millis >> (place * 5)) & 31;
        text.push(char::from(ALPHABET[usize::try_from(digit).unwrap_or_default()]));
    }
    text.push_str(&base32(&entropy));
    text
}

/// Crockford base 32 of ten bytes: sixteen characters.
fn base32(bytes: &[u8]) -> String {
    let bits = bytes.iter().take(10).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let mut text = String::with_capacity(NUMBER_HASH_LEN);
    for place in (0..NUMBER_HASH_LEN).rev() {
        let digit = (bits >> (place * 5)) & 31;
        text.push(char::from(ALPHABET[usize::try_from(digit).unwrap_or_default()]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn campaign() -> CampaignId {
        CampaignId::new(Timestamp::from_millis(1_469_918_176_385), [7; 10])
    }

    #[test]
    fn a_ulid_spells_its_time_as_the_specification_does() {
        // The example of github.com/ulid/spec: 1469918176385 ms is 01ARYZ6S41.
        assert!(campaign().body().starts_with("01ARYZ6S41"));
        assert_eq!(campaign().made_at(), Timestamp::from_millis(1_469_918_176_385));
    }

    #[test]
    fn a_lead_is_found_again_by_its_number_and_knows_its_campaign() {
        let number: E164 = "+4915112345678".parse().expect("a number");
        let other: E164 = "+4915112345679".parse().expect("a number");
        let lead = LeadId::derive(&campaign(), &number);
        assert_eq!(lead, LeadId::derive(&campaign(), &number));
        assert_ne!(lead, LeadId::derive(&campaign(), &other));
        assert_ne!(lead, LeadId::after(1, &campaign(), &number));
        assert_eq!(lead.campaign(), campaign());
        assert_eq!(lead.as_str().parse(), Ok(lead));
    }

    /// A form that has ended is the lead of today's; the text is what stored ids were made of.
    #[test]
    fn the_forms_of_a_number_are_one_lead_under_the_id_of_todays() {
        for (today, ended) in [
            ("+5511995550123", "+551195550123"),
            ("+525550123456", "+5215550123456"),
            ("+2290190011234", "+22990011234"),
            ("+541155550123", "+5491155550123"),
        ] {
            let hash = base32(&Sha256::digest(format!("{} {today}", campaign()))[..10]);
            for form in [today, ended] {
                let lead = LeadId::derive(&campaign(), &form.parse().expect("a number"));
                assert_eq!(lead.number_hash(), hash, "{form}");
            }
        }
    }

    #[test]
    fn contacts_of_a_file_sort_as_its_rows_do() {
        let [one, other] = [1, 2].map(|n| ImportId::new(Timestamp::from_millis(5), [n; 10]));
        let ids = [1, 2, 255, 256, 1_000_000].map(|row| ContactId::derive(&one, row));
        assert!(ids.is_sorted() && ids[0] == ContactId::derive(&one, 1));
        assert_ne!(ids[0], ContactId::derive(&other, 1));
    }

    #[test]
    fn an_id_of_another_kind_is_refused_by_name() {
        let error = campaign().as_str().parse::<LeadId>().expect_err("another kind");
        assert!(error.to_string().contains("lead_"));
        assert!("cmp_01aryz6s41".parse::<CampaignId>().is_err());
    }

    #[test]
    fn attempt_and_interaction_are_two_sides_of_one_thing() {
        let attempt = AttemptId::new(Timestamp::from_millis(5), [1; 10]);
        assert_eq!(InteractionId::of(&attempt).attempt(), attempt);
    }
}
