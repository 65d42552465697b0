//! What must be true of a campaign that has ended, whatever happened on the way.

use std::collections::BTreeMap;

use carillon_domain::call::Outcome;
use carillon_domain::ids::{AttemptId, CampaignId, InteractionId};
use carillon_domain::invariants;
use carillon_domain::tally::{Counter, Tally};
use carillon_local::network::audit::CallRecord;
use carillon_local::network::call::CallResult;

use crate::harness::Harness;

/// Whether a campaign has ended, for [`Harness::run_until`].
pub fn has_ended(campaign: &CampaignId) -> impl AsyncFnMut(&Harness) -> bool {
    let campaign = campaign.clone();
    async move |harness: &Harness| {
        let stored = harness.calm.store.campaign(&harness.keys.workspace, &campaign).await;
        stored.expect("a table").expect("a campaign").status.is_ended()
    }
}

/// The record equals the network's truth, and the counters equal the record.
pub async fn record_is_true(harness: &Harness, campaign: &CampaignId) {
    let (store, ws) = (&harness.calm.store, &harness.keys.workspace);
    let leads = store.all_leads(ws, campaign).await.expect("a table");
    let counters = store.counters(ws, campaign).await.expect("a table");
    assert_eq!(invariants::counters_agree(&counters, &leads), Ok(()));
    assert!(leads.iter().all(|lead| lead.state.is_settled()), "everybody is settled");
    for lead in &leads {
        assert!(lead.attempts <= 3, "{lead:?}");
    }

    let mut ended = Tally::default();
    for call in harness.network.calls() {
        let attempt: AttemptId = call.attempt.as_deref().and_then(|id| id.parse().ok()).expect("our attempt");
        let stored = store.interaction(ws, &InteractionId::of(&attempt)).await.expect("a table");
        let interaction = stored.expect("every call has its record");
        let outcome = interaction.outcome.expect("every call has ended");
        assert!(is_true(outcome, &call), "{outcome:?} is recorded of {call:?}");
        ended.add(Counter::Ended(outcome), 1);
    }
    let sums: BTreeMap<_, _> = ended.iter().collect();
    for (counter, count) in sums {
        // Attempts that never became a call have no line in the network's log.
        assert!(counters.get(counter) >= count, "{counter:?}");
    }
}

/// Whether we recorded what happened.
fn is_true(recorded: Outcome, call: &CallRecord) -> bool {
    match call.result {
        CallResult::Talked => recorded == Outcome::Completed,
        CallResult::HungUp | CallResult::Silent => recorded == Outcome::Incomplete,
        CallResult::Voicemail => recorded == Outcome::Voicemail,
        CallResult::Broken | CallResult::Failed(_) => !recorded.is_answered(),
    }
}
