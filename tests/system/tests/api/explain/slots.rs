//! Who holds the slots.

use super::*;

#[tokio::test]
async fn slots_show_who_holds_them_since_when_and_until_when() {
    let api = Api::start().await;
    let nobody = api.get("/slots").await.ok(200);
    assert_eq!((&nobody["items"], &nobody["holders"]), (&json!([]), &json!([])));
    assert_eq!(nobody["workspace"]["free"], nobody["workspace"]["limit"]);

    let (first, called) = running(&api, json!({"concurrent_limit": 3}), in_berlin()).await;
    plan(&api).await;
    dial(&api).await;
    let (second, chosen) = running(&api, json!({}), json!({"phone": "030 901821"})).await;
    plan(&api).await;

    let slots = api.get("/slots").await.ok(200);
    assert_eq!((&slots["workspace"]["held"], &slots["campaign"]), (&json!(2), &json!(null)));
    let [talking, claimed] = &slots["items"].as_array().expect("items")[..] else { panic!("{slots}") };
    assert_eq!((&talking["lead_id"], &talking["phone"]), (&json!(called), &json!("+4930901820")));
    assert_eq!((&talking["state"], &talking["cause"]), (&json!("dialling"), &json!("fresh")));
    assert_eq!(talking["since"], "2026-11-23T11:00:01.000Z");
    assert_eq!(talking["until"], "2026-11-23T11:02:01.000Z");
    assert_eq!(talking["caller_number_id"], json!(api.keys.caller_number));
    let interaction = format!("/interactions/{}", talking["interaction_id"].as_str().expect("an id"));
    assert_eq!(api.get(&interaction).await.ok(200)["lead_id"], json!(called));
    assert_eq!((&claimed["lead_id"], &claimed["state"]), (&json!(chosen), &json!("claimed")));
    assert!(claimed["until"].as_str() > claimed["since"].as_str(), "{claimed}");
    let held: Vec<_> = slots["holders"].as_array().expect("holders").iter().map(|one| &one["held"]).collect();
    assert_eq!(held, [1, 1]);

    let of_first = api.get(&format!("/slots?campaign_id={}", campaign_of(&first))).await.ok(200);
    assert_eq!(of_first["items"], json!([talking]));
    assert_eq!(of_first["campaign"], json!({"limit": 3, "held": 1, "free": 2}));
    let of_second = api.get(&format!("/slots?campaign_id={}", campaign_of(&second))).await.ok(200);
    assert_eq!((&of_second["items"], &of_second["workspace"]), (&json!([claimed]), &slots["workspace"]));
}
