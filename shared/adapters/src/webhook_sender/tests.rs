use carillon_domain::base::ids::{DeliveryId, EventId, WebhookEndpointId};
use carillon_domain::base::time::{SECOND_MS, Timestamp};
use carillon_domain::records::webhook_delivery::DeliveryStatus;

use super::*;
use crate::scripted::{Scripted, answer, truncated};

const AT: Timestamp = Timestamp::from_millis(1_795_431_600_000);

fn sender(reach: Reach) -> WebhookSender {
    WebhookSender::new(reach).expect("a client")
}

fn delivery() -> WebhookDelivery {
    let (endpoint, event) =
        (WebhookEndpointId::new(AT, [1; 10]), EventId::derive("lead_1", 1, "lead.created", AT));
    WebhookDelivery {
        id: DeliveryId::derive(&endpoint, &event),
        version: 1,
        endpoint,
        event,
        event_type: "lead.created".into(),
        campaign: None,
        body: r#"{"type":"lead.created","name":"Ünal"}"#.into(),
        replay_of: None,
        status: DeliveryStatus::Pending,
        tries: Vec::new(),
        next_try_at: Some(AT),
        created_at: AT,
    }
}

fn secrets() -> [Secret; 2] {
    [[1; SECRET_BYTES], [2; SECRET_BYTES]].map(|bytes| secret_of(&bytes))
}

#[tokio::test]
async fn a_delivery_comes_as_it_is_signed_with_every_secret() {
    let server =
        Scripted::new(vec![answer("200 OK", &[("x-request-id", "r1"), ("set-cookie", "a=b")], b"thanks")]);
    let delivery = WebhookDelivery { replay_of: Some(DeliveryId::new(AT, [9; 10])), ..delivery() };
    let url = format!("{}/hooks?of=carillon", server.url());
    let sent = sender(Reach::Anywhere).send(&url, &delivery, &secrets(), AT.as_secs()).await;
    let TryResult::Answered { status, headers, body } = sent.result else { panic!("{sent:?}") };
    assert_eq!((status, body.as_str()), (200, "thanks"));
    assert_eq!(headers.get("x-request-id").map(String::as_str), Some("r1"));
    assert!(!headers.contains_key("set-cookie"));
    let request = &server.requests()[0];
    assert_eq!(request.target, "POST /hooks?of=carillon");
    assert_eq!(request.body, delivery.body);
    assert_eq!(request.header(ID_HEADER), Some(delivery.id.as_str()));
    assert_eq!(request.header(TIMESTAMP_HEADER), Some(AT.as_secs().to_string().as_str()));
    assert_eq!(request.header(REPLAY_HEADER), delivery.replay_of.as_ref().map(DeliveryId::as_str));
    let signatures: Vec<_> = secrets()
        .iter()
        .map(|one| {
            signature::sign(one, delivery.id.as_str(), AT.as_secs(), delivery.body.as_bytes()).expect("one")
        })
        .collect();
    assert_eq!(request.header(SIGNATURE_HEADER), Some(signatures.join(" ").as_str()));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_leads_nowhere() {
    let elsewhere = Scripted::new(vec![answer("200 OK", &[], b"")]);
    let there = answer("307 Temporary Redirect", &[("location", elsewhere.url())], b"");
    let server = Scripted::new(vec![there]);
    let sent = sender(Reach::Anywhere).send(server.url(), &delivery(), &secrets(), AT.as_secs()).await;
    assert!(matches!(sent.result, TryResult::Answered { status: 307, .. }), "{sent:?}");
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_wish_to_wait_is_heard_and_a_body_that_breaks_off_is_an_answer() {
    let busy = truncated("429 Too Many Requests", &[("retry-after", "120")], b"slow down", 4);
    let server = Scripted::new(vec![busy]);
    let sent = sender(Reach::Anywhere).send(server.url(), &delivery(), &secrets(), AT.as_secs()).await;
    assert_eq!(sent.asked_to_wait_ms, Some(120 * SECOND_MS));
    let TryResult::Answered { status: 429, body, .. } = sent.result else { panic!("{sent:?}") };
    assert!("slow down".starts_with(&body));
}

#[tokio::test]
async fn what_does_not_answer_is_named() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    let server = Scripted::new(vec![Vec::new()]);
    for (url, secrets, expected) in [
        (closed.as_str(), secrets().to_vec(), NoAnswer::NotConnected),
        (server.url(), secrets().to_vec(), NoAnswer::BrokeOff),
        (server.url(), Vec::new(), NoAnswer::NoSecret),
        (server.url(), vec![Secret::from("hush")], NoAnswer::NoSecret),
    ] {
        let sent = sender(Reach::Anywhere).send(url, &delivery(), &secrets, AT.as_secs()).await;
        let TryResult::NoAnswer { cause, detail } = sent.result else { panic!("{sent:?}") };
        assert_eq!(cause, expected, "{detail}");
        assert!(!detail.contains("hush") && !detail.is_empty());
    }
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_refused_after_it_was_looked_up() {
    let server = Scripted::new(vec![answer("200 OK", &[], b"")]);
    let port = server.url().rsplit(':').next().expect("a port");
    // The name passes the check of the address; what it stands for does not.
    let url = format!("https://localhost:{port}/");
    let sender = sender(Reach::Public);
    sender.check(&url).expect("only DNS tells");
    let sent = sender.send(&url, &delivery(), &secrets(), AT.as_secs()).await;
    let TryResult::NoAnswer { cause, detail } = sent.result else { panic!("{sent:?}") };
    // Without TLS nothing is looked up at all.
    let expected = if cfg!(feature = "aws") { NoAnswer::ForbiddenAddress } else { NoAnswer::NotConnected };
    assert_eq!(cause, expected, "{detail}");
    assert!(server.requests().is_empty());
}

#[test]
fn an_address_says_what_is_wrong_with_it() {
    let public = sender(Reach::Public);
    for url in [
        "https://example.com/a?b=c",
        "https://example.com:8443/",
        "https://8.8.8.8/",
        "https://[2a00:1450::1]/",
    ] {
        public.check(url).unwrap_or_else(|error| panic!("{url}: {error}"));
    }
    let long = format!("https://example.com/{}", "a".repeat(MAX_URL_BYTES));
    for (url, expected) in [
        ("example.com", UrlError::Malformed("relative URL without a base".into())),
        ("http://example.com/", UrlError::NotHttps),
        ("ftp://example.com/", UrlError::NotHttps),
        ("https://me:pass@example.com/", UrlError::Credentials),
        ("https://127.0.0.1/", UrlError::Private("127.0.0.1".into())),
        // Other spellings of the same.
        ("https://2130706433/", UrlError::Private("127.0.0.1".into())),
        ("https://0x7f.1/", UrlError::Private("127.0.0.1".into())),
        ("https://169.254.169.254/latest", UrlError::Private("169.254.169.254".into())),
        ("https://[::ffff:10.0.0.1]/", UrlError::Private("[::ffff:a00:1]".into())),
        (&long, UrlError::TooLong(long.len())),
    ] {
        assert_eq!(public.check(url), Err(expected), "{url}");
    }
    let anywhere = sender(Reach::Anywhere);
    anywhere.check("http://127.0.0.1:8080/hooks").expect("this machine");
    assert_eq!(anywhere.check("ftp://example.com/"), Err(UrlError::NotHttp));
}
