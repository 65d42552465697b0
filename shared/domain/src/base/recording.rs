//! What a recording of a call is made of.

use serde::{Deserialize, Serialize};

/// Largest recording that is copied, in bytes: an hour of uncompressed speech in stereo has 115 MB.
pub const MAX_RECORDING_BYTES: u64 = 200 * 1024 * 1024;

/// How a recording is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingFormat {
    Mp3,
    Wav,
}

impl RecordingFormat {
    /// How the name of its file ends.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Mp3 => "mp3",
            Self::Wav => "wav",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Mp3 => "audio/mpeg",
            Self::Wav => "audio/wav",
        }
    }

    /// The one of a media type, under any of the names that it goes by.
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        match media_type.to_ascii_lowercase().as_str() {
            "audio/mpeg" | "audio/mp3" | "audio/mpeg3" | "audio/x-mp3" => Some(Self::Mp3),
            "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => Some(Self::Wav),
            _ => None,
        }
    }
}
