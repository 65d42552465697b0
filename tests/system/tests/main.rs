//! Flows through the real functions over the embedded table. One program: each of its own would link all of Carillon
//! again, 200 MB of disk and seconds of every build.

mod analysis;
mod api;
mod arbitrary;
mod aws_texts;
mod breakdown;
mod callbacks;
mod conformance;
mod cost;
mod day;
mod deliveries;
mod events;
mod guards;
mod inbound;
mod jobs;
mod mishaps;
mod mixed;
mod numbers;
mod own_twilio;
mod pauses;
mod recordings;
mod retell;
mod scale;
mod schedule;
mod sharing;
mod subscriber;
mod template;
mod test_leads;
mod texts;
mod voicemail;
mod webhook;
mod wishes;
