//! Who is at the other end, and what they do.

use carillon_domain::base::call::{Line, Outcome, PersonRequest, VoiceProvider};
use carillon_domain::base::phone::E164;
use carillon_domain::base::time::{HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};

use crate::rng::Rng;

/// What comes of a call, with times in milliseconds from when it was placed or, where a report is
/// meant, from its end.
#[derive(Debug)]
pub(super) struct Reception {
    /// What the provider says first.
    pub(super) first: Outcome,
    pub(super) last: Outcome,
    /// When somebody or something picked up; the end of the ringing if nobody did.
    picked_up_ms: i64,
    pub(super) lasts_ms: i64,
    /// When the provider answers the dial.
    pub(super) answered_ms: i64,
    /// When the first report is ready.
    pub(super) prepared_ms: i64,
    /// When the last one is.
    pub(super) corrected_ms: i64,
    /// When the carrier says that it heard a machine.
    pub(super) machine_ms: Option<i64>,
    pub(super) request: Option<PersonRequest>,
}

impl Reception {
    /// Nothing is heard of machines but how the call ended; who asks for something has talked; and the last that is told
    /// comes after an analysis.
    fn told_by_retell(mut self) -> Self {
        self.machine_ms = None;
        if self.request.is_some() {
            if self.first == self.last {
                self.first = Outcome::Completed;
            }
            self.last = Outcome::Completed;
        }
        self.corrected_ms = self.corrected_ms.max(self.prepared_ms + ANALYSIS_MS);
        self
    }

    /// The person calls us: they are on the line, and we have picked up.
    pub(super) fn begin_at_once(&mut self, rng: &Rng) {
        if !self.last.is_answered() {
            (self.first, self.last, self.request) = (Outcome::Completed, Outcome::Completed, None);
            self.lasts_ms = self.picked_up_ms + rng.between(15 * SECOND_MS, 90 * SECOND_MS);
            let analysis_ms = (self.corrected_ms - self.prepared_ms).min(ANALYSIS_MS);
            (self.prepared_ms, self.corrected_ms) = (2 * SECOND_MS, 2 * SECOND_MS + analysis_ms);
        }
        self.lasts_ms -= self.picked_up_ms;
        self.picked_up_ms = 0;
    }

    /// How long the parties were connected, in seconds.
    pub(super) fn talk_secs(&self) -> u32 {
        u32::try_from((self.lasts_ms - self.picked_up_ms) / SECOND_MS).unwrap_or_default()
    }
}

/// How often, in a hundred dials, each thing happens.
const MIX: [(u64, Outcome); 8] = [
    (40, Outcome::Completed),
    (24, Outcome::NoAnswer),
    (14, Outcome::Voicemail),
    (8, Outcome::Busy),
    (7, Outcome::Incomplete),
    (3, Outcome::Declined),
    (2, Outcome::Failed),
    (2, Outcome::Error),
];
/// How long Retell's analysis of a call takes, in milliseconds.
const ANALYSIS_MS: i64 = 4 * SECOND_MS;
/// One in so many numbers is dead.
const DEAD_ONE_IN: u32 = 25;

/// What comes of dialling somebody, as the provider tells it.
pub(super) fn receive(
    rng: &Rng,
    provider: VoiceProvider,
    number: &E164,
    line: Line,
    now: Timestamp,
) -> Reception {
    match provider {
        VoiceProvider::ElevenLabs => happens(rng, number, line, now),
        // It answers before it rings, whatever the line.
        VoiceProvider::Retell => happens(rng, number, Line::Twilio, now).told_by_retell(),
    }
}

fn happens(rng: &Rng, number: &E164, line: Line, now: Timestamp) -> Reception {
    let last = dead(number).unwrap_or_else(|| lot(rng));
    let secs = |first, last| rng.between(first * SECOND_MS, last * SECOND_MS);
    let picked_up_ms = match last {
        Outcome::NoAnswer => secs(30, 45),
        Outcome::Busy | Outcome::InvalidNumber | Outcome::Blocked | Outcome::Failed => {
            rng.between(300, 3_000)
        }
        _ => secs(3, 25),
    };
    let talk_ms = match last {
        Outcome::Completed if rng.below(60) == 0 => rng.between(4 * MINUTE_MS, 40 * MINUTE_MS),
        Outcome::Completed => secs(15, 170),
        Outcome::Voicemail => secs(8, 30),
        // A moment of silence would be no answer.
        Outcome::Incomplete | Outcome::Error => secs(1, 20).max(3 * SECOND_MS),
        _ => 0,
    };
    let lasts_ms = picked_up_ms + talk_ms;
    let prepared_ms = if last.is_answered() { rng.between(500, 9_000) } else { rng.between(20, 900) };
    let answered_ms = match line {
        Line::Twilio | Line::OwnTwilio if rng.below(30) == 0 => secs(2, 20),
        Line::Twilio | Line::OwnTwilio => rng.between(80, 900),
        Line::SipTrunk => picked_up_ms + rng.between(20, 900),
    };
    // Now and then the provider breaks, and finds out later what had been said.
    let is_mistaken = matches!(last, Outcome::Completed | Outcome::Voicemail) && rng.below(40) == 0;
    let first =
        if is_mistaken { *rng.pick(&[Outcome::Error, Outcome::Failed, Outcome::NoAnswer]) } else { last };
    let corrected_ms = if is_mistaken { rng.between(2 * MINUTE_MS, 3 * HOUR_MS) } else { prepared_ms };
    let may_be_machine = rng.below(if last == Outcome::Voicemail { 2 } else { 40 }) == 0;
    let hears_machine = last.is_answered() && may_be_machine;
    let machine_ms = hears_machine.then(|| picked_up_ms + secs(3, 60));
    let request = request(rng, last, now.plus_ms(lasts_ms));
    Reception {
        first,
        last,
        picked_up_ms,
        lasts_ms,
        answered_ms,
        prepared_ms,
        corrected_ms,
        machine_ms,
        request,
    }
}

/// What becomes of a call to a dead number, each time; none if it is not.
fn dead(number: &E164) -> Option<Outcome> {
    let sum = number.digits().bytes().fold(7_u32, |sum, digit| sum.wrapping_mul(31) ^ u32::from(digit));
    match (sum >> 3) % (2 * DEAD_ONE_IN) {
        0 => Some(Outcome::InvalidNumber),
        1 => Some(Outcome::Blocked),
        _ => None,
    }
}

/// What the person asks for by the end of the call.
fn request(rng: &Rng, outcome: Outcome, ends_at: Timestamp) -> Option<PersonRequest> {
    if !matches!(outcome, Outcome::Completed | Outcome::Incomplete) {
        return None;
    }
    match rng.below(30) {
        0 => Some(PersonRequest::DoNotCall),
        1 => Some(PersonRequest::Callback { at: ends_at.plus_ms(rng.between(-HOUR_MS, 30 * MINUTE_MS)) }),
        2 => Some(PersonRequest::Callback { at: ends_at.plus_ms(rng.between(HOUR_MS, 40 * HOUR_MS)) }),
        _ => None,
    }
}

fn lot(rng: &Rng) -> Outcome {
    let mut left = rng.below(100);
    for (share, outcome) in MIX {
        match left.checked_sub(share) {
            Some(rest) => left = rest,
            None => return outcome,
        }
    }
    Outcome::Completed
}
