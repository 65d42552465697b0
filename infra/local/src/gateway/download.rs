//! Gives out a file that a signed address allows, or a part of it, piece by piece, as S3 does.

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use carillon_adapters::files::{FileReader, Files, FilesError, FolderFiles, LinkGrant, LinkUse, media_type};
use futures_util::stream;

use super::range::{Part, part_of};
use super::refuse;

pub(super) async fn download(
    State(folder): State<FolderFiles>,
    Path(key): Path<String>,
    Query(grant): Query<LinkGrant>,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = folder.verify(LinkUse::Get, &key, &grant) {
        return (StatusCode::FORBIDDEN, refusal.to_string()).into_response();
    }
    answer(&Files::Folder(folder), &key, &headers).await.unwrap_or_else(refuse)
}

async fn answer(files: &Files, key: &str, headers: &HeaderMap) -> Result<Response, FilesError> {
    let size = files.size(key).await?;
    // What the part has to be of can't be told: there are no tags, so the whole file is right.
    let is_conditional = headers.contains_key(header::IF_RANGE);
    let asked = headers.get(header::RANGE).filter(|_| !is_conditional).and_then(|range| range.to_str().ok());
    let (status, first, length) = match part_of(asked, size) {
        Part::Whole => (StatusCode::OK, 0, size),
        Part::Bytes { first, last } => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
        Part::None => {
            let range = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, range).into_response());
        }
    };
    let body = Body::from_stream(bytes(files.open(key, first).await?, length));
    let about = [
        (header::CONTENT_TYPE, media_type(key).to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
    ];
    let mut response = (status, about, body).into_response();
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(range) = format!("bytes {first}-{}/{size}", first + length - 1).parse()
    {
        response.headers_mut().insert(header::CONTENT_RANGE, range);
    }
    Ok(response)
}

/// So many bytes of a file, as they are read.
fn bytes(reader: FileReader, length: u64) -> impl stream::Stream<Item = Result<Bytes, FilesError>> {
    stream::try_unfold((reader, length), async |(mut reader, left)| {
        if left == 0 {
            return Ok(None);
        }
        let Some(mut chunk) = reader.chunk().await? else { return Ok(None) };
        chunk.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        let left = left - chunk.len() as u64;
        Ok(Some((Bytes::from(chunk), (reader, left))))
    })
}

#[cfg(test)]
mod tests;
