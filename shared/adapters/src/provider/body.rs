//! The body of an answer.

use reqwest::Response;

/// Why an answer could not be read to its end.
pub(crate) enum BodyError {
    Lost(reqwest::Error),
    TooLong,
}

/// The whole answer, up to so many bytes.
pub(crate) async fn read(mut response: Response, max_bytes: usize) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Lost)? {
        if body.len() + chunk.len() > max_bytes {
            return Err(BodyError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
