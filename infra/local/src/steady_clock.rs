//! A clock that goes on where it stopped, however it stopped.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use carillon_adapters::clock::Clock;
use carillon_domain::base::time::Timestamp;

use crate::start_error::StartError;

/// How often the clock is noted, in real milliseconds.
const NOTE_EVERY_MS: u64 = 100;

/// The clock of a system that runs `speed` times as fast as the machine's.
///
/// It never goes back: after a kill it starts beyond anything that was ever shown.
///
/// # Errors
/// [`StartError::Clock`] if the file holds something else: nobody knows then what was shown.
pub(crate) fn start(path: &Path, speed: u32, begin: Option<Timestamp>) -> Result<Clock, StartError> {
    let real: Timestamp = Clock::System.now();
    let noted = match std::fs::read_to_string(path) {
        Ok(text) => {
            let at = text.trim().parse::<Timestamp>();
            Some(at.map_err(|_| StartError::Clock(path.to_owned()))?)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(StartError::Clock(path.to_owned()));
        }
        Err(error) => return Err(StartError::of_file(path)(error)),
    };
    let unnoted_ms = i64::try_from(NOTE_EVERY_MS).unwrap_or_default() * 4 * i64::from(speed);
    let origin = noted.map_or(begin.unwrap_or(real), |noted| noted.plus_ms(unnoted_ms));
    if speed == 1 && begin.is_none() && origin <= real {
        Ok(Clock::System)
    } else {
        Ok(Clock::scaled(origin, speed))
    }
}

/// Notes the clock for ever.
pub(crate) async fn note(path: PathBuf, clock: Clock) {
    let fresh = path.with_extension("new");
    loop {
        let written = std::fs::write(&fresh, clock.now().to_string());
        if let Err(error) = written.and_then(|()| std::fs::rename(&fresh, &path)) {
            tracing::warn!(%error, "the clock can't be noted");
        }
        tokio::time::sleep(Duration::from_millis(NOTE_EVERY_MS)).await;
    }
}
