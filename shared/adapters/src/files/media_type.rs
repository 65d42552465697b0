//! What kind of file a key is of.

/// Of a file of which nothing is known.
const UNKNOWN: &str = "application/octet-stream";

/// The media type of a file, by how its key ends.
pub fn media_type(key: &str) -> &'static str {
    let extension = key.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "csv" => "text/csv; charset=utf-8",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use carillon_domain::base::recording::RecordingFormat;

    use super::*;

    #[test]
    fn a_recording_is_of_its_format() {
        for format in [RecordingFormat::Mp3, RecordingFormat::Wav] {
            assert_eq!(media_type(&format!("recordings/a.b/c.{}", format.extension())), format.media_type());
            assert_eq!(RecordingFormat::of_media_type(format.media_type()), Some(format));
        }
        assert_eq!(media_type("exports/a.csv/parts"), UNKNOWN);
    }
}
