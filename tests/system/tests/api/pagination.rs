//! Pages and their cursors.

use carillon_system_tests::api::Api;
use serde_json::json;

#[tokio::test]
async fn pages_stay_put_while_items_come_and_go() {
    let api = Api::start().await;
    let mut paths = Vec::new();
    for _ in 0..5 {
        paths.push(api.campaign().await);
        api.advance_ms(1);
    }
    let first = api.get("/campaigns?limit=2&sort=created_at").await.ok(200);
    assert_eq!(first["items"].as_array().map(Vec::len), Some(2));
    api.delete(&paths[1]).await.ok(202);
    api.delete(&paths[0]).await.ok(202);
    api.campaign().await;
    let cursor = first["next_cursor"].as_str().expect("more");
    let second = api.get(&format!("/campaigns?limit=2&sort=created_at&cursor={cursor}")).await.ok(200);
    let ids: Vec<_> =
        second["items"].as_array().expect("items").iter().map(|one| one["id"].clone()).collect();
    let expected: Vec<_> =
        paths[2..4].iter().map(|path| json!(path.trim_start_matches("/campaigns/"))).collect();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn a_page_that_takes_all_is_the_last() {
    let api = Api::start().await;
    for _ in 0..3 {
        api.campaign().await;
    }
    for (limit, has_more) in [(1, true), (2, true), (3, false), (100, false)] {
        let page = api.get(&format!("/campaigns?limit={limit}")).await.ok(200);
        assert_eq!(page["next_cursor"].is_string(), has_more, "{limit}");
        assert_eq!(page["items"].as_array().map(Vec::len), Some(limit.min(3)), "{limit}");
    }
}

#[tokio::test]
async fn limits_and_cursors_that_are_none_are_refused_by_name() {
    let api = Api::start().await;
    let campaign = api.campaign().await;
    api.campaign().await;
    let page = api.get("/campaigns?limit=1").await.ok(200);
    let cursor = page["next_cursor"].as_str().expect("more").to_owned();
    for list in [
        "/campaigns",
        "/assistants",
        "/caller-numbers",
        &format!("{campaign}/leads"),
        &format!("{campaign}/imports"),
        &format!("{campaign}/interactions"),
    ] {
        for limit in ["0", "101", "-1", "ten", "1.5", "", "99999999999999999999"] {
            let answer = api.get(&format!("{list}?limit={limit}")).await;
            assert_eq!(answer.faults(400, "invalid_query"), ["limit"], "{list} {limit}");
        }
        for cursor in ["x", "%FF", "e30", "W10", "!!!", &"A".repeat(3_000)] {
            let answer = api.get(&format!("{list}?cursor={cursor}")).await;
            assert_eq!(answer.faults(400, "invalid_query"), ["cursor"], "{list} {cursor}");
        }
        let other_order = if list == "/campaigns" { "&sort=name" } else { "" };
        let answer = api.get(&format!("{list}?cursor={cursor}{other_order}")).await;
        assert_eq!(answer.faults(400, "invalid_query"), ["cursor"], "{list}");
        let answer = api.get(&format!("{list}?colour=red")).await;
        assert_eq!(answer.faults(400, "invalid_query"), ["colour"], "{list}");
    }
    let damaged =
        [json!(["interactions", [""]]), json!(["interactions", ["x#y"]]), json!(["rejected", ["a", "b"]])];
    for cursor in damaged {
        let cursor = encode(&cursor.to_string());
        let answer = api.get(&format!("{campaign}/interactions?cursor={cursor}")).await;
        assert_eq!(answer.faults(400, "invalid_query"), ["cursor"]);
    }
}

/// Base 64 for URLs (RFC 4648, section 5), without padding.
fn encode(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let encode = |chunk: &[u8]| {
        let bits = (0..3).fold(0_u32, |bits, n| bits << 8 | u32::from(chunk.get(n).copied().unwrap_or(0)));
        let digits = (0..4).map(|n| ALPHABET[(bits >> (18 - 6 * n) & 63) as usize] as char);
        digits.take(chunk.len() + 1).collect::<String>()
    };
    text.as_bytes().chunks(3).map(encode).collect()
}
