//! The recording of a simulated call: as long as the call, and silent.
//!
//! An MPEG stream of the lowest rate, made of equal frames that say that there is nothing in them, which every player plays.

use super::call::Call;

pub(super) const MEDIA_TYPE: &str = "audio/mpeg";

/// The beginning of a frame: MPEG-2, layer III, without a checksum; 8,000 bits and 16,000 samples a second; one channel.
/// What follows, side information and data, is zeros: no granule has any bits.
const FRAME_HEADER: [u8; 4] = [0xFF, 0xF3, 0x18, 0xC0];
/// Bytes of a frame at these rates: 72 × 8,000 / 16,000.
const FRAME_BYTES: usize = 36;
/// How long a frame lasts, in milliseconds: it has 576 samples.
const FRAME_MS: i64 = 36;

/// What was recorded of a call that is over.
pub(super) fn recording(call: &Call) -> Vec<u8> {
    silence(call.talk_secs() * 1_000)
}

fn silence(length_ms: i64) -> Vec<u8> {
    // A player needs a frame to see what it is.
    let frames = usize::try_from(length_ms / FRAME_MS).unwrap_or_default().max(1);
    let mut frame = [0; FRAME_BYTES];
    frame[..FRAME_HEADER.len()].copy_from_slice(&FRAME_HEADER);
    frame.repeat(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits per second and samples per second of MPEG-2, layer III, by their index (ISO/IEC 13818-3).
    const RATES: [usize; 15] = [
        0, 8_000, 16_000, 24_000, 32_000, 40_000, 48_000, 56_000, 64_000, 80_000, 96_000, 112_000, 128_000,
        144_000, 160_000,
    ];
    const SAMPLE_RATES: [usize; 3] = [22_050, 24_000, 16_000];

    /// How long a stream lasts, in milliseconds, if it is one: read frame by frame, as its headers say.
    fn length_ms(mut stream: &[u8]) -> usize {
        let mut samples = 0;
        while !stream.is_empty() {
            assert_eq!(stream[0], 0xFF, "every frame begins with eleven ones");
            assert_eq!(stream[1] & 0b1111_1110, 0b1111_0010, "then MPEG-2, layer III");
            let rate = RATES[usize::from(stream[2] >> 4)];
            let sample_rate = SAMPLE_RATES[usize::from(stream[2] >> 2 & 3)];
            let padding = usize::from(stream[2] >> 1 & 1);
            assert_eq!(sample_rate, 16_000);
            samples += 576;
            stream = &stream[72 * rate / sample_rate + padding..];
        }
        samples * 1_000 / 16_000
    }

    #[test]
    fn it_is_a_stream_as_long_as_the_call() {
        for secs in [1, 30, 1_200] {
            let length = i64::try_from(length_ms(&silence(secs * 1_000))).expect("not that long");
            assert!((0..FRAME_MS).contains(&(secs * 1_000 - length)), "{length} ms for {secs} s");
        }
        assert_eq!(length_ms(&silence(0)), 36, "a call of a moment is one, too");
    }
}
