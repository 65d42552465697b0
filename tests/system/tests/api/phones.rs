//! The numbers of a lead: what is known of each, how they change, and that each has one lead in a campaign.

use carillon_domain::base::ids::LeadId;
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

use super::dropped::{counts, dropped};

const A: &str = "+4930901820";
const B: &str = "+4930901821";
const C: &str = "+4930901822";

fn values(lead: &Value) -> Vec<&str> {
    let phones = lead["phones"].as_array().expect("numbers").iter();
    phones.map(|phone| phone["value"].as_str().expect("a number")).collect()
}

async fn post(api: &Api, campaign: &str, numbers: &[&str]) -> Value {
    let form = json!({"phone": numbers[0], "secondary_phones": numbers[1..]});
    api.post(&format!("{campaign}/leads"), form).await.ok(201)
}

/// The lead that a new lead with these numbers meets.
async fn met(api: &Api, campaign: &str, numbers: &[&str]) -> Value {
    let form = json!({"phone": numbers[0], "secondary_phones": numbers[1..]});
    let problem = api.post(&format!("{campaign}/leads"), form).await;
    problem.problem(409, "lead_exists")["existing_id"].clone()
}

#[tokio::test]
async fn a_number_has_label_name_values_and_a_place() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let office = json!({"value": "030 90 18 20", "label": "office", "name": "Reception",
        "variables": {"floor": "2"}, "overwrites": {"greeting": "Good morning"}});
    let form = json!({"phones": [office, {"value": B}], "name": "Ana"});
    let lead = api.post(&format!("{campaign}/leads"), form).await.ok(201);
    let first = &lead["phones"][0];
    assert_eq!(
        (&first["value"], &first["label"], &first["name"]),
        (&json!(A), &json!("office"), &json!("Reception"))
    );
    assert_eq!(
        (&first["variables"]["floor"], &first["overwrites"]["greeting"]),
        (&json!("2"), &json!("Good morning"))
    );
    assert_eq!((&first["status"], &first["last_attempt"]), (&json!("untried"), &json!(null)));

    // The short form leaves what is known of a number.
    let path = format!("{campaign}/leads/{}", lead.id());
    let longer = api.patch(&path, json!({"secondary_phones": [C, B]})).await.ok(200);
    assert_eq!((values(&longer), &longer["phones"][0]), (vec![A, C, B], first));
    let turned =
        api.patch(&path, json!({"phones": [{"value": B, "label": "mobile"}, {"value": A}]})).await.ok(200);
    assert_eq!((values(&turned), &turned["phone"], turned.id()), (vec![B, A], &json!(B), lead.id()));
    assert_eq!(
        (&turned["phones"][0]["label"], &turned["phones"][1]["label"]),
        (&json!("mobile"), &json!(null))
    );
    assert_eq!(api.get(&path).await.ok(200), turned);

    for (change, field) in [
        (json!({"phones": []}), "phones"),
        (json!({"phones": [{"value": "12"}]}), "phones[0].value"),
        (json!({"phones": [{"value": A, "status": "reached"}]}), "phones[0].status"),
        (json!({"phones": [{"value": B}, {"value": A, "variables": {"no name": "1"}}]}), "phones[1]"),
        (json!({"phones": [{"value": A}], "phone": A}), "phone"),
        (json!({"phone": null}), "phone"),
    ] {
        assert_eq!(api.patch(&path, change).await.faults(422, "invalid_fields"), [field]);
    }
    assert_eq!(
        api.post(&format!("{campaign}/leads"), json!({"name": "Bo"})).await.faults(422, "invalid_fields"),
        ["phones"]
    );
}

#[tokio::test]
async fn each_number_of_a_campaign_has_one_lead() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let both = post(&api, &campaign, &[A, B]).await;
    for numbers in [&[A][..], &[B], &[B, A], &[C, B], &["030 901821"]] {
        assert_eq!(met(&api, &campaign, numbers).await, both["id"], "{numbers:?}");
    }
    let other = post(&api, &campaign, &[C]).await;
    let taken =
        api.patch(&format!("{campaign}/leads/{}", both.id()), json!({"secondary_phones": [B, C]})).await;
    assert_eq!(taken.problem(409, "lead_exists")["existing_id"], other["id"]);
    assert_eq!(api.all(&format!("{campaign}/leads")).await.len(), 2, "a pointer is no lead");
    let id = LeadId::derive(
        &campaign.trim_start_matches("/campaigns/").parse().expect("an id"),
        &B.parse().expect("a number"),
    );
    api.get(&format!("{campaign}/leads/{id}")).await.problem(404, "not_found");
    // Elsewhere the same people are others.
    let elsewhere = api.campaign().await;
    post(&api, &elsewhere, &[B, C]).await;
}

#[tokio::test]
async fn a_number_that_was_given_up_is_free_again() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let first = post(&api, &campaign, &[A, B]).await;
    let path = format!("{campaign}/leads/{}", first.id());
    // Its first number is another one now, and the second gone.
    let changed = api.patch(&path, json!({"phones": [{"value": C}]})).await.ok(200);
    assert_eq!((values(&changed), changed.id()), (vec![C], first.id()));
    assert_eq!(met(&api, &campaign, &[C]).await, first["id"]);
    let second = post(&api, &campaign, &[A, B]).await;
    assert_ne!(second.id(), first.id());
    for numbers in [&[A][..], &[B]] {
        assert_eq!(met(&api, &campaign, numbers).await, second["id"], "{numbers:?}");
    }
    let back = api.patch(&path, json!({"phone": A})).await;
    assert_eq!(back.problem(409, "lead_exists")["existing_id"], second["id"]);

    // The second gives it up as well: then the first may have it back, and nobody else.
    let other = format!("{campaign}/leads/{}", second.id());
    api.patch(&other, json!({"phone": B, "secondary_phones": []})).await.ok(200);
    let back = api.patch(&path, json!({"phone": A})).await.ok(200);
    assert_eq!(values(&back), [A]);
    assert_eq!(met(&api, &campaign, &[A]).await, first["id"]);
    api.patch(&path, json!({"phone": C})).await.ok(200);
    assert_ne!(post(&api, &campaign, &[A]).await.id(), first.id());
    assert_eq!(api.get(&format!("{campaign}/stats")).await.ok(200)["total"], 3);
}

#[tokio::test]
async fn who_has_a_number_keeps_it_when_the_lead_that_gave_it_up_is_removed() {
    let api = Api::start_telling().await;
    let campaign = api.campaign().await;
    let first = post(&api, &campaign, &[A]).await;
    let path = format!("{campaign}/leads/{}", first.id());
    api.patch(&path, json!({"phone": C})).await.ok(200);
    let second = post(&api, &campaign, &[A, B]).await;
    api.delete(&path).await.ok(204);
    api.get(&path).await.problem(404, "not_found");

    assert_eq!(met(&api, &campaign, &[A]).await, second["id"]);
    let (import, _) = dropped(&api, &campaign, &format!("phone\n{A}\n")).await;
    assert_eq!(counts(&import), [1, 0, 1, 0, 0]);
    assert_eq!(api.get(&format!("{campaign}/stats")).await.ok(200)["total"], 1);
    api.tell_changes().await;
    let found = |search: &str| format!("{campaign}/leads?search={search}");
    assert_eq!(api.all(&found("901822")).await, [] as [Value; 0], "the stream has heard of the removal");
    assert_eq!(api.all(&found("901820")).await.len(), 1);

    // The second gives it up too, and goes: then it is whoever's comes next.
    let other = format!("{campaign}/leads/{}", second.id());
    api.patch(&other, json!({"phone": B, "secondary_phones": []})).await.ok(200);
    api.delete(&other).await.ok(204);
    let third = post(&api, &campaign, &[A]).await;
    assert_eq!(met(&api, &campaign, &[A]).await, third["id"]);
    assert_eq!(api.all(&format!("{campaign}/leads")).await.len(), 1);
}

#[tokio::test]
async fn a_file_meets_every_number_of_a_lead() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let file = format!("phone,phone_2,name\n{A},{B},Ana\n{B},{A},Ana again\n{C},,Bo\n+4930901823,{C},Cy\n");
    let (import, path) = dropped(&api, &campaign, &file).await;
    assert_eq!(counts(&import), [4, 2, 2, 0, 0]);
    let leads = api.all(&format!("{campaign}/leads")).await;
    assert_eq!(leads.iter().map(values).collect::<Vec<_>>(), [vec![A, B], vec![C]]);
    let reasons = api.all(&format!("{path}/rejected")).await;
    for (rejected, (row, lead)) in reasons.iter().zip([(2, &leads[0]), (4, &leads[1])]) {
        let reason = rejected["reason"].as_str().expect("a reason");
        assert!(
            reason.contains(&format!("row {row} of this file")) && reason.contains(&lead.id()),
            "{reason}"
        );
    }
    // Another file, with one that is new beside one that is not; and one of a number that was given up.
    api.patch(&format!("{campaign}/leads/{}", leads[0].id()), json!({"phone": "+4930901829"})).await.ok(200);
    let file = format!("phone,phone_2\n+4930901824,{C}\n{A},+4930901825\n{A},\n");
    let (import, path) = dropped(&api, &campaign, &file).await;
    assert_eq!(counts(&import), [3, 1, 2, 0, 0]);
    let reason = api.all(&format!("{path}/rejected")).await[0]["reason"].clone();
    assert!(reason.as_str().expect("a reason").contains(&leads[1].id()), "{reason}");
    assert_eq!(met(&api, &campaign, &["+4930901825"]).await, met(&api, &campaign, &[A]).await);

    // What updates brings new numbers, but none of another lead.
    api.patch(&campaign, json!({"on_duplicate": "update"})).await.ok(200);
    let file = format!("phone,phone_2,phone_3,company\n{C},{B},+4930901826,Acme\n");
    let (import, path) = dropped(&api, &campaign, &file).await;
    assert_eq!((&import["updated"], &import["warnings"]), (&json!(1), &json!(1)));
    let updated = api.get(&format!("{campaign}/leads/{}", leads[1].id())).await.ok(200);
    assert_eq!((values(&updated), &updated["company"]), (vec![C, "+4930901826"], &json!("Acme")));
    let warning = api.all(&format!("{path}/warnings")).await[0].clone();
    assert_eq!(warning["value"], B);
}

/// A spelling that has ended, and both of Argentina's, are the same person.
#[tokio::test]
async fn the_forms_of_a_number_are_one_lead() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    for (number, other) in [
        ("+5491155550123", "+541155550123"),
        ("+5511995550123", "+55 11 9555-0123"),
        ("+525550123456", "+52 1 55 5012 3456"),
        ("+2290190011234", "+229 90 01 12 34"),
        ("+84701234567", "+84 120 123 4567"),
        ("+576012345678", "+57 1 234 5678"),
    ] {
        let lead = post(&api, &campaign, &[number]).await;
        assert_eq!((values(&lead), met(&api, &campaign, &[other]).await), (vec![number], lead["id"].clone()));
    }
}

#[tokio::test]
async fn whoever_has_a_listed_number_as_a_further_one_is_settled_at_once() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    let lead = post(&api, &campaign, &[A, B]).await;
    api.post("/do-not-call/do_not_call/numbers", json!({"number": B})).await.ok(201);
    let skipped = api.get(&format!("{campaign}/leads/{}", lead.id())).await.ok(200);
    assert_eq!((&skipped["status"], &skipped["status_reason"]), (&json!("skipped"), &json!("do_not_call")));
    let statuses = [&skipped["phones"][0]["status"], &skipped["phones"][1]["status"]];
    assert_eq!(statuses, ["untried", "do_not_call"]);
}
