//! Links to files, as a player of recordings uses them.

use axum::Router;
use axum::body::to_bytes;
use axum::http::Request;
use axum::routing::get;
use carillon_adapters::clock::Clock;
use carillon_adapters::files::CHUNK_BYTES;
use carillon_domain::base::time::Timestamp;
use tower::ServiceExt;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_795_431_600_000);
/// A file of several pieces, the last of which is not full.
const SIZE: usize = 2 * CHUNK_BYTES + 1_000;

/// A folder with a file, and what gives it out.
struct Bucket {
    router: Router,
    files: Files,
    clock: Clock,
    root: std::path::PathBuf,
}

impl Drop for Bucket {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

fn audio() -> Vec<u8> {
    (0..SIZE).map(|at| (at % 251) as u8).collect()
}

impl Bucket {
    async fn with_file(name: &str, key: &str) -> Self {
        let root = std::env::temp_dir().join(format!("carillon-{name}-{}", std::process::id()));
        let clock = Clock::manual(NOW);
        let folder = FolderFiles::new(&root, "http://127.0.0.1:1", [3; 32], clock.clone()).expect("a folder");
        let files = Files::Folder(folder.clone());
        files.write(key, audio()).await.expect("written");
        let router = Router::new().route("/uploads/{*key}", get(download)).with_state(folder);
        Self { router, files, clock, root }
    }

    /// The path of a link to a file, with its grant.
    async fn link(&self, key: &str) -> String {
        let url = self.files.presign_get(key, 60).await.expect("a link");
        url.strip_prefix("http://127.0.0.1:1").expect("our address").to_owned()
    }

    async fn get(&self, link: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
        let request =
            headers.iter().fold(Request::get(link), |request, (name, value)| request.header(*name, *value));
        let request = request.body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body").to_vec();
        (parts.status, parts.headers, bytes)
    }
}

#[tokio::test]
async fn a_file_comes_whole_with_its_type_and_says_that_parts_may_be_asked_for() {
    let bucket = Bucket::with_file("whole", "recordings/on_demand/ws/int.mp3").await;
    let link = bucket.link("recordings/on_demand/ws/int.mp3").await;
    let (status, headers, bytes) = bucket.get(&link, &[]).await;
    assert_eq!((status, bytes), (StatusCode::OK, audio()));
    assert_eq!(headers[header::CONTENT_TYPE], "audio/mpeg");
    assert_eq!(headers[header::ACCEPT_RANGES], "bytes");
    assert_eq!(headers[header::CONTENT_LENGTH], SIZE.to_string().as_str());
    assert!(!headers.contains_key(header::CONTENT_RANGE));
}

#[tokio::test]
async fn parts_put_together_are_the_file() {
    let bucket = Bucket::with_file("parts", "a.wav").await;
    let link = bucket.link("a.wav").await;
    let cut = CHUNK_BYTES + 7;
    let mut whole = Vec::new();
    for (asked, told) in [
        (format!("bytes=0-{}", cut - 1), format!("bytes 0-{}/{SIZE}", cut - 1)),
        (format!("bytes={cut}-"), format!("bytes {cut}-{}/{SIZE}", SIZE - 1)),
    ] {
        let (status, headers, bytes) = bucket.get(&link, &[("range", &asked)]).await;
        assert_eq!(status, StatusCode::PARTIAL_CONTENT, "{asked}");
        assert_eq!(headers[header::CONTENT_RANGE], told.as_str());
        assert_eq!(headers[header::CONTENT_LENGTH], bytes.len().to_string().as_str());
        assert_eq!(headers[header::CONTENT_TYPE], "audio/wav");
        whole.extend(bytes);
    }
    assert_eq!(whole, audio());
    let (_, _, last) = bucket.get(&link, &[("range", "bytes=-3")]).await;
    assert_eq!(last, audio()[SIZE - 3..]);
}

#[tokio::test]
async fn a_part_behind_the_end_is_refused_and_one_on_condition_comes_whole() {
    let bucket = Bucket::with_file("refused", "a.mp3").await;
    let link = bucket.link("a.mp3").await;
    let behind = format!("bytes={SIZE}-");
    let (status, headers, bytes) = bucket.get(&link, &[("range", &behind)]).await;
    assert_eq!((status, bytes.len()), (StatusCode::RANGE_NOT_SATISFIABLE, 0));
    assert_eq!(headers[header::CONTENT_RANGE], format!("bytes */{SIZE}").as_str());
    let (status, _, bytes) = bucket.get(&link, &[("range", "bytes=0-1"), ("if-range", "\"v1\"")]).await;
    assert_eq!((status, bytes.len()), (StatusCode::OK, SIZE));
}

#[tokio::test]
async fn a_link_is_good_for_its_file_and_its_time_alone() {
    let bucket = Bucket::with_file("grants", "a.mp3").await;
    let link = bucket.link("a.mp3").await;
    let other = link.replace("a.mp3", "b.mp3");
    assert_eq!(bucket.get(&other, &[]).await.0, StatusCode::FORBIDDEN);
    let missing = bucket.link("b.mp3").await;
    assert_eq!(bucket.get(&missing, &[]).await.0, StatusCode::NOT_FOUND);
    bucket.clock.advance_to(NOW.plus_ms(60_000));
    assert_eq!(bucket.get(&link, &[("range", "bytes=0-1")]).await.0, StatusCode::FORBIDDEN);
}
