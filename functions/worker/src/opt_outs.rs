//! Comparing a provider's lists of those who have opted out with ours.
//!
//! Whom the provider does not text any more, nobody calls or texts: who is on its list and not on ours is put there. Who is on ours
//! alone is counted: we do not text them, whatever the provider would do.

use std::collections::{BTreeMap, BTreeSet};

use carillon_adapters::sms::OptedOutPage;
use carillon_domain::base::ids::WorkspaceId;
use carillon_domain::base::message::MessageProvider;
use carillon_domain::base::phone::E164;
use carillon_domain::base::subscriber::Subscriber;
use carillon_domain::policy::do_not_call::{ListName, Listing};
use carillon_domain::records::job::{Checkpoint, Job, JobKind, OptOutComparison};
use carillon_runtime::context::Context;
use carillon_runtime::services::suppression;

use crate::error::JobError;
use crate::{Step, advance, end};

/// Numbers of ours that one step counts.
const COUNTED_PER_STEP: usize = 1_000;

/// A job of this kind.
pub(crate) struct Work<'a> {
    pub(crate) ws: &'a WorkspaceId,
    pub(crate) job: &'a Job,
    pub(crate) provider: MessageProvider,
    pub(crate) lists: &'a [String],
    pub(crate) found: OptOutComparison,
}

impl Work<'_> {
    /// Goes through each list of theirs, page by page, and then counts ours. A step that comes twice lists nobody twice.
    pub(crate) async fn step(&self, context: &Context) -> Result<Step, JobError> {
        let part = usize::try_from(self.job.checkpoint.part).unwrap_or(usize::MAX);
        match self.lists.get(part) {
            Some(list) => self.compare(context, list).await,
            None => self.count(context).await,
        }
    }

    async fn compare(&self, context: &Context, list: &str) -> Result<Step, JobError> {
        let Checkpoint { part, after } = &self.job.checkpoint;
        let OptedOutPage { numbers, unreadable, next } =
            context.sms.opted_out(self.provider, list, after.as_deref()).await?;
        let unlisted = self.unlisted(context, &numbers).await?;
        let mut found = self.found;
        found.theirs += numbers.len() as u64;
        if !unlisted.is_empty() {
            let (act, to) = (Some(&self.job.asked), ListName::do_not_call());
            for listed in suppression::list_many(context, self.ws, &to, unlisted, act).await?.into_values() {
                found.added += u64::from(listed?.is_new);
            }
        }
        let to = match next {
            Some(next) => Checkpoint { part: *part, after: Some(next) },
            None => Checkpoint { part: part + 1, after: None },
        };
        self.stepped(context, found, to, (numbers.len() as u64, unreadable)).await
    }

    /// Those of whom our list does not know, with what is said of them there.
    async fn unlisted(
        &self,
        context: &Context,
        numbers: &[E164],
    ) -> Result<BTreeMap<E164, Listing>, JobError> {
        let list = ListName::do_not_call();
        let records = context.store.number_records(self.ws, numbers).await?;
        let known: BTreeSet<Subscriber> = records
            .iter()
            .filter(|record| record.lists.contains_key(&list))
            .map(|record| record.subscriber())
            .collect();
        let listing = Listing { at: context.now(), source: Listing::BY_CARRIER.to_owned(), reason: None };
        let unlisted = numbers.iter().filter(|number| !known.contains(&Subscriber::of(number)));
        Ok(unlisted.map(|number| (number.clone(), listing.clone())).collect())
    }

    async fn count(&self, context: &Context) -> Result<Step, JobError> {
        let Checkpoint { part, after } = &self.job.checkpoint;
        let after: Option<E164> = after.as_ref().and_then(|after| after.parse().ok());
        let list = ListName::do_not_call();
        let page = context.store.list_page(self.ws, &list, after.as_ref(), COUNTED_PER_STEP).await?;
        let mut found = self.found;
        found.ours += page.entries.len() as u64;
        if let Some(next) = page.next {
            let to = Checkpoint { part: *part, after: Some(next.to_string()) };
            return self.stepped(context, found, to, (0, 0)).await;
        }
        let (ws, theirs, added, only_ours) = (self.ws, found.theirs, found.added, found.only_ours());
        tracing::info!(workspace = %ws, provider = %self.provider, theirs, added, only_ours, "opt-outs are compared");
        let over = Job { kind: self.kind(found), ..self.job.completed(context.now()) };
        end(context, self.ws, &over).await
    }

    async fn stepped(
        &self,
        context: &Context,
        found: OptOutComparison,
        to: Checkpoint,
        (read, unreadable): (u64, u64),
    ) -> Result<Step, JobError> {
        let next = Job { kind: self.kind(found), ..self.job.counting(to, read, unreadable, context.now()) };
        let is_stored = advance(context, self.ws, &next).await?;
        Ok(if is_stored { Step::Done(Box::new(next)) } else { Step::Overtaken })
    }

    fn kind(&self, found: OptOutComparison) -> JobKind {
        JobKind::CompareOptOuts { provider: self.provider, lists: self.lists.to_vec(), found }
    }
}
