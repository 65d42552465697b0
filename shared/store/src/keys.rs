//! Every key of the table, on one page.
//!
//! Each key starts with the workspace, but for what is there to find workspaces: numbers that are given to them, and in the
//! index the wake index, open jobs and deliveries. `#` separates the parts; no part contains it.
//!
//! | what | pk | sk |
//! |---|---|---|
//! | workspace | `ws` | `workspace` |
//! | names of do-not-call lists | `ws` | `lists` |
//! | secrets of a provider are set | `ws` | `voice_access#<provider>` |
//! | API key | `ws#keys` | hash |
//! | entry of the audit log | `ws#audit` | `aud` |
//! | planning | `ws#plan` | `plan` |
//! | failures of a campaign or a caller number | `ws#plan` | `failures#cmp`, `failures#num` |
//! | marks of what is empty | `ws#plan` | `empty_partitions` |
//! | campaign | `ws#campaigns` | `cmp` |
//! | assistant | `ws#voices` | `ast` |
//! | caller number | `ws#voices` | `num` |
//! | active attempt | `ws#active_attempts` | `attempt#number` |
//! | requested call | `ws#active_attempts` | `request#lead` |
//! | lead, pointer of a number to one, or tombstone | `ws#cmp#leads#shard` | `lead` |
//! | leads that came together | `ws#cmp#order` | `at#row#lead` |
//! | changes of the search index | `ws#cmp#search` | `change#name` |
//! | file of the search index | `ws#cmp#search` | `file` |
//! | counters | `ws#cmp#counters#shard` | `counters` |
//! | zones | `ws#cmp#zones` | `zones` |
//! | saved mapping | `ws#mappings` | name |
//! | import | `ws#cmp#imports`, `ws#lst#imports` | `imp` |
//! | record of a refusal | `ws#cmp#refusals#shard` | `at#lead` |
//! | rejected rows | `ws#imp#rejected`, `ws#job#rejected` | chunk |
//! | number record | `ws#number#number` | `record` |
//! | whose caller number it is | `ws#number#number` | `caller` |
//! | entry of a do-not-call list | `ws#list#name#shard` | number |
//! | credits | `ws#credits` | `account` |
//! | top-up | `ws#credits` | `top` |
//! | what was spent | `ws#credits#shard` | `spent` |
//! | interaction | `ws#int` | `record` |
//! | transcript | `ws#int` | `transcript` |
//! | what was found in a call | `ws#int` | `analysis` |
//! | what is known of a recording | `ws#int` | `recording` |
//! | a text that came in is answered | `ws#int` | `answer` |
//! | provider's call, events before it | `ws#call#id` | `call` |
//! | event that waits for a person | `ws#unread_events` | `unr` |
//! | what was sent, where that is more than the event shows | `ws#unr` | `body` |
//! | goal tests of the last minute | `ws#goal_tests` | `recent` |
//! | idempotency | `ws#idempotency#hash` | `record` |
//! | sums of a day, how far they are folded | `ws#cmp#breakdown` | date, `folded` |
//! | columns of results that somebody has chosen | `ws#cmp#columns` | actor |
//! | job | `ws#jobs` | `job` |
//! | leads or contacts that a job was asked for | `ws#job#chosen` | portion |
//! | results of a job | `ws#job#results` | portion |
//! | contact | `ws#contacts#all#shard` | `con` |
//! | contact on a list, or with a tag | `ws#contacts#lst#shard`, `ws#contacts#tag#tag#shard` | `con` |
//! | whose contact it is | `ws#number#number` | `contact` |
//! | contact list | `ws#contact_lists` | `lst` |
//! | how many contacts are on a list | `ws#lst#count#shard` | `count` |
//! | endpoint of webhooks | `ws#endpoints` | `whe` |
//! | delivery | `ws#whe#deliveries#shard` | `dlv` |
//! | numbers of events | `ws#cmp#events`, `ws#events` | first number |
//! | whose number of our account it is | `senders#provider` | number |
//!
//! The one index, `gsi1`, is sparse and holds keys only:
//!
//! | what | gsi1pk | gsi1sk |
//! |---|---|---|
//! | due leads | `ws#cmp#due#class#zone`, `ws#cmp#due#class` | `due_at#row#lead#numbers` |
//! | ended interactions | `ws#cmp#ended#shard` | `ended_at#int` |
//! | audit log of one resource | `ws#audit#resource` | `aud` |
//! | workspaces to look at | `wake#shard` | `minute#ws` |
//! | open jobs | `open_jobs` | `minute#ws#job` |
//! | deliveries to be sent | `pending_deliveries#shard` | `minute#ws#whe#dlv` |

use std::fmt::Display;

use carillon_domain::base::call::ProviderCallId;
use carillon_domain::base::ids::{
    AssistantId, AuditId, CallerNumberId, CampaignId, ImportId, InteractionId, JobId, LeadId, TopUpId,
    UnreadEventId, WorkspaceId,
};
use carillon_domain::base::message::MessageProvider;
use carillon_domain::base::phone::E164;
use carillon_domain::base::provider::Provider;
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::base::time::{MINUTE_MS, Timestamp};
use carillon_domain::base::zone::Zone;
use carillon_domain::policy::do_not_call::ListName;
use carillon_domain::records::evidence::RefusalRecord;
use carillon_domain::records::interaction::Interaction;
use carillon_domain::records::job::Job;
use carillon_domain::records::lead::{DueClass, Lead, LeadBlock};
use carillon_domain::records::mapping::MappingName;

use crate::rejected_rows::RejectedBy;
use crate::table::Key;

mod contacts;
mod shard;
mod webhooks;

pub(crate) use contacts::*;
use shard::shard;
pub use shard::{
    CONTACT_SHARDS, COUNTER_SHARDS, CREDIT_SHARDS, DELIVERY_SHARDS, ENDED_SHARDS, ENDPOINT_SHARDS,
    LEAD_SHARDS, LIST_SHARDS, REFUSAL_SHARDS, WAKE_SHARDS,
};
pub(crate) use webhooks::*;

pub const INDEX: &str = "gsi1";
/// The attribute by which old items expire.
pub(crate) const TTL_ATTRIBUTE: &str = "expires_at";
/// Where the index holds the jobs that are not over, of all workspaces.
pub(crate) const OPEN_JOBS: &str = "open_jobs";
/// How an active attempt's sort key starts.
pub(crate) const ACTIVE_ATTEMPT_PREFIX: &str = "attempt#";
/// The sort key of what names the file of a search index; it sorts behind the changes.
pub(crate) const INDEX_FILE: &str = "file";
/// How a requested call's sort key starts.
pub(crate) const REQUEST_PREFIX: &str = "request#";

pub(crate) fn workspace(ws: &WorkspaceId) -> Key {
    Key::new(ws.to_string(), "workspace")
}

pub(crate) fn provider_access(ws: &WorkspaceId, provider: Provider) -> Key {
    Key::new(ws.to_string(), format!("voice_access#{provider}"))
}

pub(crate) fn api_keys(ws: &WorkspaceId) -> String {
    format!("{ws}#keys")
}

pub(crate) fn api_key(ws: &WorkspaceId, hash: &str) -> Key {
    Key::new(api_keys(ws), hash)
}

/// All entries in one partition, so that they are listed in their order: people and their programs change
/// less than the thousand things a second that it takes.
pub(crate) fn audit_log(ws: &WorkspaceId) -> String {
    format!("{ws}#audit")
}

pub(crate) fn audit_entry(ws: &WorkspaceId, id: &AuditId) -> Key {
    Key::new(audit_log(ws), id.as_str())
}

/// Where the index holds the entries of one resource.
pub(crate) fn audit_of(ws: &WorkspaceId, resource: &str) -> String {
    format!("{ws}#audit#{resource}")
}

pub(crate) fn planning(ws: &WorkspaceId) -> Key {
    Key::new(format!("{ws}#plan"), "plan")
}

pub(crate) fn empty_partitions(ws: &WorkspaceId) -> Key {
    Key::new(format!("{ws}#plan"), "empty_partitions")
}

/// The failures of a campaign or a caller number.
pub(crate) fn failures(ws: &WorkspaceId, id: &impl Display) -> Key {
    Key::new(format!("{ws}#plan"), format!("failures#{id}"))
}

pub(crate) fn campaigns(ws: &WorkspaceId) -> String {
    format!("{ws}#campaigns")
}

pub(crate) fn campaign(ws: &WorkspaceId, id: &CampaignId) -> Key {
    Key::new(campaigns(ws), id.as_str())
}

/// Assistants and caller numbers together: the planner needs both.
pub(crate) fn voices(ws: &WorkspaceId) -> String {
    format!("{ws}#voices")
}

pub(crate) fn assistant(ws: &WorkspaceId, id: &AssistantId) -> Key {
    Key::new(voices(ws), id.as_str())
}

pub(crate) fn caller_number(ws: &WorkspaceId, id: &CallerNumberId) -> Key {
    Key::new(voices(ws), id.as_str())
}

pub(crate) fn active_attempts(ws: &WorkspaceId) -> String {
    format!("{ws}#active_attempts")
}

pub(crate) fn active_attempt(ws: &WorkspaceId, number: &E164) -> Key {
    Key::new(active_attempts(ws), format!("{ACTIVE_ATTEMPT_PREFIX}{}", Subscriber::of(number)))
}

pub(crate) fn request(ws: &WorkspaceId, lead: &LeadId) -> Key {
    Key::new(active_attempts(ws), format!("{REQUEST_PREFIX}{lead}"))
}

pub(crate) fn lead_shard(ws: &WorkspaceId, campaign: &CampaignId, shard: u32) -> String {
    format!("{ws}#{campaign}#leads#{shard:03}")
}

pub(crate) fn lead(ws: &WorkspaceId, id: &LeadId) -> Key {
    Key::new(lead_shard(ws, &id.campaign(), shard(id.number_hash(), LEAD_SHARDS)), id.as_str())
}

/// All blocks of a campaign's leads, in the order of their files.
pub(crate) fn lead_blocks(ws: &WorkspaceId, campaign: &CampaignId) -> String {
    format!("{ws}#{campaign}#order")
}

pub(crate) fn lead_block(ws: &WorkspaceId, block: &LeadBlock) -> Key {
    let first = block.leads.first().map(LeadId::number_hash).unwrap_or_default();
    let place = format!("{}#{:010}#{first}", block.order.at, block.order.row);
    Key::new(lead_blocks(ws, &block.campaign), place)
}

pub(crate) fn search_index(ws: &WorkspaceId, campaign: &CampaignId) -> String {
    format!("{ws}#{campaign}#search")
}

pub(crate) fn index_change(ws: &WorkspaceId, campaign: &CampaignId, name: &str) -> Key {
    Key::new(search_index(ws, campaign), format!("change#{name}"))
}

pub(crate) fn index_file(ws: &WorkspaceId, campaign: &CampaignId) -> Key {
    Key::new(search_index(ws, campaign), INDEX_FILE)
}

pub(crate) fn counters(ws: &WorkspaceId, campaign: &CampaignId, shard: u32) -> Key {
    Key::new(format!("{ws}#{campaign}#counters#{shard:02}"), "counters")
}

pub(crate) fn counters_of(ws: &WorkspaceId, campaign: &CampaignId, lead: &LeadId) -> Key {
    counters(ws, campaign, shard(lead.number_hash(), COUNTER_SHARDS))
}

pub(crate) fn zones(ws: &WorkspaceId, campaign: &CampaignId) -> Key {
    Key::new(format!("{ws}#{campaign}#zones"), "zones")
}

pub(crate) fn mappings(ws: &WorkspaceId) -> String {
    format!("{ws}#mappings")
}

pub(crate) fn mapping(ws: &WorkspaceId, name: &MappingName) -> Key {
    Key::new(mappings(ws), name.as_str())
}

/// The imports of a campaign or a contact list.
pub(crate) fn imports(ws: &WorkspaceId, target: &impl Display) -> String {
    format!("{ws}#{target}#imports")
}

pub(crate) fn import(ws: &WorkspaceId, target: &impl Display, id: &ImportId) -> Key {
    Key::new(imports(ws, target), id.as_str())
}

pub(crate) fn rejected(ws: &WorkspaceId, by: RejectedBy<'_>) -> String {
    match by {
        RejectedBy::Import(import) => format!("{ws}#{import}#rejected"),
        RejectedBy::Job(job) => format!("{ws}#{job}#rejected"),
    }
}

pub(crate) fn number_record(ws: &WorkspaceId, number: &E164) -> Key {
    Key::new(format!("{ws}#number#{}", Subscriber::of(number)), "record")
}

/// Who has a number of ours: each is there once.
pub(crate) fn caller_claim(ws: &WorkspaceId, number: &E164) -> Key {
    Key::new(format!("{ws}#number#{number}"), "caller")
}

pub(crate) fn lists(ws: &WorkspaceId) -> Key {
    Key::new(ws.to_string(), "lists")
}

pub(crate) fn list_shard(ws: &WorkspaceId, list: &ListName, shard: u32) -> String {
    format!("{ws}#list#{list}#{shard:02}")
}

pub(crate) fn list_entry(ws: &WorkspaceId, list: &ListName, number: &E164) -> Key {
    Key::new(list_shard(ws, list, shard(number.digits(), LIST_SHARDS)), number.as_str())
}

/// The sum of the top-ups and each of them.
pub(crate) fn ledger(ws: &WorkspaceId) -> String {
    format!("{ws}#credits")
}

pub(crate) fn credits(ws: &WorkspaceId) -> Key {
    Key::new(ledger(ws), "account")
}

pub(crate) fn top_up(ws: &WorkspaceId, id: &TopUpId) -> Key {
    Key::new(ledger(ws), id.as_str())
}

pub(crate) fn spent(ws: &WorkspaceId, shard: u32) -> Key {
    Key::new(format!("{ws}#credits#{shard}"), "spent")
}

pub(crate) fn spent_on(ws: &WorkspaceId, lead: &LeadId) -> Key {
    spent(ws, shard(lead.number_hash(), CREDIT_SHARDS))
}

pub(crate) fn interaction(ws: &WorkspaceId, id: &InteractionId) -> Key {
    Key::new(format!("{ws}#{id}"), "record")
}

pub(crate) fn analysis(ws: &WorkspaceId, id: &InteractionId) -> Key {
    Key::new(format!("{ws}#{id}"), "analysis")
}

pub(crate) fn transcript(ws: &WorkspaceId, id: &InteractionId) -> Key {
    Key::new(format!("{ws}#{id}"), "transcript")
}

pub(crate) fn recording(ws: &WorkspaceId, id: &InteractionId) -> Key {
    Key::new(format!("{ws}#{id}"), "recording")
}

pub(crate) fn answer(ws: &WorkspaceId, id: &InteractionId) -> Key {
    Key::new(format!("{ws}#{id}"), "answer")
}

pub(crate) fn seen_text(ws: &WorkspaceId, id: &InteractionId) -> Key {
    Key::new(format!("{ws}#{id}"), "seen")
}

/// Few numbers, in one partition: they are read all at once.
pub(crate) fn sender_grants(provider: MessageProvider) -> String {
    format!("senders#{provider}")
}

pub(crate) fn sender_grant(provider: MessageProvider, number: &E164) -> Key {
    Key::new(sender_grants(provider), number.as_str())
}

pub(crate) fn provider_call(ws: &WorkspaceId, call: &ProviderCallId) -> Key {
    Key::new(format!("{ws}#call#{}", call.0), "call")
}

pub(crate) fn unread_events(ws: &WorkspaceId) -> String {
    format!("{ws}#unread_events")
}

pub(crate) fn unread_event(ws: &WorkspaceId, id: &UnreadEventId) -> Key {
    Key::new(unread_events(ws), id.as_str())
}

pub(crate) fn unread_body(ws: &WorkspaceId, id: &UnreadEventId) -> Key {
    Key::new(format!("{ws}#{id}"), "body")
}

pub(crate) fn jobs(ws: &WorkspaceId) -> String {
    format!("{ws}#jobs")
}

pub(crate) fn job(ws: &WorkspaceId, id: &JobId) -> Key {
    Key::new(jobs(ws), id.as_str())
}

/// What a job was asked to do it to.
pub(crate) fn chosen(ws: &WorkspaceId, id: &JobId, portion: u32) -> Key {
    Key::new(format!("{ws}#{id}#chosen"), format!("{portion:08}"))
}

pub(crate) fn results(ws: &WorkspaceId, id: &JobId) -> String {
    format!("{ws}#{id}#results")
}

/// Where the index holds a job until it is over: under the minute at which it is asked for again, so that a
/// step mostly leaves the entry where it is.
pub(crate) fn open_job_entry(ws: &WorkspaceId, job: &Job) -> Option<Key> {
    Some(Key::new(OPEN_JOBS.to_owned(), format!("{}#{ws}#{}", minute(job.silent_at()?), job.id)))
}

pub(crate) fn idempotency(ws: &WorkspaceId, hash: &str) -> Key {
    Key::new(format!("{ws}#idempotency#{hash}"), "record")
}

/// Leads of some classes wait by zone, the others in one place.
pub(crate) fn due(ws: &WorkspaceId, campaign: &CampaignId, class: DueClass, zone: Option<&Zone>) -> String {
    let zone = zone.map(|zone| format!("#{zone}")).unwrap_or_default();
    format!("{ws}#{campaign}#due#{}{zone}", class.name())
}

/// Where the numbers of a campaign's events are, or of those that concern no campaign.
pub(crate) fn event_pages(ws: &WorkspaceId, campaign: Option<&CampaignId>) -> String {
    match campaign {
        Some(campaign) => format!("{ws}#{campaign}#events"),
        None => format!("{ws}#events"),
    }
}

/// Behind all events before the one with this number.
pub(crate) fn event_page(first: u64) -> String {
    format!("{first:012}")
}

/// What came of a campaign's attempts, day by day.
pub(crate) fn goal_tests(ws: &WorkspaceId) -> Key {
    Key::new(format!("{ws}#goal_tests"), "recent")
}

pub(crate) fn columns_of(ws: &WorkspaceId, campaign: &CampaignId) -> String {
    format!("{ws}#{campaign}#columns")
}

pub(crate) fn saved_columns(ws: &WorkspaceId, campaign: &CampaignId, actor: &str) -> Key {
    Key::new(columns_of(ws, campaign), actor)
}

pub(crate) fn breakdown(ws: &WorkspaceId, campaign: &CampaignId) -> String {
    format!("{ws}#{campaign}#breakdown")
}

pub(crate) fn day_sums(ws: &WorkspaceId, campaign: &CampaignId, day: impl Display) -> Key {
    Key::new(breakdown(ws, campaign), day.to_string())
}

/// How far the sums are folded; sorts behind every date.
pub(crate) fn folded(ws: &WorkspaceId, campaign: &CampaignId) -> Key {
    Key::new(breakdown(ws, campaign), "folded")
}

pub(crate) fn refusals(ws: &WorkspaceId, campaign: &CampaignId, shard: u32) -> String {
    format!("{ws}#{campaign}#refusals#{shard:02}")
}

pub(crate) fn refusal(ws: &WorkspaceId, refusal: &RefusalRecord) -> Key {
    let shard = shard(refusal.lead.number_hash(), REFUSAL_SHARDS);
    let place = format!("{}#{}", refusal.at, refusal.lead);
    Key::new(refusals(ws, &refusal.campaign, shard), place)
}

/// Where the index holds a lead, with its numbers; nowhere unless it waits.
pub(crate) fn due_entry(ws: &WorkspaceId, lead: &Lead) -> Option<Key> {
    let (class, due_at) = lead.due()?;
    let numbers: Vec<&str> = lead.phones().map(E164::as_str).collect();
    let place = format!("{due_at}#{:010}#{}#{}", lead.order.row, lead.id, numbers.join(","));
    let zone = class.is_by_zone().then_some(&lead.zone);
    Some(Key::new(due(ws, &lead.id.campaign(), class, zone), place))
}

pub(crate) fn ended(ws: &WorkspaceId, campaign: &CampaignId, shard: u32) -> String {
    format!("{ws}#{campaign}#ended#{shard}")
}

/// Where the index holds an interaction; nowhere until it has ended.
pub(crate) fn ended_entry(ws: &WorkspaceId, interaction: &Interaction) -> Option<Key> {
    let place = ended_place(interaction)?;
    let shard = shard(interaction.id.body(), ENDED_SHARDS);
    Some(Key::new(ended(ws, &interaction.campaign, shard), place))
}

/// The place of an interaction among the ended ones of its campaign; none until it has ended.
pub fn ended_place(interaction: &Interaction) -> Option<String> {
    let ended_at = interaction.ended_at?;
    Some(format!("{ended_at}#{}", interaction.id))
}

pub(crate) fn wake(shard: u32) -> String {
    format!("wake#{shard}")
}

/// Where the index holds a workspace that is to be looked at: under the minute, because the tick
/// comes once a minute, and an entry that does not move costs nothing.
pub(crate) fn wake_entry(ws: &WorkspaceId, wake_at: Timestamp) -> Key {
    Key::new(wake(shard(ws.body(), WAKE_SHARDS)), format!("{}#{ws}", minute(wake_at)))
}

fn minute(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis() - at.as_millis().rem_euclid(MINUTE_MS))
}
