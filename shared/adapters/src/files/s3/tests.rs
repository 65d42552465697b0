//! How the bucket is asked, and what its answers mean.

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region};

use super::*;
use crate::scripted::{Scripted, answer, truncated};

fn bucket(endpoint: &str) -> S3Files {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint)
        .force_path_style(true);
    S3Files::new(Client::from_conf(config.build()), "drops")
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

async fn read(mut reader: S3Reader) -> Vec<Vec<u8>> {
    let mut chunks = Vec::new();
    while let Some(chunk) = reader.chunk().await.expect("read") {
        chunks.push(chunk);
    }
    chunks
}

#[tokio::test]
async fn a_link_needs_nothing_but_the_file() {
    let upload =
        bucket("https://s3.example").presign_put("ws_1/leads ü.csv", 300, None).await.expect("a link");
    assert_eq!(upload.method, "PUT");
    assert!(upload.url.starts_with("https://s3.example/drops/ws_1/leads%20%C3%BC.csv?"), "{}", upload.url);
    assert!(upload.url.contains("&X-Amz-Expires=300&"), "{}", upload.url);
    assert!(upload.url.contains("X-Amz-SignedHeaders=host&"), "{}", upload.url);
    assert!(!upload.url.to_lowercase().contains("checksum"), "nobody has to compute one: {}", upload.url);
    assert!(upload.headers.is_empty(), "{:?}", upload.headers);
}

#[tokio::test]
async fn an_announced_size_is_signed() {
    let upload = bucket("https://s3.example").presign_put("a", 300, Some(42)).await.expect("a link");
    assert!(upload.url.contains("X-Amz-SignedHeaders=content-length%3Bhost&"), "{}", upload.url);
    assert_eq!(upload.headers, [("content-length".to_owned(), "42".to_owned())]);
}

#[tokio::test]
async fn a_broken_download_is_taken_up_where_it_broke() {
    let whole = bytes(CHUNK_BYTES * 2 + 100);
    let (offset, broken_at) = (7, CHUNK_BYTES + 1_000);
    let e_tag = [("etag", "\"v1\"")];
    let server = Scripted::new(vec![
        truncated("206 Partial Content", &e_tag, &whole[offset..], broken_at - offset),
        answer("206 Partial Content", &e_tag, &whole[broken_at..]),
    ]);
    let chunks = read(bucket(server.url()).open("a.csv", offset as u64).await.expect("opened")).await;
    assert!(chunks.concat() == whole[offset..]);
    assert_eq!(chunks.iter().map(Vec::len).collect::<Vec<_>>(), [CHUNK_BYTES, CHUNK_BYTES, 93]);
    let requests = server.requests();
    assert_eq!(requests[0].header("range"), Some("bytes=7-"));
    assert_eq!(requests[0].header("if-match"), None);
    assert_eq!(requests[1].header("range"), Some(format!("bytes={broken_at}-").as_str()));
    assert_eq!(requests[1].header("if-match"), Some("\"v1\""));
}

#[tokio::test]
async fn a_download_that_keeps_breaking_is_given_up() {
    let broken = || truncated("200 OK", &[], &bytes(100), 1);
    let server = Scripted::new((0..=MAX_RESUMPTIONS).map(|_| broken()).collect());
    let mut reader = bucket(server.url()).open("a.csv", 0).await.expect("opened");
    let error = reader.chunk().await.expect_err("broken each time");
    assert!(matches!(error, FilesError::Unavailable { .. }), "{error:?}");
    assert_eq!(server.requests().len(), 1 + MAX_RESUMPTIONS as usize);
}

#[tokio::test]
async fn after_the_end_there_is_nothing() {
    let body = b"<Error><Code>InvalidRange</Code></Error>";
    let server = Scripted::new(vec![answer("416 Range Not Satisfiable", &[], body)]);
    assert!(read(bucket(server.url()).open("a.csv", 100).await.expect("opened")).await.is_empty());
}

#[tokio::test]
async fn a_missing_file_is_not_found_and_a_denied_one_not_available() {
    let missing = answer("404 Not Found", &[], b"<Error><Code>NoSuchKey</Code></Error>");
    let denied = answer("403 Forbidden", &[], b"<Error><Code>AccessDenied</Code></Error>");
    let server = Scripted::new(vec![missing, answer("404 Not Found", &[], b""), denied]);
    let files = bucket(server.url());
    assert!(matches!(files.open("a", 0).await, Err(FilesError::NotFound { key }) if key == "a"));
    assert!(matches!(files.size("a").await, Err(FilesError::NotFound { key }) if key == "a"));
    assert!(matches!(files.open("a", 0).await, Err(FilesError::Unavailable { key, .. }) if key == "a"));
}

#[tokio::test]
async fn a_file_is_written_and_measured() {
    let size = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1234\r\n\r\n".to_vec();
    let server = Scripted::new(vec![answer("200 OK", &[], b""), size]);
    let files = bucket(server.url());
    files.write("ws_1/rejected.csv", b"row,reason".to_vec()).await.expect("written");
    assert_eq!(files.size("ws_1/rejected.csv").await.expect("a size"), 1_234);
    let requests = server.requests();
    assert!(requests[0].target.starts_with("PUT /drops/ws_1/rejected.csv"), "{}", requests[0].target);
    assert!(requests[0].body.contains("row,reason"));
    assert!(requests[1].target.starts_with("HEAD /drops/ws_1/rejected.csv"));
}
