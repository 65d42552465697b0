//! What dials and refusals rested on.

use carillon_domain::base::call::{CallReport, Outcome};
use carillon_domain::calling::outcome::CallUpdate;
use carillon_domain::policy::do_not_call::{ListName, Listing};
use carillon_domain::transaction::{Transaction, Write};
use carillon_runtime::services::call_updates;
use carillon_store::ProviderCall;

use super::*;

/// Ends every call that is up, with this outcome.
async fn hang_up(api: &Api, outcome: Outcome) {
    for active_attempt in active_attempts(api).await {
        let call = ProviderCall {
            attempt: active_attempt.attempt,
            lead: active_attempt.lead,
            number: active_attempt.number,
        };
        let report = CallReport { duration_secs: 30, ..CallReport::bare(outcome, "hung up") };
        call_updates::apply(&api.context, &api.keys.workspace, &call, CallUpdate::Ended(&report))
            .await
            .expect("news");
    }
}

/// A campaign that has called one person, and refused to call another one who is on a list by then.
async fn one_of_each(api: &Api, source: &str) -> (String, String, String) {
    let consent =
        json!({"source": source, "at": "2026-11-01T10:00:00Z", "channel": "web", "proof": "a,\"b\""});
    let (path, lead) = running(api, json!({}), json!({"phone": "030 901820", "consent": consent})).await;
    plan(api).await;
    dial(api).await;
    api.advance_ms(MINUTE_MS);
    hang_up(api, Outcome::Completed).await;
    let other = api.lead(&path, "030 901821").await;
    list_silently(api, "+4930901821").await;
    plan(api).await;
    (path, lead, other)
}

/// Notes on the number's record alone that it is on the list, as it stands in the moment before the
/// leads are looked for.
async fn list_silently(api: &Api, number: &str) {
    let ws = &api.keys.workspace;
    let number = [number.parse().expect("a number")];
    let record = api.context.store.number_records(ws, &number).await.expect("a table").remove(0);
    let listing = Listing { at: api.context.now(), source: "api".into(), reason: None };
    let listed = Write::UpdateNumber(record.listed(ListName::do_not_call(), listing));
    api.context.store.commit(ws, &Transaction::of(listed)).await.expect("a table");
}

#[tokio::test]
async fn each_dial_and_each_refusal_is_listed_with_what_it_rested_on() {
    let api = Api::start().await;
    let (path, lead, other) = one_of_each(&api, "shop").await;
    let entries = api.all(&format!("{path}/evidence")).await;
    let [refusal, dial] = &entries[..] else { panic!("{entries:#?}") };
    assert_eq!((&dial["kind"], &dial["lead_id"]), (&json!("dial"), &json!(lead)));
    assert_eq!((&dial["phone"], &dial["status"]), (&json!("+4930901820"), &json!("completed")));
    assert_eq!((&dial["at"], &dial["code"]), (&json!("2026-11-23T11:00:01.000Z"), &json!(null)));
    assert_eq!(dial["recorded_at"], "2026-11-23T11:01:01.000Z");
    let evidence = &dial["evidence"];
    assert!(evidence["rules"].as_array().is_some_and(|rules| !rules.is_empty()), "{evidence}");
    assert!(evidence["zone"].as_str().is_some_and(|zone| zone.starts_with("Europe/Berlin")), "{evidence}");
    assert_eq!((&evidence["zone_source"], evidence.get("lists")), (&json!("prefix"), None));
    assert_eq!(evidence["time_zones"], carillon_domain::base::zone::time_zone_release());
    assert!(evidence["open_until"].is_string(), "{evidence}");
    let consent = json!({"source": "shop", "at": "2026-11-01T10:00:00.000Z", "channel": "web",
        "proof": "a,\"b\""});
    assert_eq!(evidence["consent"], consent);

    assert_eq!((&refusal["kind"], &refusal["lead_id"]), (&json!("refusal"), &json!(other)));
    assert_eq!((&refusal["code"], &refusal["phone"]), (&json!("do_not_call"), &json!("+4930901821")));
    assert_eq!((&refusal["status"], &refusal["interaction_id"]), (&json!(null), &json!(null)));
    assert_eq!(refusal["evidence"]["zone"], evidence["zone"]);
    // The same, one by one.
    assert_eq!(api.all(&format!("{path}/evidence?limit=1")).await, entries);
}

#[tokio::test]
async fn the_second_of_two_capped_dials_rests_on_every_rule_and_on_the_first_one() {
    let api = Api::start().await;
    let own = json!({"id": "own-de", "jurisdiction": "DE", "version": "2026-11-01",
        "caps": [{"max": 2, "per_hours": 24}]});
    api.patch("/workspace", json!({"rules": [own]})).await.ok(200);
    let (path, lead) = running(&api, json!({"retry": {"delay_minutes": 60}}), in_berlin()).await;
    for _ in 0..3 {
        plan(&api).await;
        dial(&api).await;
        api.advance_ms(MINUTE_MS);
        hang_up(&api, Outcome::NoAnswer).await;
        api.advance_ms(2 * HOUR_MS);
    }
    let entries = api.all(&format!("{path}/evidence")).await;
    let [refusal, second, first] = &entries[..] else { panic!("{entries:#?}") };
    for (entry, kind, used) in [(first, "dial", 0), (second, "dial", 1), (refusal, "refusal", 2)] {
        assert_eq!((&entry["kind"], &entry["lead_id"]), (&json!(kind), &json!(lead)), "{entry}");
        let rules = ["de@2021-10-01", "default@2025-01-01", "eu-ai@2026-08-02", "own-de@2026-11-01"];
        assert_eq!(entry["evidence"]["rules"], json!(rules), "{entry}");
        let cap = json!({"cap": "own-de@2026-11-01", "used": used, "max": 2, "per_minutes": 1440});
        assert_eq!(entry["evidence"]["caps"], json!([cap]), "{entry}");
    }
    assert_eq!((&first["status"], &second["status"]), (&json!("no_answer"), &json!("no_answer")));
    assert_eq!(refusal["code"], "capped");
}

#[tokio::test]
async fn many_refusals_come_in_pages_in_order_and_none_is_missing() {
    let api = Api::start().await;
    let path = api.campaign().await;
    let mut expected = Vec::new();
    for n in 0..60 {
        let number = format!("+49309018{n:02}");
        expected.push(api.lead(&path, &number).await);
        list_silently(&api, &number).await;
    }
    api.command(&format!("{path}/start")).await.ok(200);
    // As many leads as a pass takes, again and again.
    for _ in 0..60 {
        api.advance_ms(SECOND_MS);
        api.context.store.add_work(&api.keys.workspace, api.context.now()).await.expect("a table");
        plan(&api).await;
    }
    let all = api.all(&format!("{path}/evidence?limit=7")).await;
    let times: Vec<_> = all.iter().map(|entry| entry["at"].as_str().expect("a time").to_owned()).collect();
    assert!(times.is_sorted_by(|one, other| one >= other), "{times:?}");
    let mut refused: Vec<_> =
        all.iter().map(|entry| entry["lead_id"].as_str().expect("an id").to_owned()).collect();
    refused.sort_unstable();
    expected.sort_unstable();
    assert_eq!(refused, expected);
    assert_eq!(api.all(&format!("{path}/evidence?limit=100")).await, all);
}

#[tokio::test]
async fn as_csv_no_cell_can_become_a_formula() {
    let api = Api::start().await;
    let (path, lead, other) = one_of_each(&api, "=HYPERLINK(\"x\")").await;
    let answer = api.get(&format!("{path}/evidence?format=csv")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    let name = format!("attachment; filename=\"evidence-{}.csv\"", campaign_of(&path));
    assert_eq!(answer.header("content-disposition"), name);
    let lines: Vec<&str> = answer.text.trim_start_matches('\u{feff}').trim_end().split("\r\n").collect();
    let [header, refusal, dial] = lines[..] else { panic!("{}", answer.text) };
    assert!(header.starts_with("kind,at,recorded_at,lead_id,phone,interaction_id,status,code"), "{header}");
    assert!(refusal.starts_with("refusal,") && refusal.contains(&other), "{refusal}");
    assert!(refusal.contains("+49 30 901821") && refusal.contains("do_not_call"), "{refusal}");
    assert!(dial.starts_with("dial,2026-11-23T11:00:01.000Z,2026-11-23T11:01:01.000Z,"), "{dial}");
    assert!(dial.contains(&lead) && dial.contains(",completed,"), "{dial}");
    assert!(dial.contains("\"'=HYPERLINK(\"\"x\"\")\""), "{dial}");
    assert!(header.ends_with(",consent_proof,restart_reason"), "{header}");
    assert!(dial.ends_with("2026-11-01T10:00:00.000Z,web,\"a,\"\"b\"\"\","), "{dial}");

    for field in ["limit", "cursor"] {
        let part = api.get(&format!("{path}/evidence?format=csv&{field}=1")).await;
        assert_eq!(part.faults(400, "invalid_query"), [field], "it comes whole");
    }
}

#[tokio::test]
async fn dials_and_refusals_outlive_their_campaign() {
    let api = Api::start().await;
    let (path, lead, other) = one_of_each(&api, "shop").await;
    let before = api.all(&format!("{path}/evidence")).await;
    let leads: Vec<_> = before.iter().map(|entry| (&entry["kind"], &entry["lead_id"])).collect();
    assert_eq!(leads, [(&json!("refusal"), &json!(other)), (&json!("dial"), &json!(lead))]);
    api.delete(&format!("{path}?confirm=true")).await.ok(202);
    api.do_jobs().await;
    api.get(&path).await.problem(404, "not_found");
    assert_eq!(api.all(&format!("{path}/evidence")).await, before);
    // Of a campaign that never was there is none.
    let nobody = path.replace(|c: char| c.is_ascii_digit(), "7");
    assert_eq!(api.all(&format!("{nobody}/evidence")).await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_wrong_with_the_query_is_named() {
    let api = Api::start().await;
    let path = format!("{}/evidence", api.campaign().await);
    for (query, field) in
        [("format=xls", "format"), ("limit=0", "limit"), ("limit=101", "limit"), ("status=x", "status")]
    {
        assert_eq!(
            api.get(&format!("{path}?{query}")).await.faults(400, "invalid_query"),
            [field],
            "{query}"
        );
    }
    assert_eq!(api.get(&format!("{path}?cursor=nonsense")).await.faults(400, "invalid_query"), ["cursor"]);
}
