//! Bad input, wherever it may come: always a problem that says what is wrong, never a 5xx.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use carillon_local::table::{Interceptor, TableCall, Verdict};
use carillon_system_tests::api::{Answer, Api};
use serde_json::{Value, json};

use crate::api::routes::{self, Stage};

const NO_ID: &str = "01ARYZ6S41TSV4RRFFQ69G5FAV";

struct Raw<'a> {
    method: Method,
    path: &'a str,
    content_type: Option<&'a str>,
    body: Vec<u8>,
}

async fn send(api: &Api, raw: Raw<'_>) -> Answer {
    let mut request = Request::builder()
        .method(raw.method)
        .uri(format!("/api/v1{}", raw.path))
        .header("authorization", format!("Bearer {}", api.keys.api_key));
    if let Some(content_type) = raw.content_type {
        request = request.header("content-type", content_type);
    }
    api.send(request.body(Body::from(raw.body)).expect("a request")).await
}

/// Everything that takes JSON, with the JSON that it would take.
async fn writable(api: &Api) -> Vec<(Method, String, Value)> {
    let stage = Stage::of(api).await;
    let routes = routes::all(api).await;
    // A file may be JSON too, and is read as one.
    let routes = routes.into_iter().filter(|route| !route.path.ends_with("/imports/preview"));
    let taking = routes.filter_map(|route| {
        let body = stage.body(&route)?;
        Some((route.method.clone(), stage.path(&route), body))
    });
    taking.collect()
}

#[tokio::test]
async fn what_is_no_json_is_refused_with_its_place() {
    let api = Api::start().await;
    for (method, path, _) in writable(&api).await {
        for (body, place) in [
            ("{", "line 1 column 1"),
            ("{\"name\": \"a\",\n \"b\" 1}", "line 2 column 6"),
            ("{\"name\": \"a\"", "line 1 column 12"),
            ("nonsense", "line 1 column 2"),
            ("\u{0}", "line 1 column 1"),
            ("{\"name\": \"\\ud800\"}", "line 1 column 17"),
            ("{'name': 1}", "line 1 column 2"),
            ("{} {}", "line 1 column 4"),
        ] {
            let raw = Raw {
                method: method.clone(),
                path: &path,
                content_type: Some("application/json"),
                body: body.as_bytes().to_vec(),
            };
            let problem = send(&api, raw).await.problem(400, "malformed_json");
            assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(place)), "{problem}");
        }
        let invalid_utf8 = Raw {
            method: method.clone(),
            path: &path,
            content_type: Some("application/json"),
            body: b"{\"name\": \"\xff\xfe\"}".to_vec(),
        };
        send(&api, invalid_utf8).await.problem(400, "malformed_json");
    }
}

#[tokio::test]
async fn what_is_json_and_something_else_is_refused_by_name() {
    let api = Api::start().await;
    for (method, path, good) in writable(&api).await {
        let refused = async |body: Value| {
            let answer = api.call(method.clone(), &path, Some(&body)).await;
            answer.faults(422, "invalid_fields")
        };
        for body in [json!([]), json!("text"), json!(1), json!(true), json!([{"name": "a"}])] {
            assert!(!refused(body).await.is_empty());
        }
        assert_eq!(refused(json!({"no_such_field": 1})).await.len(), 1);
        let mut more = good.clone();
        more["no_such_field"] = json!(null);
        assert_eq!(refused(more).await, ["no_such_field"], "{method} {path}");
        for name in good.as_object().expect("fields").keys() {
            for wrong in [json!({"a": 1}), json!([[]]), json!(1.5), json!(false), json!("\u{0}\u{fffd}")] {
                if wrong.is_f64() && good[name].is_f64() {
                    continue; // a number where one is taken
                }
                let mut body = good.clone();
                body[name] = wrong.clone();
                let answer = api.call(method.clone(), &path, Some(&body)).await;
                assert!(answer.status < 500, "{}: {}", answer.request, answer.text);
                if !wrong.is_string() {
                    let faults = answer.faults(422, "invalid_fields");
                    assert!(
                        faults[0].starts_with(name.as_str()),
                        "{method} {path} {name} {wrong}: {faults:?}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn bodies_are_announced_bounded_and_not_endlessly_deep() {
    let api = Api::start().await;
    for (method, path, good) in writable(&api).await {
        for content_type in
            [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("json")]
        {
            if path.ends_with("/imports") && content_type == Some("text/plain") {
                continue; // a file
            }
            let raw = Raw {
                method: method.clone(),
                path: &path,
                content_type,
                body: good.to_string().into_bytes(),
            };
            send(&api, raw).await.problem(415, "unsupported_media_type");
        }
        let json = Some("application/json");
        let huge = vec![b' '; carillon_api::MAX_BODY_BYTES + 1];
        let raw = Raw { method: method.clone(), path: &path, content_type: json, body: huge };
        send(&api, raw).await.problem(413, "body_too_large");
        let deep = "[".repeat(100_000);
        let raw = Raw { method: method.clone(), path: &path, content_type: json, body: deep.into_bytes() };
        send(&api, raw).await.problem(400, "malformed_json");
        // These need no body.
        if !path.ends_with("duplicate") && !path.ends_with("export") {
            let raw = Raw { method: method.clone(), path: &path, content_type: json, body: Vec::new() };
            let problem = send(&api, raw).await.problem(400, "malformed_json");
            assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("empty")));
        }
    }
}

/// An id that is well formed and names nothing.
fn unknown(name: &str) -> String {
    match name {
        "campaign_id" => format!("cmp_{NO_ID}"),
        "lead_id" => format!("lead_{NO_ID}0123456789ABCDEF"),
        "import_id" => format!("imp_{NO_ID}"),
        "contact_id" => format!("con_{NO_ID}"),
        "contact_list_id" => format!("lst_{NO_ID}"),
        "job_id" => format!("job_{NO_ID}"),
        "assistant_id" => format!("ast_{NO_ID}"),
        "caller_number_id" => format!("num_{NO_ID}"),
        "interaction_id" => format!("int_{NO_ID}"),
        "key_id" => format!("key_{NO_ID}"),
        "event_id" => "unr_0123456789ABCDEF".to_owned(),
        "endpoint_id" => format!("whe_{NO_ID}"),
        "delivery_id" => format!("dlv_{NO_ID}"),
        name => panic!("say here how an id looks that is a {name}"),
    }
}

#[tokio::test]
async fn ids_that_name_nothing_are_not_found() {
    let api = Api::start().await;
    let stage = Stage::of(&api).await;
    let strange = ["x", "cmp_1", "%20", "%F0%9F%93%9E", "ws_01ARYZ6S41TSV4RRFFQ69G5FAV", "..%2F.."];
    let endless = "9".repeat(2_000);
    for route in routes::all(&api).await {
        for name in route.names().into_iter().filter(|name| name.ends_with("_id")) {
            let body = stage.body(&route);
            let asked = async |id: &str| {
                api.call(route.method.clone(), &stage.path_but(&route, name, id), body.as_ref()).await
            };
            let answer = asked(&unknown(name)).await;
            if route.outlives_its_campaign() && route.method == Method::GET {
                assert_eq!(answer.ok(200)["items"], json!([]));
            } else if route.outlives_its_campaign() {
                assert_eq!(answer.ok(202)["kind"], "export", "of nothing");
            } else {
                answer.problem(404, "not_found");
            }
            for wrong in strange.into_iter().chain([endless.as_str()]) {
                asked(wrong).await.problem(404, "not_found");
            }
        }
    }
    let text = api.get("/campaigns/%ff%fe").await;
    assert_eq!(text.status, 404, "{}", text.text);
}

#[tokio::test]
async fn paths_and_methods_that_are_not_there_are_problems_too() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    for path in ["", "/", "/nothing", "/campaigns/", "/Campaigns", &format!("{campaign}/")] {
        api.get(path).await.problem(404, "unknown_path");
    }
    let outside = Request::get("/").body(Body::empty()).expect("a request");
    api.send(outside).await.problem(404, "unknown_path");
    for (method, path) in [
        (Method::PUT, "/campaigns"),
        (Method::DELETE, "/campaigns"),
        (Method::PUT, campaign.as_str()),
        (Method::POST, campaign.as_str()),
        (Method::GET, &format!("{campaign}/start")),
        (Method::POST, "/secrets/elevenlabs"),
        (Method::POST, "/health"),
        (Method::DELETE, "/openapi.json"),
        (Method::TRACE, "/campaigns"),
        (Method::from_bytes(b"BREW").expect("a method"), "/campaigns"),
    ] {
        let answer = api.call(method.clone(), path, None).await;
        assert_ne!(answer.header("allow"), "", "{method} {path}");
        answer.problem(405, "method_not_allowed");
    }
}

#[tokio::test]
async fn queries_are_read_strictly() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    for (path, field) in [
        ("/campaigns?status=nice".to_owned(), "status"),
        ("/campaigns?sort=colour".to_owned(), "sort"),
        ("/campaigns?limit=1&limit=2".to_owned(), "limit"),
        (format!("{campaign}/leads?status=paused"), "status"),
        (format!("{campaign}/leads?sort=colour"), "sort"),
        (format!("{campaign}/interactions?status=ringing"), "status"),
        (format!("{campaign}/imports?status=running"), "status"),
    ] {
        assert_eq!(api.get(&path).await.faults(400, "invalid_query"), [field], "{path}");
    }
    assert_eq!(
        api.delete(&format!("{campaign}?confirm=yes")).await.faults(400, "invalid_query"),
        ["confirm"]
    );
    assert_eq!(api.delete(&format!("{campaign}?force=1")).await.faults(400, "invalid_query"), ["force"]);
    let strange = api.get(&format!("{campaign}/leads?search=%00%ff%F0%9F%93%9E")).await;
    assert!(strange.status < 500, "{}", strange.text);
}

#[derive(Debug)]
struct Outage;

impl Interceptor for Outage {
    fn before(&self, _: &TableCall<'_>) -> Verdict {
        Verdict::Throttle
    }
}

#[tokio::test]
async fn only_an_outage_of_ours_is_a_5xx_and_says_to_come_again() {
    let api = Api::start().await;
    let under = api.under(Arc::new(Outage));
    let answer = under.get("/campaigns").await;
    assert_eq!(answer.header("retry-after"), "1");
    let problem = answer.problem(503, "unavailable");
    let text = problem.to_string();
    assert!(!text.contains("dynamo") && !text.contains("Throughput"), "{text}");
}
