//! The command line.

use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use carillon_domain::base::time::Timestamp;
use lexopt::prelude::*;

use crate::system::{LocalSettings, MAX_SPEED};

/// What the command line understands.
pub const USAGE: &str = "\
carillon                    run everything on this machine
carillon demo [PEOPLE.csv]  run one campaign from a file to its results, on a fast clock

  --port N             port of the API (8080)
  --network-port N     port of the simulated phone network (8090)
  --data DIR           where everything is kept (.carillon)
  --speed N            run the clock N times as fast (1), at most 300 times; over 10 some calls are late for their slot
  --begin TIME         when the clock begins on a first start (now), such as 2026-11-23T08:00:00Z
  --seed N             chooses what the simulated people do (1)
  --lose-webhooks N    of a thousand webhooks, lose N
  --double-webhooks N  of a thousand webhooks, send N twice
  --delay-webhooks N   of a thousand webhooks, send N up to ten minutes late
  --disorder-webhooks N  of a thousand webhooks, let N be overtaken
  --yes                demo: remove the data of an earlier one without asking
  --help";

/// How late a delayed webhook may be, in milliseconds.
const DELAY_MAX_MS: i64 = 10 * carillon_domain::base::time::MINUTE_MS;
/// Of how many webhooks a share is said.
const PERMILLE: RangeInclusive<u16> = 0..=1_000;
/// When a clock may begin: where time zones are known, and rules of the law.
const BEGINNINGS: RangeInclusive<&str> = "2000-01-01T00:00:00Z"..="2100-01-01T00:00:00Z";

#[derive(Debug)]
pub enum Command {
    Help,
    Run(Box<LocalSettings>),
    Demo {
        settings: Box<LocalSettings>,
        /// The file of people; the built-in one if none is named.
        people: Option<PathBuf>,
        /// Whether the data of an earlier one may go.
        may_remove: bool,
    },
}

/// An argument is not understood.
#[derive(Debug, thiserror::Error)]
pub enum ArgumentError {
    #[error("an argument is not understood; `carillon --help` lists what there is")]
    Unknown(#[from] lexopt::Error),
    #[error("--{option} takes {wanted}, and not `{given}`; see `carillon --help`")]
    Value { option: &'static str, given: String, wanted: String },
    #[error("--yes is for `carillon demo`; see `carillon --help`")]
    YesWithoutDemo,
}

/// Reads the command line.
///
/// # Errors
/// Says which argument is not understood.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, ArgumentError> {
    let mut settings = LocalSettings::default();
    let (mut is_demo, mut may_remove) = (false, false);
    let mut people = None;
    let mut parser = lexopt::Parser::from_iter(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(Command::Help),
            Long("port") => settings.port = number(&mut parser, "port", 0..=u16::MAX)?,
            Long("network-port") => {
                settings.network_port = number(&mut parser, "network-port", 0..=u16::MAX)?;
            }
            Long("data") => {
                let dir = parser.value()?;
                if dir.is_empty() {
                    return Err(refused("data", "", "a folder"));
                }
                settings.data_dir = dir.into();
            }
            Long("speed") => settings.speed = number(&mut parser, "speed", 1..=MAX_SPEED)?,
            Long("begin") => settings.begin_at = Some(moment(&mut parser, "begin")?),
            Long("seed") => settings.seed = number(&mut parser, "seed", 0..=u64::MAX)?,
            Long("lose-webhooks") => {
                settings.faults.lose_permille = number(&mut parser, "lose-webhooks", PERMILLE)?;
            }
            Long("double-webhooks") => {
                settings.faults.double_permille = number(&mut parser, "double-webhooks", PERMILLE)?;
            }
            Long("delay-webhooks") => {
                settings.faults.delay_permille = number(&mut parser, "delay-webhooks", PERMILLE)?;
                settings.faults.delay_max_ms = DELAY_MAX_MS;
            }
            Long("disorder-webhooks") => {
                settings.faults.disorder_permille = number(&mut parser, "disorder-webhooks", PERMILLE)?;
            }
            Long("yes") => may_remove = true,
            Value(word) if word == "demo" && !is_demo => is_demo = true,
            Value(file) if is_demo && people.is_none() => people = Some(file.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    let settings = Box::new(settings);
    match (is_demo, may_remove) {
        (true, _) => Ok(Command::Demo { settings, people, may_remove }),
        (false, true) => Err(ArgumentError::YesWithoutDemo),
        (false, false) => Ok(Command::Run(settings)),
    }
}

/// A whole number within its bounds.
fn number<N>(
    parser: &mut lexopt::Parser,
    option: &'static str,
    bounds: RangeInclusive<N>,
) -> Result<N, ArgumentError>
where
    N: FromStr + PartialOrd + std::fmt::Display,
{
    let given = parser.value()?;
    let read = given.to_str().and_then(|text| text.parse().ok()).filter(|number| bounds.contains(number));
    let wanted = || format!("a whole number from {} to {}", bounds.start(), bounds.end());
    read.ok_or_else(|| refused(option, &given.to_string_lossy(), wanted()))
}

/// A moment at which a clock may begin.
fn moment(parser: &mut lexopt::Parser, option: &'static str) -> Result<Timestamp, ArgumentError> {
    let given = parser.value()?;
    let read = given.to_str().and_then(|text| text.parse::<Timestamp>().ok());
    let bounds = [BEGINNINGS.start(), BEGINNINGS.end()].map(|text| text.parse::<Timestamp>().ok());
    let is_near = |at: &Timestamp| bounds[0] <= Some(*at) && Some(*at) <= bounds[1];
    read.filter(is_near).ok_or_else(|| {
        let wanted = "a moment from 2000 to 2100 such as 2026-11-23T08:00:00Z";
        refused(option, &given.to_string_lossy(), wanted)
    })
}

fn refused(option: &'static str, given: &str, wanted: impl Into<String>) -> ArgumentError {
    ArgumentError::Value { option, given: given.to_owned(), wanted: wanted.into() }
}

#[cfg(test)]
mod tests {
    use carillon_runtime::batch::Chain;

    use super::*;

    fn parsed(line: &str) -> Result<Command, ArgumentError> {
        parse(line.split(' ').map(OsString::from))
    }

    #[test]
    fn a_demo_takes_a_file_and_settings_in_any_order() {
        let Ok(Command::Demo { settings, people, may_remove }) =
            parsed("carillon --seed 7 demo list.csv --speed 90 --yes")
        else {
            panic!("a demo");
        };
        assert_eq!((settings.seed, settings.speed, may_remove), (7, 90, true));
        assert_eq!(people, Some(PathBuf::from("list.csv")));
    }

    #[test]
    fn what_is_not_understood_is_named_with_what_would_be_right() {
        for (line, told) in [
            ("carillon --sped 3", "--sped"),
            ("carillon --port many", "--port takes a whole number from 0 to 65535, and not `many`"),
            ("carillon --port 65536", "--port"),
            ("carillon --speed 0", "--speed takes a whole number from 1 to 300"),
            ("carillon --speed 301", "--speed"),
            ("carillon --speed -1", "--speed"),
            ("carillon --lose-webhooks 1001", "--lose-webhooks takes a whole number from 0 to 1000"),
            ("carillon --double-webhooks 1001", "--double-webhooks"),
            ("carillon --delay-webhooks x", "--delay-webhooks"),
            ("carillon --disorder-webhooks 4294967296", "--disorder-webhooks"),
            ("carillon --begin yesterday", "--begin takes a moment"),
            ("carillon --begin 1970-01-01T00:00:00Z", "--begin"),
            ("carillon --begin 9999-12-31T23:59:59Z", "--begin"),
            ("carillon --data ", "--data"),
            ("carillon --port", "--port"),
            ("carillon run", "run"),
            ("carillon demo a.csv b.csv", "b.csv"),
            ("carillon --yes", "--yes"),
        ] {
            let error = Chain(&parsed(line).expect_err(line)).to_string();
            assert!(error.contains("--help"), "{line}: {error}");
            assert_eq!(error.matches(told).count(), 1, "{line}: {error}");
        }
    }
}
