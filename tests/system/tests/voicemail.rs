//! What is done about machines, as the network hears it: by whoever places the call.

use carillon_domain::base::call::{Outcome, VoiceProvider, VoicemailAction};
use carillon_domain::base::time::HOUR_MS;
use carillon_domain::records::campaign::CampaignSpec;
use carillon_local::provider_simulator::audit::CallRecord;
use carillon_local::provider_simulator::call::CallResult;
use carillon_system_tests::harness::{Harness, MONDAY_AT_NINE, Options};
use carillon_system_tests::{checks, people};
use chrono_tz::Tz;

/// A machine: the network's table of numbers says so.
const MACHINE: &str = "+4930231120004";
const MESSAGE: &str = "Please call us back.";

/// The one call of a campaign, which is over.
async fn called(provider: VoiceProvider, change: impl FnOnce(&mut CampaignSpec)) -> CallRecord {
    let mut options = Options::at(MONDAY_AT_NINE);
    options.network.magic_numbers = true;
    let mut harness = Harness::start(options).await;
    let keys = match provider {
        VoiceProvider::ElevenLabs => harness.keys.clone(),
        VoiceProvider::Retell => harness.add_retell().await,
    };
    let mut spec = people::spec(&keys);
    spec.retry.max_attempts = 1;
    change(&mut spec);
    let person = [(MACHINE.to_owned(), Tz::Europe__Berlin)];
    let campaign = people::start_campaign(&harness.context, &keys, spec, &person).await;
    let end = MONDAY_AT_NINE.plus_ms(HOUR_MS);
    assert!(harness.run_until(end, checks::has_ended(&campaign)).await);
    let page = harness.context.store.ended_interactions(&keys.workspace, &campaign, None, 10).await;
    let [one] = &page.expect("a table").interactions[..] else { panic!("one call") };
    assert_eq!(one.outcome, Some(Outcome::Voicemail.into()));
    let mut calls = harness.network.calls();
    assert_eq!((calls.len(), calls[0].result), (1, CallResult::Voicemail));
    calls.remove(0)
}

fn talk_ms(call: &CallRecord) -> i64 {
    call.ended_at.since_ms(call.answered_at.expect("a machine answers"))
}

#[tokio::test]
async fn a_machine_is_hung_up_on_where_the_campaign_wants_that() {
    for provider in VoiceProvider::ALL {
        let told = called(provider, |spec| spec.on_voicemail = Some(VoicemailAction::HangUp)).await;
        let untold = called(provider, |_| ()).await;
        assert_eq!((&told.left_message, &untold.left_message), (&None, &None), "{provider}");
        assert!(talk_ms(&told) * 4 < talk_ms(&untold), "{provider}: {told:?} {untold:?}");
    }
}

#[tokio::test]
async fn a_message_is_left_where_the_line_can_do_that() {
    let call = called(VoiceProvider::Retell, |spec| {
        spec.on_voicemail = Some(VoicemailAction::LeaveMessage);
        spec.voicemail_message_template = Some(MESSAGE.to_owned());
    })
    .await;
    assert_eq!(call.left_message.as_deref(), Some(MESSAGE));
}
