//! Which recordings are copied without anybody asking.

use super::*;
use crate::base::call::{ProviderCallId, ProviderRecord, VoiceProvider};
use crate::policy::recording_retention::RecordingRetention;

fn recorded(has_recording: bool) -> CallReport {
    let call = ProviderCallId("call_1".into());
    CallReport {
        has_recording,
        provider_record: Some(ProviderRecord { provider: VoiceProvider::Retell, call }),
        ..CallReport::bare(Outcome::Completed, "hangup")
    }
}

fn keeping() -> Campaign {
    let mut campaign = fixtures::campaign();
    campaign.spec.recording_retention = Some(RecordingRetention::Days90);
    campaign
}

fn copies(settlement: &Settlement) -> usize {
    settlement.effects.iter().filter(|effect| matches!(effect, Effect::CopyRecording(_))).count()
}

#[test]
fn a_call_with_a_recording_is_copied_where_the_campaign_keeps_them() {
    let lead = fixtures::lead(1);
    for (campaign, report, expected) in [
        (keeping(), recorded(true), 1),
        (keeping(), recorded(false), 0),
        (fixtures::campaign(), recorded(true), 0),
        // Nobody could say where it is.
        (keeping(), CallReport { provider_record: None, ..recorded(true) }, 0),
    ] {
        let settlement = end(&campaign, &lead, &report, &[]);
        assert_eq!(copies(&settlement), expected, "{report:?}");
    }
}

#[test]
fn a_recording_that_is_heard_of_late_is_copied_once() {
    let (campaign, lead) = (keeping(), fixtures::lead(1));
    let (active_attempt, up) = dialled(&lead);
    let missed = CallReport::bare(Outcome::NoAnswer, "no answer");
    let open = Interaction::dialled(&active_attempt, NOW).ended(&missed, NOW);
    let facts = over(&active_attempt, &up, &campaign, &open);
    assert_eq!(copies(&decide(&facts, CallUpdate::Ended(&recorded(true)))), 1);
    let known = open.ended(&recorded(true), NOW);
    assert_eq!(known.provider_record, recorded(true).provider_record);
    let again = CallReport { request: Some(PersonRequest::DoNotCall), ..recorded(true) };
    let facts = over(&active_attempt, &up, &campaign, &known);
    assert_eq!(copies(&decide(&facts, CallUpdate::Ended(&again))), 0);
}

#[test]
fn where_the_provider_has_a_call_outlives_a_report_that_does_not_say() {
    let (active_attempt, _) = dialled(&fixtures::lead(1));
    let ended = Interaction::dialled(&active_attempt, NOW).ended(&recorded(true), NOW);
    let raised = ended.ended(&CallReport::bare(Outcome::Completed, ""), NOW);
    assert_eq!(raised.provider_record, ended.provider_record);
}
