//! What the folder promises, and what it refuses.

use carillon_domain::base::time::Timestamp;

use super::*;
use crate::files::{FileReader, Files, MAX_KEY_BYTES, MemoryFiles};
use crate::scratch::Scratch;

const KEY: &str = "uploads/ws_1/leads März.csv";
const SIGNING_KEY: [u8; 32] = {
    let mut key = [0; 32];
    let mut at = 0;
    while at < 32 {
        key[at] = at as u8;
        at += 1;
    }
    key
};

fn folder(scratch: &Scratch) -> (FolderFiles, Clock) {
    let clock = Clock::manual(Timestamp::from_millis(1_795_252_200_000));
    let files = FolderFiles::new(scratch.path(), "http://127.0.0.1:8787", SIGNING_KEY, clock.clone());
    (files.expect("a folder"), clock)
}

/// What both backends are held to.
fn both(scratch: &Scratch) -> [Files; 2] {
    let (folder, clock) = folder(scratch);
    [Files::Folder(folder), Files::Memory(MemoryFiles::new(clock))]
}

fn grant_of(upload: &PresignedUpload) -> LinkGrant {
    let url = Url::parse(&upload.url).expect("a URL");
    let value = |name| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    LinkGrant {
        expires: value("expires").expect("an expiry").parse().expect("seconds"),
        size: value("size").map(|bytes| bytes.parse().expect("bytes")),
        signature: value("signature").expect("a signature"),
    }
}

async fn read(mut reader: FileReader) -> Vec<Vec<u8>> {
    let mut chunks = Vec::new();
    while let Some(chunk) = reader.chunk().await.expect("read") {
        chunks.push(chunk);
    }
    chunks
}

/// The signatures come from Python: `hmac.new(bytes(range(32)), "{method}\n{key}\n{expires}\n{size}".encode(), "sha256")`.
#[test]
fn a_link_is_what_the_gateway_expects() {
    let scratch = Scratch::new("folder-link");
    let (files, _) = folder(&scratch);
    let upload = files.presign_put(KEY, 300, None).expect("a link");
    let expected = "http://127.0.0.1:8787/uploads/uploads/ws_1/leads%20M%C3%A4rz.csv?expires=1795252500\
        &signature=6a3e68f041812e2906ff839d1f16800077f561d15fad8599db2b660dda699dfd";
    assert_eq!((upload.method.as_str(), upload.url.as_str()), ("PUT", expected));
    assert_eq!(upload.expires_at.as_secs(), 1_795_252_500);
    assert!(upload.headers.is_empty());

    let sized = files.presign_put(KEY, 300, Some(42)).expect("a link");
    let ending = "?expires=1795252500&size=42\
        &signature=f00172db943960dd9762a785debf3880f6337d1a387d1444fa0e1364fe948e1f";
    assert!(sized.url.ends_with(ending), "{}", sized.url);
    assert_eq!(sized.headers, [("content-length".to_owned(), "42".to_owned())]);

    let fetched = files.presign_get(KEY, 300).expect("a link");
    let signature = "92536ad2806e029985f858afe4e7243ebb12367ff591a5a88385c08ca7d8d0b2";
    assert!(fetched.ends_with(&format!("?expires=1795252500&signature={signature}")), "{fetched}");
    let grant = LinkGrant { expires: 1_795_252_500, size: None, signature: signature.to_owned() };
    assert_eq!(files.verify(LinkUse::Get, KEY, &grant), Ok(()));
    assert_eq!(files.verify(LinkUse::Put, KEY, &grant), Err(LinkRefused::Signature));
}

#[test]
fn a_link_works_until_it_expires_and_for_its_own_upload_only() {
    let scratch = Scratch::new("folder-verify");
    let (files, clock) = folder(&scratch);
    let grant = grant_of(&files.presign_put(KEY, 300, Some(42)).expect("a link"));
    let refused = Err(LinkRefused::Signature);
    assert_eq!(files.verify(LinkUse::Put, KEY, &grant), Ok(()));
    assert_eq!(files.verify(LinkUse::Put, "uploads/ws_2/leads.csv", &grant), refused);
    assert_eq!(
        files.verify(LinkUse::Put, KEY, &LinkGrant { expires: grant.expires + 1, ..grant.clone() }),
        refused
    );
    assert_eq!(files.verify(LinkUse::Put, KEY, &LinkGrant { size: None, ..grant.clone() }), refused);
    assert_eq!(files.verify(LinkUse::Put, KEY, &LinkGrant { size: Some(43), ..grant.clone() }), refused);
    for signature in ["", "0", &grant.signature[1..], &grant.signature.to_uppercase()] {
        let forged = LinkGrant { signature: signature.to_owned(), ..grant.clone() };
        assert_eq!(files.verify(LinkUse::Put, KEY, &forged), refused, "{signature}");
    }
    clock.advance_to(Timestamp::from_millis(1_795_252_499_999));
    assert_eq!(files.verify(LinkUse::Put, KEY, &grant), Ok(()));
    clock.advance_to(Timestamp::from_millis(1_795_252_500_000));
    assert_eq!(files.verify(LinkUse::Put, KEY, &grant), Err(LinkRefused::Expired));
}

#[test]
fn a_link_of_another_folder_is_refused() {
    let (scratch, other) = (Scratch::new("folder-ours"), Scratch::new("folder-theirs"));
    let (files, clock) = folder(&scratch);
    let theirs = FolderFiles::new(other.path(), "http://127.0.0.1:8787", [7; 32], clock).expect("a folder");
    let grant = grant_of(&theirs.presign_put(KEY, 300, None).expect("a link"));
    assert_eq!(files.verify(LinkUse::Put, KEY, &grant), Err(LinkRefused::Signature));
    assert!(!format!("{theirs:?}").contains("7, 7"), "the key is not shown");
}

#[tokio::test]
async fn no_key_leads_out_of_the_folder() {
    let scratch = Scratch::new("folder-keys");
    let (files, clock) = folder(&scratch);
    let memory = Files::Memory(MemoryFiles::new(clock));
    let long = "x".repeat(MAX_KEY_BYTES + 1);
    let bad = [
        "",
        "/",
        "/etc/passwd",
        "..",
        "../x",
        "a/../../x",
        "a/..",
        ".",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "a\\..\\b",
        "a\0b",
        "a\nb",
        &long,
    ];
    assert!(matches!(files.size(".partial/0").await, Err(FilesError::BadKey { .. })));
    for key in bad {
        let refusals = [
            files.presign_put(key, 60, None).map(drop),
            files.open(key, 0).await.map(drop),
            files.size(key).await.map(drop),
            files.write(key, Vec::new()).await,
            files.begin(key, None).await.map(drop),
            memory.presign_put(key, 60, None).await.map(drop),
            memory.open(key, 0).await.map(drop),
            memory.size(key).await.map(drop),
            memory.write(key, Vec::new()).await,
        ];
        assert!(refusals.iter().all(|refusal| matches!(refusal, Err(FilesError::BadKey { .. }))), "{key:?}");
    }
    for key in ["a", "a/b.csv", "...", "a..b", ".hidden", "a/.partial", "11:30 ü"] {
        files.write(key, b"x".to_vec()).await.unwrap_or_else(|error| panic!("{key}: {error}"));
        files.size(key).await.expect("it is there");
        std::fs::remove_file(scratch.path().join(key)).expect("below the folder");
        let _ = std::fs::remove_dir(scratch.path().join("a"));
    }
}

#[tokio::test]
async fn a_file_is_read_in_chunks_from_any_byte() {
    let scratch = Scratch::new("folder-read");
    let bytes: Vec<u8> = (0..CHUNK_BYTES * 2 + 100).map(|at| (at % 251) as u8).collect();
    for files in both(&scratch) {
        files.write("a/b.csv", bytes.clone()).await.expect("written");
        assert_eq!(files.size("a/b.csv").await.expect("a size"), bytes.len() as u64);
        for offset in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, bytes.len() - 1] {
            let chunks = read(files.open("a/b.csv", offset as u64).await.expect("opened")).await;
            assert!(chunks.concat() == bytes[offset..], "from {offset}");
            let (_, whole) = chunks.split_last().expect("a chunk");
            assert!(whole.iter().all(|chunk| chunk.len() == CHUNK_BYTES));
        }
        for offset in [bytes.len(), bytes.len() + 1] {
            assert!(read(files.open("a/b.csv", offset as u64).await.expect("opened")).await.is_empty());
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let scratch = Scratch::new("folder-missing");
    for files in both(&scratch) {
        files.write("a/b", Vec::new()).await.expect("written");
        for key in ["c", "a", "a/b/c", "a/c"] {
            let (open, size) = (files.open(key, 0).await.map(drop), files.size(key).await.map(drop));
            for answer in [open, size] {
                assert!(
                    matches!(&answer, Err(FilesError::NotFound { key: named }) if named == key),
                    "{answer:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn an_upload_appears_whole_or_not_at_all() {
    let scratch = Scratch::new("folder-upload");
    let (files, _) = folder(&scratch);
    files.write("a", b"old".to_vec()).await.expect("written");
    let content = || std::fs::read(scratch.path().join("a")).expect("a file");
    let partials = || std::fs::read_dir(scratch.path().join(PARTIAL_DIR)).expect("a folder").count();

    let mut upload = files.begin("a", Some(6)).await.expect("begun");
    upload.push(b"new".to_vec()).await.expect("taken");
    assert_eq!((content().as_slice(), partials()), (b"old".as_slice(), 1));
    upload.push(b"est".to_vec()).await.expect("taken");
    upload.finish().await.expect("finished");
    assert_eq!((content().as_slice(), partials()), (b"newest".as_slice(), 0));

    let mut long = files.begin("a", Some(3)).await.expect("begun");
    let error = long.push(b"four".to_vec()).await.expect_err("too long");
    assert!(matches!(error, FilesError::WrongSize { size_bytes: 3, .. }));
    drop(long);
    let mut short = files.begin("a", Some(3)).await.expect("begun");
    short.push(b"tw".to_vec()).await.expect("taken");
    let error = short.finish().await.expect_err("too short");
    assert!(matches!(error, FilesError::WrongSize { size_bytes: 3, .. }));
    assert_eq!((content().as_slice(), partials()), (b"newest".as_slice(), 0));
}

#[tokio::test]
async fn uploads_that_a_killed_process_left_are_cleared_away() {
    let scratch = Scratch::new("folder-left");
    let (files, _) = folder(&scratch);
    std::mem::forget(files.begin("a", None).await.expect("begun"));
    let partials = || std::fs::read_dir(scratch.path().join(PARTIAL_DIR)).expect("a folder").count();
    assert_eq!(partials(), 1);
    folder(&scratch);
    assert_eq!(partials(), 0);
}
