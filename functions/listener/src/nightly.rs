//! Every night: for each workspace a job that compares the provider's lists of opt-outs with ours.

use std::collections::{BTreeMap, BTreeSet};

use carillon_domain::base::ids::{Entropy, JobId, WorkspaceId};
use carillon_domain::base::time::{DAY_MS, Timestamp};
use carillon_domain::records::audit::{Act, Actor};
use carillon_domain::records::job::{Job, JobKind, OptOutComparison};
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::context::Context;
use carillon_store::{CommitError, SenderGrant};

use crate::PROVIDER;
use crate::error::ListenerError;

/// What a comparison is called in the audit log.
const OPERATION: &str = "compare_opt_outs";

/// Begins the comparisons of this day; those that are begun already go on as they are.
pub(crate) async fn begin(context: &Context) -> Result<(), ListenerError> {
    let now = context.now();
    for (ws, lists) in lists_of(&context.store.sender_grants(PROVIDER).await?) {
        let kind = JobKind::CompareOptOuts { provider: PROVIDER, lists, found: OptOutComparison::default() };
        let job = Job::queued(job_of_day(&ws, now), kind, None, act(now), now);
        match context.store.commit(&ws, &Transaction::of(Write::CreateJob(job.clone()))).await {
            Ok(()) => context.send_job(&ws, &job.id, 0).await?,
            // It is there; the tick asks for one that fell silent.
            Err(CommitError::Refused(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The lists of each workspace's numbers. One that several share is nobody's: it would tell one of them who has opted out with
/// another.
fn lists_of(grants: &[SenderGrant]) -> BTreeMap<WorkspaceId, Vec<String>> {
    let mut holders = BTreeMap::<&str, BTreeSet<&WorkspaceId>>::new();
    for grant in grants {
        holders.entry(&grant.opt_out_list).or_default().insert(&grant.workspace);
    }
    let mut lists = BTreeMap::<WorkspaceId, Vec<String>>::new();
    for (list, holders) in holders {
        match Vec::from_iter(holders)[..] {
            [ws] => lists.entry(ws.clone()).or_default().push(list.to_owned()),
            _ => tracing::warn!(list, "several workspaces share a list of opt-outs, which is not compared"),
        }
    }
    lists
}

/// The same all day long, so that a workspace has one of a day.
fn job_of_day(ws: &WorkspaceId, now: Timestamp) -> JobId {
    let day = Timestamp::from_millis(now.as_millis() - now.as_millis().rem_euclid(DAY_MS));
    JobId::new(day, ws_entropy(ws))
}

/// The random part of a workspace's id, which no other has.
fn ws_entropy(ws: &WorkspaceId) -> Entropy {
    let mut entropy = Entropy::default();
    let body = ws.body().as_bytes();
    let random = &body[body.len().saturating_sub(entropy.len())..];
    entropy.iter_mut().zip(random).for_each(|(into, from)| *into = *from);
    entropy
}

fn act(now: Timestamp) -> Act {
    Act {
        actor: Actor { id: "carillon".to_owned(), name: "Carillon, every night".to_owned() },
        operation: OPERATION.to_owned(),
        request_id: format!("{OPERATION}-{now}"),
        reason: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NIGHT: Timestamp = Timestamp::from_millis(1_795_487_400_000);

    fn grant(ws: u8, number: &str, list: &str) -> SenderGrant {
        SenderGrant {
            number: number.parse().expect("a number"),
            workspace: WorkspaceId::new(NIGHT, [ws; 10]),
            identity: None,
            opt_out_list: list.to_owned(),
        }
    }

    #[test]
    fn a_list_that_several_share_is_compared_for_none_of_them() {
        let grants = [
            grant(1, "+14155550101", "acme"),
            grant(1, "+14155550102", "acme"),
            grant(1, "+14155550103", "acme-2"),
            grant(2, "+14155550104", "Default"),
            grant(3, "+14155550105", "Default"),
            grant(3, "+14155550106", "blue"),
        ];
        let lists = lists_of(&grants);
        let of = |ws: u8| lists.get(&WorkspaceId::new(NIGHT, [ws; 10])).cloned();
        assert_eq!(of(1), Some(vec!["acme".to_owned(), "acme-2".to_owned()]));
        assert_eq!((of(2), of(3)), (None, Some(vec!["blue".to_owned()])));
    }

    #[test]
    fn a_workspace_has_one_job_of_a_day() {
        let (ours, theirs) = (WorkspaceId::new(NIGHT, [1; 10]), WorkspaceId::new(NIGHT, [2; 10]));
        let at = |ws, hours: i64| job_of_day(ws, NIGHT.plus_ms(hours * DAY_MS / 24));
        assert_eq!(at(&ours, 0), at(&ours, 3));
        assert_ne!(at(&ours, 0), at(&ours, 24));
        assert_ne!(at(&ours, 0), at(&theirs, 0));
    }
}
