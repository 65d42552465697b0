//! What the campaign itself keeps from calling.

use carillon_domain::base::ids::CampaignId;
use carillon_domain::records::campaign::{Command, PauseReason};
use carillon_runtime::services::lifecycle;

use super::*;

#[tokio::test]
async fn a_campaign_that_rests_says_why_and_what_would_help() {
    let api = Api::start().await;
    let (path, lead) = running(&api, json!({}), in_berlin()).await;
    let id: CampaignId = campaign_of(&path).parse().expect("an id");
    for (reason, word) in [
        (PauseReason::Requested, "resume"),
        (PauseReason::LowCredits, "credits"),
        (PauseReason::TooManyFailures, "failed"),
    ] {
        let pause = Command::Pause { reason };
        lifecycle::apply(&api.context, &api.keys.workspace, &id, pause).await.expect("it runs");
        let of_lead = agreed(&api, &path, &lead).await;
        let of_campaign = api.get(&format!("{path}/explain")).await.ok(200);
        for explanation in [of_lead, of_campaign] {
            let told = &explanation["reasons"][0];
            assert_eq!((told["code"].as_str(), codes(&explanation).len()), (Some("campaign_not_running"), 1));
            assert_eq!(told["details"]["status_reason"], json!(reason));
            assert!(told["message"].as_str().is_some_and(|words| words.contains(word)), "{told}");
            assert_eq!(explanation["next_possible_at"], json!(null));
        }
        api.command(&format!("{path}/resume")).await.ok(200);
    }
    let draft = api.campaign().await;
    let waiting = api.lead(&draft, "030 901821").await;
    assert_eq!(codes(&agreed(&api, &draft, &waiting).await), ["campaign_not_running"]);
}

#[tokio::test]
async fn a_full_limit_is_told_and_who_fills_it() {
    let api = Api::start().await;
    let (path, _) = running(&api, json!({"concurrent_limit": 1}), in_berlin()).await;
    plan(&api).await;
    dial(&api).await;
    let lead = api.lead(&path, "030 901821").await;
    let explanation = agreed(&api, &path, &lead).await;
    assert_eq!(codes(&explanation), ["campaign_full"]);
    assert_eq!(explanation["reasons"][0]["details"], json!({"limit": 1, "held": 1}));
    let of_campaign = api.get(&format!("{path}/explain")).await.ok(200);
    assert_eq!((codes(&of_campaign), &of_campaign["is_calling_now"]), (vec!["campaign_full"], &json!(false)));
    assert_eq!(of_campaign["slots"], json!({"limit": 1, "held": 1, "free": 0}));
    assert_eq!(of_campaign["holders"], json!([{"campaign_id": campaign_of(&path), "held": 1}]));
    assert_eq!(of_campaign["caller_numbers"][0]["in_flight"], 1);
}

#[tokio::test]
async fn a_lead_that_is_to_be_called_back_is_not_due_before() {
    let api = Api::start().await;
    let (path, lead) = running(&api, json!({}), in_berlin()).await;
    let at = "2026-11-23T13:30:00.000Z";
    api.post(&format!("{path}/leads/{lead}/reschedule"), json!({"at": at})).await.ok(200);
    let explanation = agreed(&api, &path, &lead).await;
    assert_eq!((codes(&explanation), &explanation["next_possible_at"]), (vec!["not_due"], &json!(at)));
    let of_campaign = api.get(&format!("{path}/explain")).await.ok(200);
    assert_eq!((codes(&of_campaign), &of_campaign["next_possible_at"]), (vec!["nobody_due"], &json!(at)));
    api.context.clock.advance_to(at.parse().expect("a time"));
    assert_eq!(api.get(&format!("{path}/explain")).await.ok(200)["due_first"], 1);
    assert_eq!(agreed(&api, &path, &lead).await["is_callable_now"], true);
}

#[tokio::test]
async fn a_campaign_without_a_number_or_leads_says_so() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let explanation = api.get(&format!("{path}/explain")).await.ok(200);
    assert_eq!(codes(&explanation), ["campaign_not_running", "no_leads"]);
    let lead = api.lead(&path, "030 901820").await;
    let assistant = format!("/assistants/{}", api.keys.assistant);
    api.patch(&assistant, json!({"caller_number_ids": []})).await.ok(200);
    let explanation = api.get(&format!("{path}/explain")).await.ok(200);
    assert_eq!(codes(&explanation), ["campaign_not_running", "no_caller_number"]);
    assert_eq!(codes(&explained(&api, &path, &lead).await), ["campaign_not_running", "no_caller_number"]);
}
