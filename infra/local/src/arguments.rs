//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::prelude::*;

use crate::system::LocalSettings;

/// What the command line understands.
pub const USAGE: &str = "\
carillon                    run everything on this machine
carillon demo [PEOPLE.csv]  run one campaign from a file to its results, on a fast clock

  --port N             port of the API (8080)
  --network-port N     port of the simulated phone network (8090)
  --data DIR           where everything is kept (.carillon)
  --speed N            run the clock N times as fast (1)
  --begin TIME         when the clock begins on a first start (now), such as 2026-11-23T08:00:00Z
  --seed N             chooses what the simulated people do (1)
  --lose-webhooks N    of a thousand webhooks, lose N
  --double-webhooks N  of a thousand webhooks, send N twice
  --delay-webhooks N   of a thousand webhooks, send N up to ten minutes late
  --disorder-webhooks N  of a thousand webhooks, let N be overtaken
  --help";

/// How late a delayed webhook may be, in milliseconds.
const DELAY_MAX_MS: i64 = 10 * carillon_domain::base::time::MINUTE_MS;

#[derive(Debug)]
pub enum Command {
    Help,
    Run(Box<LocalSettings>),
    Demo {
        settings: Box<LocalSettings>,
        /// The file of people; the built-in one if none is named.
        people: Option<PathBuf>,
    },
}

/// Reads the command line.
///
/// # Errors
/// Says which argument is not understood.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, lexopt::Error> {
    let mut settings = LocalSettings::default();
    let mut is_demo = false;
    let mut people = None;
    let mut parser = lexopt::Parser::from_iter(arguments);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") | Short('h') => return Ok(Command::Help),
            Long("port") => settings.port = parser.value()?.parse()?,
            Long("network-port") => settings.network_port = parser.value()?.parse()?,
            Long("data") => settings.data_dir = parser.value()?.into(),
            Long("speed") => settings.speed = parser.value()?.parse()?,
            Long("begin") => settings.begin_at = Some(parser.value()?.parse()?),
            Long("seed") => settings.seed = parser.value()?.parse()?,
            Long("lose-webhooks") => settings.faults.lose_permille = parser.value()?.parse()?,
            Long("double-webhooks") => settings.faults.double_permille = parser.value()?.parse()?,
            Long("delay-webhooks") => {
                settings.faults.delay_permille = parser.value()?.parse()?;
                settings.faults.delay_max_ms = DELAY_MAX_MS;
            }
            Long("disorder-webhooks") => settings.faults.disorder_permille = parser.value()?.parse()?,
            Value(word) if word == "demo" && !is_demo => is_demo = true,
            Value(file) if is_demo && people.is_none() => people = Some(file.into()),
            other => return Err(other.unexpected()),
        }
    }
    let settings = Box::new(settings);
    Ok(if is_demo { Command::Demo { settings, people } } else { Command::Run(settings) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, lexopt::Error> {
        parse(line.split(' ').map(OsString::from))
    }

    #[test]
    fn a_demo_takes_a_file_and_settings_in_any_order() {
        let Ok(Command::Demo { settings, people }) = parsed("carillon --seed 7 demo list.csv --speed 90")
        else {
            panic!("a demo");
        };
        assert_eq!((settings.seed, settings.speed), (7, 90));
        assert_eq!(people, Some(PathBuf::from("list.csv")));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let error = parsed("carillon --sped 3").expect_err("no such option");
        assert!(error.to_string().contains("--sped"), "{error}");
        assert!(parsed("carillon --port many").is_err());
    }
}
