//! Lists as such: their names, sheets of numbers, pages.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use carillon_domain::base::rng::SplitMix64;
use carillon_domain::records::counters::Counter;
use carillon_local::table::{Interceptor, TableCall, Verdict};
use carillon_system_tests::api::{Api, HasId};
use serde_json::{Value, json};

use super::{EXPORT, IMPORT, NUMBERS, active_attempts, claimed, import, state};

#[tokio::test]
async fn a_sheet_is_listed_and_what_is_wrong_with_it_told() {
    let api = Api::start().await;
    let (_, lead) = claimed(&api, "030 901820").await;
    api.post(NUMBERS, json!({"number": "+4930901822"})).await.ok(201);
    let csv = "\u{feff}Phone;Reason\r\n030 901820;\"asked; twice\"\r\n\r\n+4930901821;=1+1\r\nnobody;\r\n\
        030 901822;\r\n+49 30 901821;\r\n";
    let answer = import(&api, &format!("{IMPORT}?default_country=DE&partial=true"), csv).await.ok(200);
    let reason = "this is not a telephone number";
    assert_eq!(
        answer,
        json!({"listed": 2, "already": 2, "invalid": [{"row": 5, "value": "nobody", "reason": reason}]})
    );
    assert_eq!((active_attempts(&api).await, state(&api, &lead).await), (vec![], "skipped"));

    let answer = api.get(EXPORT).await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let at = "2026-11-23T11:00:00.000Z";
    let exported = format!(
        "\u{feff}phone,reason,source,listed_at\r\n+49 30 901820,asked; twice,import,{at}\r\n\
         +49 30 901821,'=1+1,import,{at}\r\n+49 30 901822,,api,{at}\r\n"
    );
    assert_eq!((answer.status, answer.text.as_str()), (200, exported.as_str()));
    let again = import(&api, IMPORT, exported.clone()).await.ok(200);
    assert_eq!(again, json!({"listed": 0, "already": 3, "invalid": []}));
    import(&api, "/do-not-call/copy/import", exported.clone()).await.problem(404, "not_found");
    api.put("/do-not-call/copy", json!(null)).await.ok(201);
    let copied = import(&api, "/do-not-call/copy/import", exported).await.ok(200);
    assert_eq!(copied["listed"], 3);
    let shown = api.get("/do-not-call/copy/numbers/+4930901821").await.ok(200);
    assert_eq!((&shown["reason"], &shown["source"]), (&json!("=1+1"), &json!("import")));
}

#[tokio::test]
async fn every_number_of_a_row_is_listed_and_an_export_is_taken_back_whole() {
    let api = Api::start().await;
    let (_, lead) = claimed(&api, "030 901824").await;
    let csv = "name;phone;phone_2;Mobile;source;Listed At;reason\n\
        Ana;030 901820;+4930901821;0151 23456789;letter;2026-01-02T03:04:05Z;asked\n\
        Bo;;;+4930901824;;2062-01-01T00:00:00Z;\n\
        Cy;;+4930901825;nobody;;soon;\n\
        Di;;;;;;\n";
    let answer = import(&api, &format!("{IMPORT}?default_country=DE&partial=true"), csv).await.ok(200);
    let invalid: Vec<_> =
        answer["invalid"].as_array().expect("a list").iter().map(|one| &one["row"]).collect();
    assert_eq!((&answer["listed"], invalid), (&json!(5), vec![&json!(5)]));
    assert_eq!(state(&api, &lead).await, "skipped");
    let (then, now) = ("2026-01-02T03:04:05.000Z", "2026-11-23T11:00:00.000Z");
    let expected = format!(
        "\u{feff}phone,reason,source,listed_at\r\n+49 1512 3456789,asked,letter,{then}\r\n\
         +49 30 901820,asked,letter,{then}\r\n+49 30 901821,asked,letter,{then}\r\n\
         +49 30 901824,,import,{now}\r\n+49 30 901825,,import,{now}\r\n"
    );
    assert_eq!(api.get(EXPORT).await.text, expected);
    // Taken off and put back some day, it is as it was.
    for number in ["+4915123456789", "+4930901820", "+4930901821", "+4930901824", "+4930901825"] {
        api.delete(&format!("{NUMBERS}/{number}?reason=mistake")).await.ok(204);
    }
    api.advance_ms(86_400_000);
    assert_eq!(import(&api, IMPORT, expected.clone()).await.ok(200)["listed"], 5);
    assert_eq!(api.get(EXPORT).await.text, expected);
}

#[tokio::test]
async fn a_list_has_to_be_there_before_a_campaign_names_it() {
    let api = Api::start().await;
    api.put("/do-not-call/partners", json!(null)).await.ok(201);
    let form =
        |list: &str| json!({"name": "A", "assistant_id": api.keys.assistant, "suppression_lists": [list]});
    let problem = api.post("/campaigns", form("partner")).await.problem(422, "invalid_fields");
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(detail.contains("list partner;") && detail.contains("do_not_call, partners"), "{detail}");
    let campaign = api.campaign().await;
    let named = api.patch(&campaign, json!({"suppression_lists": ["partner"]})).await;
    assert_eq!(named.faults(422, "invalid_fields"), ["suppression_lists"]);

    // A list may be made before it is filled.
    let path = "/do-not-call/partner";
    assert_eq!(api.put(path, json!(null)).await.ok(201), json!({"name": "partner", "is_default": false}));
    api.put(path, json!(null)).await.ok(200);
    api.put("/do-not-call/do_not_call", json!(null)).await.ok(200);
    let chosen = format!("/campaigns/{}", api.post("/campaigns", form("partner")).await.ok(201).id());
    let problem = api.delete(path).await.problem(409, "in_use");
    assert_eq!(problem["existing_id"], json!(chosen.rsplit('/').next()));
    api.delete(&chosen).await.ok(202);
    api.delete(path).await.ok(204);
}

#[tokio::test]
async fn long_lists_are_whole_and_sorted_in_pages_of_any_size() {
    let api = Api::start().await;
    let mut numbers: Vec<String> = (0..150).map(|n| format!("+4930901{n:03}")).collect();
    let answer = import(&api, IMPORT, numbers.join("\n")).await.ok(200);
    assert_eq!(answer, json!({"listed": 150, "already": 0, "invalid": []}));
    numbers.sort();
    for limit in [1, 7, 20, 100] {
        let listed = api.all(&format!("{NUMBERS}?limit={limit}")).await;
        assert_eq!(listed.iter().map(|one| one["number"].clone()).collect::<Vec<_>>(), numbers, "{limit}");
    }
    let exported = api.get(EXPORT).await;
    assert_eq!(exported.text.lines().count(), 151);
    // A cursor is good for its own list.
    let cursor = api.get(NUMBERS).await.ok(200)["next_cursor"].as_str().expect("a cursor").to_owned();
    api.put("/do-not-call/other", json!(null)).await.ok(201);
    let path = format!("/do-not-call/other/numbers?cursor={cursor}");
    assert_eq!(api.get(&path).await.faults(400, "invalid_query"), ["cursor"]);
}

/// Which of the sixteen partitions of a list holds the number: FNV-1a over its digits.
fn shard(number: &str) -> u32 {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    number.trim_start_matches('+').bytes().fold(2_166_136_261, step) % 16
}

#[tokio::test]
async fn a_list_that_lies_all_in_one_partition_is_whole_too() {
    let api = Api::start().await;
    let numbers = (0..1_000).map(|n| format!("+4930901{n:03}")).filter(|number| shard(number) == 3);
    let numbers: Vec<_> = numbers.take(40).collect();
    assert_eq!(import(&api, IMPORT, numbers.join("\n")).await.ok(200)["listed"], 40);
    for limit in [1, 25, 40, 41] {
        let listed = api.all(&format!("{NUMBERS}?limit={limit}")).await;
        assert_eq!(listed.iter().map(|one| one["number"].clone()).collect::<Vec<_>>(), numbers, "{limit}");
    }
}

/// Of twenty writes three lose their reply, and three meet another transaction.
#[derive(Debug, Default)]
struct Storm(AtomicU64);

impl Interceptor for Storm {
    fn before(&self, call: &TableCall<'_>) -> Verdict {
        if matches!(call.operation, "GetItem" | "Query" | "BatchGetItem") {
            return Verdict::Pass;
        }
        match SplitMix64::new(self.0.fetch_add(1, Ordering::Relaxed)).next_bits() % 20 {
            0..3 => Verdict::LoseReply,
            3..6 => Verdict::Conflict,
            _ => Verdict::Pass,
        }
    }
}

#[tokio::test]
async fn lost_replies_and_conflicts_change_nothing() {
    let calm = Api::start().await;
    let (campaign, lead) = claimed(&calm, "030 901820").await;
    let api = calm.under(Arc::new(Storm::default()));
    let numbers: Vec<String> = (800..900).map(|n| format!("+4930901{n}")).collect();
    // Sent again, as a client does that was told to come again.
    let answers = async |csv: String| {
        for _ in 0..20 {
            let answer = import(&api, IMPORT, csv.clone()).await;
            if answer.status != 503 {
                return answer.ok(200);
            }
        }
        panic!("no answer in twenty tries");
    };
    let answer = answers(numbers.join("\n")).await;
    let count = |name: &str| answer[name].as_u64().expect("a count");
    assert_eq!(count("listed") + count("already"), 100);
    let listed = calm.all(NUMBERS).await;
    assert_eq!(listed.iter().map(|one| one["number"].clone()).collect::<Vec<_>>(), numbers);
    assert_eq!((active_attempts(&calm).await, state(&calm, &lead).await), (vec![], "skipped"));
    let id = campaign.trim_start_matches("/campaigns/").parse().expect("an id");
    let counters = calm.context.store.counters(&calm.keys.workspace, &id).await.expect("a table");
    assert_eq!(counters.get(Counter::Skipped), 1);
}

#[tokio::test]
async fn a_list_is_there_once_it_was_made_until_it_is_deleted_empty() {
    let api = Api::start().await;
    let names = async || api.all("/do-not-call").await;
    let everywhere = json!({"name": "do_not_call", "is_default": true});
    let unclear = json!({"name": "unclear_wishes", "is_default": false});
    assert_eq!(names().await, [everywhere.clone(), unclear.clone()]);
    api.get("/do-not-call/tps/numbers").await.problem(404, "not_found");
    // One that is misspelt would count nowhere.
    let misspelt = api.post("/do-not-call/tps/numbers", json!({"number": "+4930901820"})).await;
    let told = misspelt.problem(404, "not_found");
    assert!(told["detail"].as_str().is_some_and(|detail| detail.contains("PUT /do-not-call/tps")), "{told}");
    import(&api, "/do-not-call/tps/import", "+4930901820").await.problem(404, "not_found");
    assert_eq!(names().await.len(), 2);
    api.put("/do-not-call/tps", json!(null)).await.ok(201);
    api.post("/do-not-call/tps/numbers", json!({"number": "+4930901820"})).await.ok(201);
    let made = json!({"name": "tps", "is_default": false});
    assert_eq!(names().await, [everywhere.clone(), made, unclear.clone()]);

    api.delete("/do-not-call/tps").await.problem(409, "in_use");
    assert_eq!(names().await.len(), 3);
    api.delete("/do-not-call/tps/numbers/+4930901820?reason=mistake").await.ok(204);
    api.delete("/do-not-call/tps").await.ok(204);
    api.delete("/do-not-call/tps").await.problem(404, "not_found");
    for always in ["do_not_call", "unclear_wishes"] {
        api.delete(&format!("/do-not-call/{always}")).await.problem(409, "in_use");
    }
    assert_eq!(names().await, [everywhere, unclear]);

    for n in 1..19 {
        api.put(&format!("/do-not-call/list{n}"), json!(null)).await.ok(201);
    }
    let one_more = api.put("/do-not-call/more", json!(null)).await;
    one_more.problem(409, "too_many_lists");
    api.post(NUMBERS, json!({"number": "+4930901820"})).await.ok(201);
    assert_eq!((names().await.len(), api.all("/do-not-call?limit=3").await.len()), (20, 20));
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_named() {
    let api = Api::start().await;
    for (form, field) in [
        (json!({}), "number"),
        (json!({"number": 1}), "number"),
        (json!({"number": ""}), "number"),
        (json!({"number": "030 901820"}), "number"),
        (json!({"number": "+49"}), "number"),
        (json!({"number": "+4930901820", "default_country": "XX"}), "default_country"),
        (json!({"number": "+4930901820", "reason": "x".repeat(301)}), "reason"),
        (json!({"number": "+4930901820", "source": "x".repeat(65)}), "source"),
        (json!({"number": "+4930901820", "list": "x"}), "list"),
    ] {
        assert_eq!(api.post(NUMBERS, form.clone()).await.faults(422, "invalid_fields"), [field], "{form}");
    }
    for list in ["Partners", "a%20b", "a%23b", "%00", &"x".repeat(41)] {
        let path = format!("/do-not-call/{list}/numbers");
        api.post(&path, json!({"number": "+4930901820"})).await.problem(404, "not_found");
        api.get(&path).await.problem(404, "not_found");
    }
    for number in ["030901820", "x", "%20", "+49%23"] {
        api.get(&format!("{NUMBERS}/{number}")).await.problem(404, "not_found");
        api.delete(&format!("{NUMBERS}/{number}?reason=mistake")).await.problem(404, "not_found");
    }
    api.post(IMPORT, json!({})).await.problem(415, "unsupported_media_type");
    for (csv, told) in [
        (b"+4930901820\n\"+4930901821\n".to_vec(), "row 2"),
        (b"+4930901820,\xff\n".to_vec(), "UTF-8"),
        (b"PK\x03\x04[Content_Types].xml".to_vec(), "XLSX"),
        (b"[{\"phone\": \"+4930901820\"}]".to_vec(), "JSON"),
        ("+4930901820\n".repeat(10_001).into_bytes(), "10001"),
    ] {
        let problem = import(&api, IMPORT, csv).await.problem(422, "invalid_fields");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(told)), "{problem}");
    }
    import(&api, IMPORT, vec![b' '; (1 << 20) + 1]).await.problem(413, "body_too_large");
    let unknown = import(&api, &format!("{IMPORT}?country=DE"), "").await;
    assert_eq!(unknown.faults(400, "invalid_query"), ["country"]);
    let nothing = import(&api, IMPORT, "").await.ok(200);
    assert_eq!(nothing, json!({"listed": 0, "already": 0, "invalid": []}));
    assert_eq!(api.all(NUMBERS).await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_number_that_cant_be_read_is_told_so_that_nobody_overlooks_it() {
    let api = Api::start().await;
    api.put("/do-not-call/partners", json!(null)).await.ok(201);
    let path = "/do-not-call/partners/import?default_country=DE";
    let csv = "\u{feff}Telefon;phone;reason\r\nx;(+49) 030-23125001;asked\r\nx;0049 30 23125002;asked\r\n\
        x;'+49 30 23125003;asked\r\nx;=\"03023125004\";asked\r\nx;+52 1 55 5012 3456;asked\r\n\
        x;+54 9 11 5555-0123;asked\r\nx;+55 11 9555-0123;asked\r\nx;4,93023E+11;asked\r\n";
    let problem = import(&api, path, csv).await.problem(422, "unread_numbers");
    let errors = problem["errors"].as_array().expect("errors");
    assert_eq!((errors.len(), &errors[0]["field"]), (1, &json!("row 9")));
    assert!(errors[0]["reason"].as_str().is_some_and(|reason| reason.contains("spreadsheet")), "{problem}");
    let listed: Vec<_> =
        api.all("/do-not-call/partners/numbers").await.iter().map(|one| one["number"].clone()).collect();
    let numbers = [
        "+493023125001",
        "+493023125002",
        "+493023125003",
        "+493023125004",
        "+525550123456",
        "+5491155550123",
        "+5511995550123",
    ];
    assert_eq!(listed, numbers);
    let known = import(&api, &format!("{path}&partial=true"), csv).await.ok(200);
    assert_eq!((&known["already"], known["invalid"].as_array().map(Vec::len)), (&json!(7), Some(1)));
}

#[tokio::test]
async fn a_list_that_has_lost_its_plus_is_never_read_as_strangers() {
    let api = Api::start().await;
    let csv = "phone\n493023125001\n442079460123\n61491570006\n";
    let path = format!("{IMPORT}?default_country=DE");
    let problem = import(&api, &path, csv).await.problem(422, "unread_numbers");
    let detail = problem["detail"].as_str().expect("a detail");
    assert!(detail.contains("bare_digits=international"), "{detail}");
    // Within Germany the first of them can be nothing else.
    assert_eq!(api.all(NUMBERS).await[0]["number"], "+493023125001");
    assert_eq!(api.all(NUMBERS).await.len(), 1);
    import(&api, &format!("{path}&bare_digits=international"), csv).await.ok(200);
    let numbers: Vec<_> = api.all(NUMBERS).await.iter().map(|one| one["number"].clone()).collect();
    assert_eq!(numbers, ["+442079460123", "+493023125001", "+61491570006"]);
    for (name, delimiter) in [("comma", ','), ("semicolon", ';'), ("tab", '\t'), ("bar", '|')] {
        let export = api.get(&format!("{EXPORT}?delimiter={name}")).await.text;
        let line = format!("\r\n+44 20 7946 0123{delimiter}{delimiter}import{delimiter}");
        assert!(export.contains(&line), "{export}");
        assert_eq!(import(&api, IMPORT, export).await.ok(200)["already"], 3);
    }
}
