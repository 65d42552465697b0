//! Who is at the other end of a number, and what they do when it is dialled.
//!
//! By the seed: a number exists or it does not, for ever; what its person does is drawn anew at
//! every dial. Numbers of the table in [`super::magic`] always do what the table says.

use super::failure::Failure;
use super::magic;
use super::person::{AnswerFate, Behaviour, Ending, INTERNAL_ERROR, Reception, Refusal, WebhookFate};
use crate::draw::Draw;

/// How often, in a thousand dials, each thing happens; what is left over are conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    /// Numbers (not dials) that do not exist.
    pub not_existing: u16,
    pub no_answer: u16,
    pub voicemail: u16,
    /// Somebody answers and hangs up without a word.
    pub hangs_up: u16,
    /// Somebody answers and says nothing.
    pub keeps_silent: u16,
    pub busy: u16,
    pub declined: u16,
    /// The provider or the trunk has a bad moment: refused, congested, broken, answer lost.
    pub transient: u16,
}

impl Mix {
    pub const TALKERS: Self = Self {
        not_existing: 0,
        no_answer: 0,
        voicemail: 0,
        hangs_up: 0,
        keeps_silent: 0,
        busy: 0,
        declined: 0,
        transient: 0,
    };
}

impl Default for Mix {
    /// Some 45 % conversations.
    fn default() -> Self {
        Self {
            not_existing: 10,
            no_answer: 220,
            voicemail: 150,
            hangs_up: 60,
            keeps_silent: 20,
            busy: 60,
            declined: 20,
            transient: 10,
        }
    }
}

/// The people behind all numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct People {
    pub seed: u64,
    /// How often they do it.
    pub mix: Mix,
    /// Whether the numbers of [`super::magic`] do what its table says.
    pub magic_numbers: bool,
}

impl People {
    /// What comes of dialling `number`, which has been dialled `dialled_before` times.
    pub fn receive(&self, number: &str, dialled_before: u32) -> Reception {
        let magic = if self.magic_numbers { magic::reception(number, dialled_before) } else { None };
        magic.unwrap_or_else(|| self.draw(number, dialled_before))
    }

    fn draw(&self, number: &str, dialled_before: u32) -> Reception {
        let mut dial = Draw::keyed(self.seed, &["dial", number, &dialled_before.to_string()]);
        if Draw::keyed(self.seed, &["exists", number]).happens(self.mix.not_existing) {
            let ring_ms = dial.between(800..=2_500);
            return Reception::plain(Behaviour::Fails { ring_ms, failure: Failure::NotFound });
        }
        reception(self.mix.lot(&mut dial), &mut dial)
    }
}

/// What the draw fell on.
#[derive(Clone, Copy)]
enum Lot {
    NoAnswer,
    Voicemail,
    HangsUp,
    KeepsSilent,
    Busy,
    Declined,
    Transient,
    Talks,
}

impl Mix {
    fn lot(&self, dial: &mut Draw) -> Lot {
        let lots = [
            (self.no_answer, Lot::NoAnswer),
            (self.voicemail, Lot::Voicemail),
            (self.hangs_up, Lot::HangsUp),
            (self.keeps_silent, Lot::KeepsSilent),
            (self.busy, Lot::Busy),
            (self.declined, Lot::Declined),
            (self.transient, Lot::Transient),
        ];
        let mut left = dial.below(1_000);
        for (permille, lot) in lots {
            match left.checked_sub(u64::from(permille)) {
                Some(rest) => left = rest,
                None => return lot,
            }
        }
        Lot::Talks
    }
}

/// What the draw means, with times as people take them.
fn reception(lot: Lot, dial: &mut Draw) -> Reception {
    let ring_ms = dial.between(4_000..=25_000);
    Reception::plain(match lot {
        Lot::NoAnswer => Behaviour::Fails { ring_ms: i64::MAX, failure: Failure::NoAnswer },
        Lot::Voicemail => Behaviour::Voicemail {
            ring_ms: dial.between(15_000..=25_000),
            talk_ms: dial.between(12_000..=28_000),
        },
        Lot::HangsUp => Behaviour::HangsUp { ring_ms, talk_ms: dial.between(1_000..=6_000) },
        Lot::KeepsSilent => Behaviour::KeepsSilent { ring_ms, talk_ms: dial.between(18_000..=35_000) },
        Lot::Busy => Behaviour::Fails { ring_ms: dial.between(1_500..=4_000), failure: Failure::Busy },
        Lot::Declined => {
            Behaviour::Fails { ring_ms: dial.between(3_000..=12_000), failure: Failure::Declined }
        }
        Lot::Transient => return bad_moment(dial, ring_ms),
        Lot::Talks => talks(dial, ring_ms),
    })
}

/// The length of a conversation by tenths of all conversations: half of them stay under 50 s, few
/// reach three minutes, in the skewed shape that call lengths have.
const TALK_SECS_BY_TENTH: [i64; 11] = [15, 22, 28, 35, 42, 50, 60, 74, 94, 128, 180];

fn talks(dial: &mut Draw, ring_ms: i64) -> Behaviour {
    let ending = if dial.happens(600) { Ending::Agent } else { Ending::Person };
    let tenth = usize::try_from(dial.below(10)).unwrap_or_default();
    let shortest_ms = TALK_SECS_BY_TENTH[tenth] * 1_000;
    let longest_ms = TALK_SECS_BY_TENTH[tenth + 1] * 1_000;
    Behaviour::Talks { ring_ms, talk_ms: dial.between(shortest_ms..=longest_ms), ending }
}

/// The provider or the trunk has a bad moment.
fn bad_moment(dial: &mut Draw, ring_ms: i64) -> Reception {
    match dial.below(6) {
        0 => Reception::Refused(Refusal::NotPlaced),
        1 => Reception::Refused(Refusal::Congested),
        2 => Reception::Refused(Refusal::Broken),
        3 => Reception::Put {
            behaviour: talks(dial, ring_ms),
            answer: AnswerFate::Lost,
            webhook: WebhookFate::ByFlags,
        },
        4 => Reception::plain(Behaviour::Breaks {
            ring_ms,
            talk_ms: dial.between(500..=3_000),
            code: INTERNAL_ERROR,
        }),
        _ => Reception::plain(Behaviour::Fails {
            ring_ms: dial.between(500..=2_000),
            failure: Failure::TrunkDown,
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn people(seed: u64) -> People {
        People { seed, mix: Mix::default(), magic_numbers: true }
    }

    fn number(index: u32) -> String {
        format!("+1212{:03}{:04}", index / 9_000, 1_000 + index % 9_000)
    }

    fn kind(reception: Reception) -> &'static str {
        match reception {
            Reception::Refused(_) => "refused",
            Reception::Put { answer: AnswerFate::Lost, .. } => "answer lost",
            Reception::Put { behaviour, .. } => match behaviour {
                Behaviour::Talks { .. } => "talks",
                Behaviour::Asks { .. } => "asks",
                Behaviour::HangsUp { .. } => "hangs up",
                Behaviour::KeepsSilent { .. } => "silent",
                Behaviour::Voicemail { .. } => "voicemail",
                Behaviour::Breaks { .. } => "breaks",
                Behaviour::Fails { failure, .. } => failure.sip_phrase(),
            },
        }
    }

    #[test]
    fn the_default_mix_comes_out_in_many_dials() {
        let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
        for index in 0..100_000 {
            *seen.entry(kind(people(11).receive(&number(index), 0))).or_default() += 1;
        }
        let share = |kind: &str| seen.get(kind).copied().unwrap_or_default() / 100;
        assert!((440..=470).contains(&share("talks")), "{seen:?}");
        assert!((205..=230).contains(&share("Temporarily Unavailable")), "{seen:?}");
        assert!((140..=160).contains(&share("voicemail")), "{seen:?}");
        assert!((50..=70).contains(&share("hangs up")), "{seen:?}");
        assert!((50..=70).contains(&share("Busy here")), "{seen:?}");
        assert!((15..=25).contains(&share("Decline")), "{seen:?}");
        assert!((7..=13).contains(&share("Not Found")), "{seen:?}");
        assert!(share("refused") >= 3 && share("answer lost") >= 1 && share("breaks") >= 1, "{seen:?}");
    }

    #[test]
    fn people_take_the_time_that_people_take() {
        let mut talks_ms: Vec<i64> = Vec::new();
        for index in 0..20_000 {
            if let Reception::Put { behaviour: Behaviour::Talks { ring_ms, talk_ms, .. }, .. } =
                people(3).receive(&number(index), 1)
            {
                assert!((4_000..=25_000).contains(&ring_ms));
                assert!((15_000..=180_000).contains(&talk_ms));
                talks_ms.push(talk_ms);
            }
        }
        talks_ms.sort_unstable();
        let median_ms = talks_ms[talks_ms.len() / 2];
        let mean_ms = talks_ms.iter().sum::<i64>() / talks_ms.len() as i64;
        assert!((45_000..=55_000).contains(&median_ms), "{median_ms}");
        assert!(mean_ms > median_ms + 5_000, "long calls pull the mean up: {mean_ms}");
    }

    #[test]
    fn a_number_that_does_not_exist_never_does() {
        let missing = (0..5_000).map(number).find(|n| kind(people(5).receive(n, 0)) == "Not Found");
        let missing = missing.expect("one in a hundred");
        assert!((0..20).all(|dialled| kind(people(5).receive(&missing, dialled)) == "Not Found"));
    }

    #[test]
    fn the_seed_decides_and_nothing_else() {
        let of = |seed| (0..200).map(|index| people(seed).receive(&number(index), 2)).collect::<Vec<_>>();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }
}
