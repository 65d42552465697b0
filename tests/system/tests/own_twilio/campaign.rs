//! Campaigns over our own account in the simulated network, while webhooks are lost, doubled and overtaken.

use carillon_domain::base::call::{Line, VoicemailAction};
use carillon_domain::base::time::{DAY_MS, MINUTE_MS};
use carillon_domain::records::campaign::CampaignSpec;
use carillon_local::provider_simulator::audit;
use carillon_local::provider_simulator::call::CallResult;
use carillon_local::webhook_faults::WebhookFaults;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz;

const PEOPLE: usize = 200;
const SLOTS: u32 = 50;

/// A campaign from a number of our own account that has come to its end.
async fn run(change: impl FnOnce(&mut CampaignSpec)) -> Harness {
    let mut options = Options { hop_ms: 60, plan_ms: 40, ..Options::at(MONDAY_AT_NINE) };
    options.network.faults = WebhookFaults {
        lose_permille: 50,
        double_permille: 50,
        disorder_permille: 100,
        ..WebhookFaults::default()
    };
    let at = |minute: i64| MONDAY_AT_NINE.plus_ms(minute * MINUTE_MS);
    options.network.twilio.outages = vec![at(2)..at(6)];
    options.network.elevenlabs.outages = vec![at(8)..at(10)];
    let mut harness = Harness::start(options).await;
    let (context, keys) = (harness.context.clone(), harness.keys.clone());
    people::lift_rate(&context, &keys).await;
    people::set_slots(&context, &keys, SLOTS).await;
    let number = context.store.caller_number(&keys.workspace, &keys.caller_number).await.expect("a table");
    let mut number = number.expect("the number of the set-up");
    number.version += 1;
    (number.line, number.phone_number_id) = (Line::OwnTwilio, number.number.as_str().to_owned());
    assert!(context.store.update_caller_number(&keys.workspace, &number).await.expect("a table"));
    let mut spec = CampaignSpec { concurrent_limit: SLOTS, ..people::spec(&keys) };
    (spec.retry.max_attempts, spec.retry.delay_minutes) = (2, 10);
    change(&mut spec);
    let everybody = people::people(PEOPLE, Tz::Europe__Berlin);
    let campaign = people::start_campaign(&context, &keys, spec, &everybody).await;
    let end = MONDAY_AT_NINE.plus_ms(5 * DAY_MS);
    assert!(harness.run_until(end, checks::has_ended(&campaign)).await, "everybody is settled in a week");
    checks::record_is_true(&harness, &campaign).await;
    let calls = harness.network.calls();
    assert_eq!(audit::placed_twice(&calls), Vec::<String>::new());
    assert!(calls.len() >= PEOPLE && calls.iter().all(|call| call.line == Line::OwnTwilio));
    harness
}

fn counts(harness: &Harness, result: CallResult) -> usize {
    harness.network.calls().iter().filter(|call| call.result == result).count()
}

#[tokio::test]
async fn everybody_is_reached_and_the_record_is_true() {
    let harness = run(|_| ()).await;
    assert!(counts(&harness, CallResult::Talked) > PEOPLE / 4);
    // While the agents' provider is out of order, whoever answers is hung up on, and called again.
    assert!(counts(&harness, CallResult::NotConnected) > 0);
}

#[tokio::test]
async fn machines_are_hung_up_on_or_told_what_is_to_be_told() {
    let hung_up = run(|spec| spec.on_voicemail = Some(VoicemailAction::HangUp)).await;
    let message = |spec: &mut CampaignSpec| {
        spec.on_voicemail = Some(VoicemailAction::LeaveMessage);
        spec.voicemail_message_template = Some("Please call Tom & Co.".to_owned());
    };
    let told = run(message).await;
    for (harness, said) in [(&hung_up, None), (&told, Some("Please call Tom & Co."))] {
        let calls = harness.network.calls();
        let machines: Vec<_> = calls.iter().filter(|call| call.result == CallResult::Voicemail).collect();
        let as_wished = machines.iter().filter(|call| call.left_message.as_deref() == said).count();
        // Where the verdict is lost, the agent talks to the machine.
        assert!(
            machines.len() > 10 && as_wished * 10 > machines.len() * 8,
            "{as_wished} of {}",
            machines.len()
        );
        assert!(calls.iter().all(|call| call.left_message.is_none() || call.result == CallResult::Voicemail));
    }
}
