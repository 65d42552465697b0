//! Calls that our own Twilio account places, through the real dialer and webhooks.

mod campaign;
mod stage;

use carillon_domain::base::call::{Outcome, VoiceProvider, VoicemailAction};
use carillon_domain::base::ids::{AttemptId, LeadId};
use carillon_domain::base::message::MessageProvider;
use carillon_domain::base::outcome::{AttemptOutcome, ToldBy};
use carillon_domain::base::time::MINUTE_MS;
use carillon_domain::records::campaign::CampaignSpec;
use carillon_domain::records::unread_event::{
    CarrierForm, FormDoor, FormSubject, Unread, UnreadCause, UnreadEvent,
};
use carillon_system_tests::api::Api;
use carillon_system_tests::harness::MONDAY_AT_NINE;
use serde_json::{Value, json};

use stage::{CHANGE, HANG_UP, LIST, OURS, PLACE, REGISTER, Stage, THEIRS, TWIML, form};

#[tokio::test]
async fn whoever_answers_is_connected_and_what_was_said_counts() {
    let stage = Stage::set(|_| ()).await;
    let dialled = form(&stage.outside.asked(PLACE)[0]);
    assert_eq!((dialled["To"].as_str(), dialled["From"].as_str()), (THEIRS, OURS));
    assert!(!dialled.contains_key("MachineDetection"), "nobody asked for it");
    assert!(stage.outside.asked(REGISTER).is_empty(), "nobody has answered yet");

    let answered = [("CallSid", "CA1"), ("CallStatus", "in-progress"), ("To", THEIRS), ("From", OURS)];
    assert_eq!(stage.tell("Url", &answered).await, (200, TWIML.to_owned()));
    let registered: Value = serde_json::from_str(&stage.outside.asked(REGISTER)[0]).expect("JSON");
    let attempt = stage.record().await.attempt().to_string();
    for (place, value) in [
        ("/agent_id", "agent_1"),
        ("/from_number", OURS),
        ("/to_number", THEIRS),
        ("/direction", "outbound"),
        ("/conversation_initiation_client_data/user_id", &attempt),
        ("/conversation_initiation_client_data/conversation_config_override/agent/first_message", "Hi there"),
    ] {
        assert_eq!(registered.pointer(place), Some(&json!(value)), "{place}");
    }
    // It is over: what became of it is asked, never guessed.
    assert_eq!(stage.status("completed", "200").await.0, 200);
    assert_eq!(stage.outcome().await, None);
    let live = stage.live().await.expect("it waits for the agent's word");
    assert!(live.look_at() <= stage.harness.context.now(), "asked about at once");
    stage.conversation_ends(12, "Yes, Tuesday is fine.").await;
    assert_eq!(stage.outcome().await, Some(Outcome::Completed.into()));
    // Whatever comes late is harmless.
    for status in ["completed", "busy", "failed"] {
        assert_eq!(stage.status(status, "").await.0, 200);
    }
    assert_eq!(stage.outcome().await, Some(Outcome::Completed.into()));
    assert_eq!(stage.tell("Url", &answered).await, (200, HANG_UP.to_owned()), "it is over");
    assert_eq!((stage.outside.asked(REGISTER).len(), stage.outside.asked(PLACE).len()), (1, 1));
}

#[tokio::test]
async fn how_a_call_ended_that_nobody_answered_is_the_carriers_word() {
    for (status, sip_code, outcome) in [
        ("busy", "486", Outcome::Busy),
        ("no-answer", "", Outcome::NoAnswer),
        ("canceled", "487", Outcome::NoAnswer),
        ("failed", "404", Outcome::InvalidNumber),
        ("failed", "503", Outcome::Failed),
    ] {
        let stage = Stage::set(|_| ()).await;
        assert_eq!(stage.status("ringing", "").await.0, 200);
        assert_eq!(stage.outcome().await, None);
        for _ in 0..2 {
            assert_eq!(stage.status(status, sip_code).await.0, 200);
        }
        let record = stage.record().await;
        assert_eq!((record.outcome, record.told_by), (Some(outcome.into()), Some(ToldBy::Event)), "{status}");
        assert!(stage.live().await.is_none(), "its slot is free");
        assert!(stage.outside.asked(REGISTER).is_empty());
    }
}

#[tokio::test]
async fn a_machine_is_hung_up_on_where_the_campaign_wants_that() {
    let stage = Stage::set(|spec| spec.on_voicemail = Some(VoicemailAction::HangUp)).await;
    assert_eq!(form(&stage.outside.asked(PLACE)[0])["MachineDetection"], "Enable");
    for person in ["human", "unknown"] {
        assert_eq!(stage.machine(person).await.0, 200);
    }
    assert!(stage.outside.asked(CHANGE).is_empty());
    assert_eq!(stage.machine("machine_start").await.0, 200);
    assert_eq!(stage.outside.asked(CHANGE), ["Status=completed"]);
    stage.conversation_ends(4, "You have reached the mailbox of").await;
    assert_eq!(stage.outcome().await, Some(Outcome::Voicemail.into()));
    // Once it is over there is nothing to hang up on.
    assert_eq!(stage.machine("machine_start").await.0, 200);
    assert_eq!(stage.outside.asked(CHANGE).len(), 1);
}

#[tokio::test]
async fn a_message_is_left_once_the_machine_listens() {
    let leave = |spec: &mut CampaignSpec| {
        spec.on_voicemail = Some(VoicemailAction::LeaveMessage);
        spec.voicemail_message_template = Some("Please call Tom & Co.".to_owned());
    };
    let stage = Stage::set(leave).await;
    assert_eq!(form(&stage.outside.asked(PLACE)[0])["MachineDetection"], "DetectMessageEnd");
    assert_eq!(stage.machine("machine_start").await.0, 200);
    assert!(stage.outside.asked(CHANGE).is_empty(), "it speaks");
    for _ in 0..2 {
        assert_eq!(stage.machine("machine_end_beep").await.0, 200);
    }
    assert_eq!(stage.outside.asked(CHANGE).len(), 1, "it is not said again");
    let said = r#"<?xml version="1.0" encoding="UTF-8"?><Response><Say>Please call Tom &amp; Co.</Say><Hangup/></Response>"#;
    assert_eq!(form(&stage.outside.asked(CHANGE)[0])["Twiml"], said);

    let stage = Stage::set(leave).await;
    assert_eq!(stage.machine("fax").await.0, 200);
    assert_eq!(stage.outside.asked(CHANGE), ["Status=completed"], "nobody speaks to a fax");
}

#[tokio::test]
async fn what_the_carrier_did_not_sign_or_is_of_another_call_changes_nothing() {
    let stage = Stage::set(|spec| spec.machine_detection = true).await;
    let busy = [("CallSid", "CA1"), ("CallStatus", "busy"), ("AnsweredBy", "machine_start")];
    for field in ["Url", "StatusCallback", "AsyncAmdStatusCallback"] {
        let path = stage.path(field);
        for token in [None, Some("another")] {
            assert_eq!(stage.tell_at(&path, token, &busy).await.0, 401, "{field}");
        }
        let nameless = path.split('?').next().expect("a path");
        assert_eq!(stage.tell_at(nameless, Some("token_local"), &busy).await.0, 400, "{field}");
        // Signed, of an attempt that there is not, and of another lead.
        let (start, lead) = path.split_once("&lead=").expect("a lead");
        let (start, attempt) = start.split_once("attempt=").expect("an attempt");
        let other = AttemptId::new(MONDAY_AT_NINE, [9; 10]);
        let id: LeadId = lead.parse().expect("an id");
        let stranger = LeadId::derive(&id.campaign(), &"+4930231129999".parse().expect("a number"));
        for path in [
            format!("{start}attempt={other}&lead={lead}"),
            format!("{start}attempt={attempt}&lead={stranger}"),
        ] {
            let (status, body) = stage.tell_at(&path, Some("token_local"), &busy).await;
            assert_eq!((status, body == HANG_UP), (200, field == "Url"), "{path}");
        }
    }
    let record = stage.record().await;
    assert_eq!((record.outcome, record.machine_detected), (None, false));
    assert!(stage.outside.asked(REGISTER).is_empty());
}

#[tokio::test]
async fn a_call_whose_agent_cannot_be_had_ends_as_an_error_that_says_so() {
    let stage = Stage::set(|_| ()).await;
    stage.outside.has_no_agent(503);
    let answered = [("CallSid", "CA1"), ("CallStatus", "in-progress")];
    assert_eq!(stage.tell("Url", &answered).await, (200, HANG_UP.to_owned()));
    assert_eq!(stage.status("completed", "200").await.0, 200);
    let record = stage.record().await;
    assert_eq!(record.outcome, Some(Outcome::Error.into()));
    let reason = record.end_reason.expect("a reason");
    assert!(reason.starts_with("the agent was not connected: ") && reason.contains("no room"), "{reason}");
    assert!(stage.live().await.is_none());
}

#[tokio::test]
async fn where_the_agents_provider_refuses_us_nobody_else_is_called_and_hung_up_on() {
    for (status, outcome, state) in [
        (401, Outcome::AccountRefused, "paused"),
        (404, Outcome::AccountRefused, "paused"),
        (422, Outcome::RequestRejected, "running"),
        (429, Outcome::Error, "running"),
    ] {
        let mut stage = Stage::set(|spec| spec.retry.max_attempts = 2).await;
        stage.outside.has_no_agent(status);
        let answered = [("CallSid", "CA1"), ("CallStatus", "in-progress")];
        assert_eq!(stage.tell("Url", &answered).await, (200, HANG_UP.to_owned()));
        let record = stage.record().await;
        assert_eq!(record.outcome, Some(outcome.into()), "{status}");
        stage.run(5 * MINUTE_MS).await;
        let (store, ws) = (&stage.harness.context.store, &stage.harness.keys.workspace);
        let campaign = store.campaign(ws, &stage.campaign).await.expect("a table").expect("a campaign");
        assert_eq!(campaign.status.shown().as_str(), state, "{status}");
    }
}

#[tokio::test]
async fn a_call_of_which_nothing_is_heard_is_asked_about_at_both() {
    for (status, outcome) in [
        ("busy", Some(Outcome::Busy)),
        ("no-answer", Some(Outcome::NoAnswer)),
        ("completed", Some(Outcome::Error)),
        ("ringing", None),
        ("queued", None),
    ] {
        let mut stage = Stage::set(|_| ()).await;
        stage.lists(status, Some(stage.harness.context.now())).await;
        stage.run(10 * MINUTE_MS).await;
        let record = stage.record().await;
        assert_eq!(record.outcome, outcome.map(AttemptOutcome::from), "{status}");
        assert_eq!(record.told_by, outcome.map(|_| ToldBy::Inquiry), "{status}");
        assert_eq!(stage.live().await.is_some(), outcome.is_none(), "{status}");
        assert_eq!(stage.outside.asked(PLACE).len(), 1, "{status}: nobody is called twice");
    }
    // Neither has ever heard of it: it was not made.
    let mut stage = Stage::set(|_| ()).await;
    stage.run(3 * MINUTE_MS).await;
    assert_eq!(stage.outcome().await, None, "it may turn up yet");
    assert!(!stage.outside.asked(LIST).is_empty());
}

#[tokio::test]
async fn a_form_that_nobody_can_read_waits_for_a_person_and_can_be_read_anew() {
    let stage = Stage::set(|_| ()).await;
    assert_eq!(stage.tell("StatusCallback", &[("CallSid", "CA1")]).await.0, 200);
    let api = Api::of(&stage.harness);
    let waiting = api.all("/unread-events").await;
    let [one] = &waiting[..] else { panic!("one waits: {waiting:?}") };
    assert_eq!((&one["provider"], &one["cause"]), (&json!("twilio"), &json!("not_an_event")));
    let path = format!("/unread-events/{}/replay", one["id"].as_str().expect("an id"));
    let still = json!({"is_read": false, "cause": "not_an_event"});
    assert_eq!(api.command(&path).await.ok(200), still);

    // One that we have learned to read since.
    let record = stage.record().await;
    let subject = Some(FormSubject { attempt: record.attempt(), lead: record.lead.clone() });
    let form = Some(CarrierForm { door: FormDoor::CallStatus, subject });
    let unread = Unread { form, ..Unread::bare(UnreadCause::NotAnEvent) };
    let body = b"CallSid=CA1&CallStatus=busy";
    let event = UnreadEvent::new(body, MessageProvider::Twilio, unread, stage.harness.context.now());
    let (store, ws) = (&stage.harness.context.store, &stage.harness.keys.workspace);
    store.keep_unread_event(ws, &event, body).await.expect("a table");
    let path = format!("/unread-events/{}/replay", event.id);
    assert_eq!(api.command(&path).await.ok(200), json!({"is_read": true, "cause": null}));
    assert_eq!(stage.outcome().await, Some(Outcome::Busy.into()));
    assert_eq!(api.all("/unread-events").await.len(), 1, "it is off the list");
}

#[tokio::test]
async fn without_either_key_nobody_is_called() {
    for unknown in [VoiceProvider::ElevenLabs.into(), MessageProvider::Twilio.into()] {
        let mut stage = Stage::without(&[unknown], |_| ()).await;
        stage.run(5 * MINUTE_MS).await;
        assert!(stage.outside.asked(PLACE).is_empty(), "{unknown}");
        let (store, ws) = (&stage.harness.context.store, &stage.harness.keys.workspace);
        let campaign = store.campaign(ws, &stage.campaign).await.expect("a table").expect("a campaign");
        assert_eq!(campaign.status.shown().as_str(), "paused", "{unknown}");
        let lead = store.all_leads(ws, &stage.campaign).await.expect("a table").remove(0);
        assert_eq!((lead.state.name(), lead.attempts), ("pending", 0), "{unknown}");
    }
}
