//! A recording on its way from a provider, piece by piece.

use carillon_domain::base::recording::{MAX_RECORDING_BYTES, RecordingFormat};
use http::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, Response, StatusCode};

use super::exchange::{MAX_ANSWER_BYTES, Wording};
use super::placement::complaint;
use crate::provider::{InquiryError, read};

/// What stores of files say of a file of which they know nothing.
const UNSPECIFIC: [&str; 3] = ["", "application/octet-stream", "binary/octet-stream"];

/// A recording that comes.
#[derive(Debug)]
pub struct Download {
    response: Response,
    format: RecordingFormat,
    taken_bytes: u64,
}

impl Download {
    pub const fn format(&self) -> RecordingFormat {
        self.format
    }

    /// The next bytes, none at the end.
    ///
    /// # Errors
    /// [`InquiryError::Unanswered`] if it breaks off or its time is over, [`InquiryError::RecordingTooLarge`].
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, InquiryError> {
        let chunk =
            self.response.chunk().await.map_err(|error| InquiryError::Unanswered(nameless(error).into()))?;
        let Some(chunk) = chunk else { return Ok(None) };
        self.taken_bytes += chunk.len() as u64;
        check_size(self.taken_bytes)?;
        Ok(Some(chunk.to_vec()))
    }
}

/// Asks for a recording, which is usually of this format; none if there is none.
pub(super) async fn begin(
    request: RequestBuilder,
    usual: RecordingFormat,
    wording: Wording,
) -> Result<Option<Download>, InquiryError> {
    let response = request.send().await.map_err(|error| InquiryError::Unanswered(nameless(error).into()))?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
        status => {
            let body = read(response, MAX_ANSWER_BYTES).await.unwrap_or_default();
            let reason = complaint(status, &body, wording);
            return Err(InquiryError::Refused { status: status.as_u16(), reason });
        }
    }
    check_size(response.content_length().unwrap_or_default())?;
    let format = format_of(&response, usual)?;
    Ok(Some(Download { response, format, taken_bytes: 0 }))
}

fn check_size(bytes: u64) -> Result<(), InquiryError> {
    if bytes > MAX_RECORDING_BYTES { Err(InquiryError::RecordingTooLarge) } else { Ok(()) }
}

fn format_of(response: &Response, usual: RecordingFormat) -> Result<RecordingFormat, InquiryError> {
    let told = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = told.split(';').next().unwrap_or_default().trim();
    if UNSPECIFIC.contains(&media_type) {
        return Ok(usual);
    }
    RecordingFormat::of_media_type(media_type).ok_or_else(|| InquiryError::NoRecording(media_type.to_owned()))
}

/// The error without the address, by which anybody could fetch the recording.
fn nameless(error: reqwest::Error) -> reqwest::Error {
    error.without_url()
}
