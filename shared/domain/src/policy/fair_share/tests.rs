//! Who gets how much.

use proptest::prelude::*;

use super::*;
use crate::fixtures::NOW;

fn ids(count: u8) -> Vec<CampaignId> {
    (0..count).map(|n| CampaignId::new(NOW, [n; 10])).collect()
}

fn contender(campaign: &CampaignId, weight: u32) -> Contender<'_> {
    Contender { campaign, priority: 0, weight }
}

/// Who wins the next claim of these.
fn win<'a>(shares: &mut Shares, contenders: &[Contender<'a>]) -> &'a CampaignId {
    let winner = shares.next(contenders).expect("somebody contends");
    shares.charge(winner, contenders);
    winner
}

/// By how much more than a claim anybody is away from its part, in claims times all the weights.
fn beyond_a_claim(won: &[i64], weights: &[u32], claims: i64) -> i64 {
    let all: i64 = weights.iter().map(|weight| i64::from(*weight)).sum();
    let away =
        won.iter().zip(weights).map(|(won, weight)| (won * all - claims * i64::from(*weight)).abs() - all);
    away.max().unwrap_or_default()
}

proptest! {
    #[test]
    fn everybody_is_within_a_claim_of_its_part(weights in prop::collection::vec(1..=MAX_WEIGHT, 1..30)) {
        let ids = ids(30);
        let contenders: Vec<_> = ids.iter().zip(&weights).map(|(id, weight)| contender(id, *weight)).collect();
        let mut shares = Shares::default();
        let mut won = vec![0; contenders.len()];
        for claims in 1..=2_000 {
            let winner = win(&mut shares, &contenders);
            won[contenders.iter().position(|one| one.campaign == winner).expect("a contender")] += 1;
            prop_assert!(beyond_a_claim(&won, &weights, claims) <= 1, "{won:?} after {claims}");
        }
    }

    #[test]
    fn nobody_starves_who_contends_now_and_then(
        weights in prop::collection::vec(1..=MAX_WEIGHT, 2..6),
        present in prop::collection::vec(any::<u8>(), 4_000),
    ) {
        let ids = ids(6);
        let all: Vec<_> = ids.iter().zip(&weights).map(|(id, weight)| contender(id, *weight)).collect();
        let mut shares = Shares::default();
        // How many claims each has missed since its last, and how many it may: those of all others
        // together, as often as its part is smaller than theirs.
        let mut missed = vec![0_u32; all.len()];
        let total: u32 = weights.iter().sum();
        for present in present {
            let here: Vec<_> = (0..all.len()).filter(|place| present & (1 << place) != 0).collect();
            let contenders: Vec<_> = here.iter().map(|place| all[*place]).collect();
            if contenders.is_empty() {
                continue;
            }
            let winner = win(&mut shares, &contenders);
            for place in here {
                missed[place] = if all[place].campaign == winner { 0 } else { missed[place] + 1 };
                let may_miss = 2 * total / weights[place] + 2 * u32::try_from(all.len()).expect("small");
                prop_assert!(missed[place] <= may_miss, "{place} of {weights:?} missed {}", missed[place]);
            }
        }
    }
}

#[test]
fn three_to_one_is_three_to_one() {
    let ids = ids(2);
    let contenders = [contender(&ids[0], 3), contender(&ids[1], 1)];
    let mut shares = Shares::default();
    let won = (0..100).filter(|_| win(&mut shares, &contenders) == &ids[0]).count();
    assert_eq!(won, 75);
}

#[test]
fn a_higher_priority_comes_first_and_a_lower_one_keeps_its_place() {
    let ids = ids(3);
    let high = Contender { campaign: &ids[2], priority: 1, weight: 1 };
    let low = [contender(&ids[0], 1), contender(&ids[1], 1)];
    let all = [low[0], low[1], high];
    let mut shares = Shares::default();
    assert_eq!(win(&mut shares, &low), &ids[0]);
    for _ in 0..10 {
        assert_eq!(win(&mut shares, &all), &ids[2]);
    }
    assert_eq!(win(&mut shares, &low), &ids[1]);
}

#[test]
fn who_was_idle_has_saved_up_nothing() {
    let ids = ids(3);
    let all = [contender(&ids[0], 1), contender(&ids[1], 1), contender(&ids[2], 1)];
    let mut shares = Shares::default();
    for _ in 0..3 {
        win(&mut shares, &all);
    }
    for _ in 0..1_000 {
        win(&mut shares, &all[..2]);
    }
    let won: Vec<_> = (0..6).map(|_| win(&mut shares, &all)).collect();
    assert_eq!(won.iter().filter(|id| **id == &ids[2]).count(), 2);
}

#[test]
fn who_leaves_takes_its_debt_along_for_a_while() {
    let ids = ids(2);
    let (a, b) = (contender(&ids[0], 1), contender(&ids[1], 1));
    let mut shares = Shares::default();
    assert_eq!(win(&mut shares, &[a, b]), &ids[0]);
    assert_eq!(shares.next(&[a, b]), Some(&ids[1]));
    assert_eq!(shares.next(&[b, a]), Some(&ids[1]));
    assert_eq!(win(&mut shares, &[b]), &ids[1]);
    assert_eq!(win(&mut shares, &[b]), &ids[1]);
    assert_eq!(shares.0[&ids[0]].ahead, 0);
}

#[test]
fn nobody_contends() {
    assert_eq!(Shares::default().next(&[]), None);
}

#[test]
fn who_is_forgotten_begins_anew() {
    let ids = ids(2);
    let both = [contender(&ids[0], 1), contender(&ids[1], 1)];
    let mut shares = Shares::default();
    win(&mut shares, &both);
    shares.retain(|id| *id == ids[1]);
    assert_eq!(shares.0.len(), 1);
    shares.retain(|_| false);
    assert_eq!(shares, Shares::default());
}
