//! `carillon`: everything on one machine.

use std::error::Error;
use std::process::ExitCode;

use carillon_local::arguments::{self, Command};
use carillon_local::{LocalSettings, LocalSystem, demo};
use carillon_runtime::batch::Chain;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let command = match arguments::parse(std::env::args_os()) {
        Ok(command) => command,
        Err(error) => return complain(&error),
    };
    match command {
        Command::Help => {
            say(arguments::USAGE);
            ExitCode::SUCCESS
        }
        Command::Run(settings) => {
            log("warn");
            run(*settings).await
        }
        Command::Demo { settings, people, may_remove } => {
            // What goes wrong on purpose is told in the end.
            log("error");
            match demo(*settings, people, may_remove).await {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => complain(&error),
            }
        }
    }
}

/// Runs everything until the process is killed, which it may be at any moment.
async fn run(settings: LocalSettings) -> ExitCode {
    match LocalSystem::start(settings).await {
        Ok(system) => {
            say(&system.welcome());
            std::future::pending::<ExitCode>().await
        }
        Err(error) => complain(&error),
    }
}

/// Logs to the standard error; `RUST_LOG` says otherwise how much.
fn log(least: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(least));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

#[expect(clippy::print_stdout, reason = "this is what the user asked to see")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "this is what the user has to see")]
fn complain(error: &dyn Error) -> ExitCode {
    eprintln!("carillon: {}", Chain(error));
    ExitCode::FAILURE
}
