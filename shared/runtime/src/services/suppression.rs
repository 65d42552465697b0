//! Do-not-call lists: a number is put on one, or taken off.
//!
//! What forbids a call is the number's record: each dial is conditional on it. So from the moment
//! that a record is written nothing more is dialled, whatever is queued. Taking away what is queued
//! only makes that visible at once, and frees the slots.

mod queued;

pub use queued::{bring_on, withdraw_queued};

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::phone::E164;
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::policy::do_not_call::{ListName, Listing, MAX_LISTS};
use carillon_domain::records::audit::Act;
use carillon_domain::transaction::{Transaction, Write};
use carillon_store::{CommitError, StoreError, in_parallel};
use serde_json::{Value, json};

use crate::context::Context;

/// How often a change is made anew on what somebody else has stored meanwhile.
const TRIES: usize = 8;
/// Numbers that one transaction puts on a list; each takes two of its hundred writes.
const NUMBERS_PER_TRANSACTION: usize = 25;
/// Transactions that are under way at the same time.
const PARALLEL_TRANSACTIONS: usize = 8;

/// A number was not put on a list, or not taken off.
#[derive(Debug, thiserror::Error)]
pub enum SuppressionError {
    /// The list is new, and the workspace has as many as it may.
    #[error("there are {MAX_LISTS} do-not-call lists, and no more than that may be; delete an empty one")]
    TooManyLists,
    /// Others kept changing the number's record.
    #[error("the number is being changed by others; try again")]
    Contended,
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A number that is on a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Why; what was said first, if it was there before.
    pub listing: Listing,
    /// Whether it was not there before.
    pub is_new: bool,
}

/// What became of each number.
pub type ListedNumbers = BTreeMap<E164, Result<Listed, SuppressionError>>;

/// Puts a number on a list, which comes into being with its first number.
///
/// Once this returns, nothing is dialled any more that the list forbids, and what was queued is
/// settled. A number that is there already stays as it is.
///
/// # Errors
/// [`SuppressionError`]; then the number may be on the list or not, and the same may be asked for
/// again.
pub async fn list(
    context: &Context,
    ws: &WorkspaceId,
    list: &ListName,
    number: &E164,
    listing: Listing,
    act: Option<&Act>,
) -> Result<Listed, SuppressionError> {
    let entries = BTreeMap::from([(number.clone(), listing)]);
    let listed = list_many(context, ws, list, entries, act).await?.pop_first();
    listed.map_or(Err(SuppressionError::Contended), |(_, listed)| listed)
}

/// Puts many numbers on a list, each for itself.
///
/// # Errors
/// [`SuppressionError`] if the list can't be, or if what is queued could not be taken away; the
/// same may be asked for again.
pub async fn list_many(
    context: &Context,
    ws: &WorkspaceId,
    list: &ListName,
    entries: BTreeMap<E164, Listing>,
    act: Option<&Act>,
) -> Result<ListedNumbers, SuppressionError> {
    if !context.store.add_list(ws, list).await? {
        return Err(SuppressionError::TooManyLists);
    }
    let entries = Vec::from_iter(entries);
    let writes: Vec<_> = entries
        .chunks(NUMBERS_PER_TRANSACTION)
        .map(|chunk| {
            let written =
                enlist_chunk(ws.clone(), list.clone(), chunk.to_vec(), context.clone(), act.cloned());
            async move { Ok(written.await) }
        })
        .collect();
    let results: ListedNumbers =
        in_parallel(PARALLEL_TRANSACTIONS, writes).await?.into_iter().flatten().collect();
    // The list may have been deleted while it was still empty.
    context.store.keep_list(ws, list).await?;
    let listed: BTreeSet<_> =
        results.iter().filter(|(_, result)| result.is_ok()).map(|(number, _)| number.clone()).collect();
    // Those that were there before too: the run that listed them may not have come so far.
    withdraw_queued(context, ws, list, listed).await?;
    Ok(results)
}

/// Takes a number off a list, if `check` agrees to how it stands there. Says whether it was on it.
///
/// What was settled stays settled: nobody is called on the strength of this alone.
///
/// # Errors
/// What `check` refuses; or [`SuppressionError`], and the same may be asked for again.
pub async fn unlist<E: From<SuppressionError>>(
    context: &Context,
    ws: &WorkspaceId,
    list: &ListName,
    number: &E164,
    act: &Act,
    check: impl Fn(&Listing) -> Result<(), E>,
) -> Result<bool, E> {
    let failed = |error| E::from(SuppressionError::Store(error));
    let mut was_tried = false;
    for _ in 0..TRIES {
        let records = context.store.number_records(ws, std::slice::from_ref(number)).await.map_err(failed)?;
        let listed = records.first().and_then(|record| Some((record, record.lists.get(list)?)));
        let Some((record, listing)) = listed else {
            // Perhaps by ourselves, in a write whose reply was lost.
            return Ok(was_tried);
        };
        check(listing)?;
        let transaction = Transaction(vec![
            Write::UpdateNumber(record.unlisted(list, act.removal(context.now()))),
            Write::RemoveFromDnc { list: list.clone(), number: record.number.clone() },
        ]);
        let store =
            context.noting(ws, Some(act), number, &told(list, listing), &Value::Null).map_err(failed)?;
        match store.commit(ws, &transaction).await {
            Ok(()) => return Ok(true),
            Err(CommitError::Store(error)) if was_tried => return Err(failed(error)),
            Err(CommitError::Refused(_) | CommitError::Store(_)) => was_tried = true,
        }
    }
    Err(SuppressionError::Contended.into())
}

/// Puts a number back on a list that it was taken off by mistake, with what was said when it came there, unless it is
/// there; none if it never was. The removal stays in its history.
///
/// # Errors
/// [`SuppressionError`]; the same may be asked for again.
pub async fn restore(
    context: &Context,
    ws: &WorkspaceId,
    list: &ListName,
    number: &E164,
    act: &Act,
) -> Result<Option<Listed>, SuppressionError> {
    let records = context.store.number_records(ws, std::slice::from_ref(number)).await?;
    let listing =
        records.first().and_then(|record| record.lists.get(list).or_else(|| record.removed_from(list)));
    match listing {
        Some(listing) => self::list(context, ws, list, number, listing.clone(), Some(act)).await.map(Some),
        None => Ok(None),
    }
}

/// Puts some numbers on a list: in one transaction, or each alone if that could not be.
async fn enlist_chunk(
    ws: WorkspaceId,
    list: ListName,
    chunk: Vec<(E164, Listing)>,
    context: Context,
    act: Option<Act>,
) -> Vec<(E164, Result<Listed, SuppressionError>)> {
    let is_one = chunk.len() == 1;
    if !is_one && let Ok(listed) = enlist_together(&context, &ws, &list, &chunk, act.as_ref()).await {
        return chunk.into_iter().zip(listed).map(|((number, _), listed)| (number, Ok(listed))).collect();
    }
    let mut results = Vec::with_capacity(chunk.len());
    for entry in chunk {
        let result = enlist(&context, &ws, &list, &entry, act.as_ref(), !is_one).await;
        results.push((entry.0, result));
    }
    results
}

/// Puts one number on a list; `was_tried` if an earlier write may have done so.
async fn enlist(
    context: &Context,
    ws: &WorkspaceId,
    list: &ListName,
    entry: &(E164, Listing),
    act: Option<&Act>,
    mut was_tried: bool,
) -> Result<Listed, SuppressionError> {
    let mut has_failed = false;
    for _ in 0..TRIES {
        match enlist_together(context, ws, list, std::slice::from_ref(entry), act).await {
            Ok(listed) => {
                let listed = listed.into_iter().next().ok_or(SuppressionError::Contended)?;
                let is_ours = was_tried && listed.listing == entry.1;
                return Ok(Listed { is_new: listed.is_new || is_ours, ..listed });
            }
            // The reply may be lost: what is stored tells.
            Err(CommitError::Store(_)) if !has_failed => has_failed = true,
            Err(CommitError::Store(error)) => return Err(error.into()),
            Err(CommitError::Refused(_)) => {}
        }
        was_tried = true;
    }
    Err(SuppressionError::Contended)
}

/// Puts those numbers on a list that are not on it, all of them or none.
async fn enlist_together(
    context: &Context,
    ws: &WorkspaceId,
    list: &ListName,
    entries: &[(E164, Listing)],
    act: Option<&Act>,
) -> Result<Vec<Listed>, CommitError> {
    let numbers: Vec<_> = entries.iter().map(|(number, _)| number.clone()).collect();
    let records = context.store.number_records(ws, &numbers).await?;
    let mut transaction = Transaction::default();
    let (mut listed, mut new) = (Vec::with_capacity(entries.len()), Vec::new());
    let mut unlisted: BTreeMap<_, _> = records.iter().map(|record| (record.subscriber(), record)).collect();
    for (number, listing) in entries {
        let subscriber = Subscriber::of(number);
        let stored = unlisted.get(&subscriber).and_then(|record| record.lists.get(list));
        if let Some(listing) = stored {
            listed.push(Listed { listing: listing.clone(), is_new: false });
            continue;
        }
        // Another form of it stands among these numbers.
        let Some(record) = unlisted.remove(&subscriber) else {
            listed.push(Listed { listing: listing.clone(), is_new: false });
            continue;
        };
        new.push((number, listing));
        transaction.extend(Write::listing(record, list, listing));
        listed.push(Listed { listing: listing.clone(), is_new: true });
    }
    let store = match new.as_slice() {
        [(number, listing)] => context.noting(ws, act, number, &Value::Null, &told(list, listing))?,
        many => {
            let numbers: Vec<_> = many.iter().map(|(number, _)| number).collect();
            context.noting(ws, act, list, &Value::Null, &json!({ "numbers": numbers }))?
        }
    };
    store.commit(ws, &transaction).await?;
    Ok(listed)
}

/// What the audit log tells of a number's place on a list.
fn told(list: &ListName, listing: &Listing) -> Value {
    let mut told = serde_json::to_value(listing).unwrap_or_default();
    told["list"] = list.to_string().into();
    told
}
