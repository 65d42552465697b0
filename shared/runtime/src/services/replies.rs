//! Texts that come in: kept with the lead to whom we spoke last, and honoured where they ask for something.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::call::PersonRequest;
use carillon_domain::base::ids::{InteractionId, WorkspaceId};
use carillon_domain::base::message::{InboundMessage, Keyword, MessageProvider};
use carillon_domain::base::outcome::{MessageOutcome, MessageReport};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::Timestamp;
use carillon_domain::calling::keywords::keyword_of;
use carillon_domain::calling::outcome::CallUpdate;
use carillon_domain::calling::reply::{self, ReplyContext};
use carillon_domain::policy::assistant::CallerNumber;
use carillon_domain::policy::do_not_call::{ListName, Listing};
use carillon_domain::policy::sms_sender::{KeywordReplies, KeywordsAnsweredBy, SmsSender};
use carillon_domain::records::audit::{Act, Actor};
use carillon_domain::records::campaign::Campaign;
use carillon_domain::records::lead::Lead;
use carillon_domain::records::number_record::NumberRecord;
use carillon_domain::transaction::Write;
use carillon_store::{CommitError, ProviderCall, StoreError};

use crate::context::Context;
use crate::services::call_updates::{self, NewsError};
use crate::services::suppression::{self, SuppressionError};

/// How much of a text goes with its listing, in characters.
const MAX_REASON_CHARS: usize = 200;
/// How often a record is made anew on what somebody else has stored meanwhile.
const TRIES: usize = 8;

/// A text was not taken; it may be sent again.
#[derive(Debug, thiserror::Error)]
pub enum ReplyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// A number could not be put on the list, or taken off it.
    #[error(transparent)]
    Suppression(#[from] SuppressionError),
    /// The text that it answers could not be said to be answered.
    #[error(transparent)]
    News(#[from] NewsError),
    /// Others kept changing what it touches.
    #[error("the lead is being changed by others")]
    Contended,
}

/// What is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub text: String,
    /// How the number sends to which the text came.
    pub sender: SmsSender,
}

/// Takes a text that a provider brought, and says what is to be answered. The same text again changes nothing, and is
/// answered once in all: whoever gets the answer has to say it.
///
/// # Errors
/// [`ReplyError`]; the same text may be brought again.
pub async fn take(
    context: &Context,
    ws: &WorkspaceId,
    provider: MessageProvider,
    message: &InboundMessage,
) -> Result<Option<Answer>, ReplyError> {
    let keyword = message.keyword.or_else(|| keyword_of(&message.text));
    let records = context.store.number_records(ws, std::slice::from_ref(&message.from)).await?;
    let latest = records.iter().find_map(|record| record.latest.as_ref());
    let lead = match latest {
        Some(latest) => context.store.lead(ws, &latest.lead).await?,
        None => None,
    };
    // An opt-out is honoured first, whoever it is from and whatever fails then. What is recorded was honoured: somebody
    // may have opted in again since.
    let is_recorded =
        context.store.interaction(ws, &InteractionId::of(&reply::attempt_of(message))).await?.is_some();
    let is_answered = match keyword {
        Some(Keyword::Stop) => {
            let came_at = first_seen(context, ws, message).await?;
            if !is_recorded {
                stop(context, ws, message, lead.as_ref()).await?;
            }
            !was_listed(&records, came_at)
        }
        Some(Keyword::Start) => {
            let came_at = first_seen(context, ws, message).await?;
            let is_undone = !is_recorded && start(context, ws, message, lead.as_ref(), came_at).await?;
            // What came before may have been undone then.
            is_undone || came_at < context.now()
        }
        Some(Keyword::Help) => true,
        None => false,
    };
    let number = number_of(context, ws, &message.to).await?;
    if let (Some(lead), Some(number)) = (&lead, &number) {
        record(context, ws, message, keyword, number, lead).await?;
    }
    match (keyword, number) {
        (Some(keyword), Some(number)) if is_answered => {
            answer(context, ws, message, keyword, number.sms.filter(|sender| sender.provider == provider))
                .await
        }
        _ => Ok(None),
    }
}

/// When a text came first: one that is brought again, by a queue or by the carrier, is as old as it was.
async fn first_seen(
    context: &Context,
    ws: &WorkspaceId,
    message: &InboundMessage,
) -> Result<Timestamp, StoreError> {
    context.store.first_seen(ws, &reply::attempt_of(message), context.now()).await
}

/// Whether the number was on the list before a text that came then: whoever opts out once more is not answered again.
fn was_listed(records: &[NumberRecord], came_at: Timestamp) -> bool {
    let listings = records.iter().filter_map(|record| record.lists.get(&ListName::do_not_call()));
    listings.into_iter().any(|listing| listing.source != Listing::BY_TEXT || listing.at < came_at)
}

/// The caller number that a text came to, if it is one of this workspace's.
async fn number_of(
    context: &Context,
    ws: &WorkspaceId,
    number: &E164,
) -> Result<Option<CallerNumber>, StoreError> {
    match context.store.caller_number_of(ws, number).await? {
        Some(id) => context.store.caller_number(ws, &id).await,
        None => Ok(None),
    }
}

/// Puts the person's numbers on the list: from now on nobody calls or texts them.
async fn stop(
    context: &Context,
    ws: &WorkspaceId,
    message: &InboundMessage,
    lead: Option<&Lead>,
) -> Result<(), ReplyError> {
    let reason: String = message.text.trim().chars().take(MAX_REASON_CHARS).collect();
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    let listing = Listing { at: context.now(), source: Listing::BY_TEXT.to_owned(), reason };
    let entries: BTreeMap<_, _> =
        theirs(message, lead).into_iter().map(|number| (number, listing.clone())).collect();
    let listed = suppression::list_many(context, ws, &ListName::do_not_call(), entries, None).await?;
    for one in listed.into_values() {
        one?;
    }
    Ok(())
}

/// Takes those numbers off the list that a text, or what their carrier told of one, put there before this one came; what
/// somebody else has listed stays. Says whether there were any.
async fn start(
    context: &Context,
    ws: &WorkspaceId,
    message: &InboundMessage,
    lead: Option<&Lead>,
    came_at: Timestamp,
) -> Result<bool, ReplyError> {
    let list = ListName::do_not_call();
    let is_undone = |record: &NumberRecord| {
        record.lists.get(&list).is_some_and(|listing| listing.is_of_a_text() && listing.at <= came_at)
    };
    let act = Act {
        actor: Actor { id: "person".to_owned(), name: "the person, by text".to_owned() },
        operation: "start_by_text".to_owned(),
        request_id: message.id.clone(),
        reason: None,
    };
    let numbers: Vec<E164> = theirs(message, lead).into_iter().collect();
    let mut records = context.store.number_records(ws, &numbers).await?;
    records.retain(is_undone);
    for record in &records {
        let any = |_: &Listing| Ok::<(), SuppressionError>(());
        suppression::unlist(context, ws, &list, &record.number, &act, any).await?;
    }
    Ok(!records.is_empty())
}

/// The number that a text came from, and the others of its person.
fn theirs(message: &InboundMessage, lead: Option<&Lead>) -> BTreeSet<E164> {
    lead.map(Lead::person).unwrap_or_default().into_iter().chain([message.from.clone()]).collect()
}

/// Keeps the text with its lead, and tells the text that it answers.
async fn record(
    context: &Context,
    ws: &WorkspaceId,
    message: &InboundMessage,
    keyword: Option<Keyword>,
    number: &CallerNumber,
    lead: &Lead,
) -> Result<(), ReplyError> {
    let Some(campaign) = context.store.campaign(ws, &lead.id.campaign()).await? else { return Ok(()) };
    keep(context, ws, message, keyword, number, (lead.clone(), campaign)).await?;
    if let Some(last) = lead.last.as_ref().filter(|_| reply::is_answer(lead)) {
        let answered = ProviderCall {
            attempt: last.attempt.clone(),
            lead: lead.id.clone(),
            number: last.number.clone().unwrap_or_else(|| message.from.clone()),
        };
        let request = (keyword == Some(Keyword::Stop)).then_some(PersonRequest::DoNotCall);
        let report = MessageReport {
            outcome: MessageOutcome::Replied,
            end_reason: "replied".to_owned(),
            cost_micros: None,
            request,
        };
        call_updates::apply(context, ws, &answered, CallUpdate::MessageEnded(&report)).await?;
    }
    Ok(())
}

async fn keep(
    context: &Context,
    ws: &WorkspaceId,
    message: &InboundMessage,
    keyword: Option<Keyword>,
    number: &CallerNumber,
    (mut lead, mut campaign): (Lead, Campaign),
) -> Result<(), ReplyError> {
    for _ in 0..TRIES {
        let facts =
            ReplyContext { now: context.now(), message, keyword, number, lead: &lead, campaign: &campaign };
        let error = match context.store.commit(ws, &reply::record(&facts)).await {
            Ok(()) => {
                context.hint_or_warn(ws).await;
                return Ok(());
            }
            Err(error) => error,
        };
        if error.refuses(|write| matches!(write, Write::OpenInteraction(_))) {
            return Ok(());
        }
        let CommitError::Refused(_) = error else { return Err(error.into()) };
        let (now_lead, now_campaign) =
            (context.store.lead(ws, &lead.id).await?, context.store.campaign(ws, &campaign.id).await?);
        let (Some(now_lead), Some(now_campaign)) = (now_lead, now_campaign) else { return Ok(()) };
        (lead, campaign) = (now_lead, now_campaign);
    }
    Err(ReplyError::Contended)
}

/// What we answer, where it is us who answer keywords. It is noted first that the text is answered: the same text again,
/// or twice at once, is answered once, and one whose answer is lost on the way is not answered again.
async fn answer(
    context: &Context,
    ws: &WorkspaceId,
    message: &InboundMessage,
    keyword: Keyword,
    sender: Option<SmsSender>,
) -> Result<Option<Answer>, ReplyError> {
    let Some(sender) = sender.filter(|sender| sender.keywords == KeywordsAnsweredBy::Carillon) else {
        return Ok(None);
    };
    let replies = match &sender.replies {
        Some(replies) => replies.clone(),
        None => {
            let workspace = context.store.workspace(ws).await?;
            KeywordReplies::of_workspace(workspace.as_ref().map_or("We", |workspace| &workspace.name))
        }
    };
    if !context.store.claim_answer(ws, &reply::attempt_of(message), context.now()).await? {
        return Ok(None);
    }
    let text = match keyword {
        Keyword::Stop => replies.stop,
        Keyword::Start => replies.start,
        Keyword::Help => replies.help,
    };
    Ok(Some(Answer { text, sender }))
}
