//! What a person of the workspace makes of a wish that nobody could read or keep.

use crate::base::time::Timestamp;
use crate::policy::do_not_call::{ListName, Listing};
use crate::records::lead::{Lead, LeadState, SkipReason};
use crate::records::number_record::{NumberRecord, Removal};
use crate::transaction::{Transaction, Write};

/// What somebody found out that a person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Never to be called again.
    DoNotCall,
    Callback {
        at: Timestamp,
    },
    /// Nothing of us: the lead goes on where it stood.
    Nothing,
}

/// A lead whose person asked for something, and what is known of their numbers.
#[derive(Debug, Clone, Copy)]
pub struct OpenWish<'a> {
    pub lead: &'a Lead,
    pub records: &'a [NumberRecord],
}

/// The wish is not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSettled {
    /// None is open: the lead does not rest, and none of its numbers is on the list of open wishes.
    NoneOpen,
    /// A call with the person is up.
    LiveCall,
}

impl OpenWish<'_> {
    /// Settles the wish: the numbers leave the list of open wishes, and the lead follows. Each write is conditional
    /// on what was read.
    ///
    /// # Errors
    /// [`NotSettled`]; then nothing is to be written.
    pub fn settled(
        &self,
        wish: Wish,
        removed: &Removal,
        listing: &Listing,
    ) -> Result<Transaction, NotSettled> {
        if matches!(self.lead.state, LeadState::InProgress { .. }) {
            return Err(NotSettled::LiveCall);
        }
        let is_open = |record: &NumberRecord| record.lists.contains_key(&ListName::unclear_wishes());
        if !self.lead.state.is_at_rest() && !self.records.iter().any(is_open) {
            return Err(NotSettled::NoneOpen);
        }
        let mut transaction = Transaction::default();
        for record in self.records {
            transaction.extend(settle_number(record, wish, removed, listing));
        }
        if let Some(after) = self.lead.settled_as(wish, removed.at) {
            transaction.extend(Transaction::change_lead(self.lead, after).0);
        }
        Ok(transaction)
    }
}

/// Takes a number off the list of open wishes, and puts it on that of opt-outs if it is one.
fn settle_number(record: &NumberRecord, wish: Wish, removed: &Removal, listing: &Listing) -> Vec<Write> {
    let (open, never) = (ListName::unclear_wishes(), ListName::do_not_call());
    let (mut after, mut writes) = (record.clone(), Vec::new());
    if record.lists.contains_key(&open) {
        after = after.unlisted(&open, removed.clone());
        writes.push(Write::RemoveFromDnc { list: open, number: record.number.clone() });
    }
    if wish == Wish::DoNotCall && !record.lists.contains_key(&never) {
        after = after.listed(never.clone(), listing.clone());
        let number = record.number.clone();
        writes.push(Write::AddToDnc { list: never, number, listing: listing.clone() });
    }
    if !writes.is_empty() {
        after.version = record.version + 1;
        writes.push(Write::UpdateNumber(after));
    }
    writes
}

impl Lead {
    /// The lead once its person's wish is known; none if it stays as it is.
    pub fn settled_as(&self, wish: Wish, now: Timestamp) -> Option<Self> {
        let is_at_rest = self.state.is_at_rest();
        let is_open = self.state.is_waiting() || self.state.suspended().is_some();
        match wish {
            Wish::DoNotCall => (is_at_rest || is_open).then(|| self.skipped(SkipReason::DoNotCall, now)),
            Wish::Callback { at } => Some(self.rescheduled(at, now)),
            Wish::Nothing => is_at_rest.then(|| self.resumed(now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::HOUR_MS;
    use crate::fixtures::{self, NOW};

    fn removed() -> Removal {
        Removal { at: NOW, by: None, reason: None }
    }

    fn listing() -> Listing {
        Listing { at: NOW, source: "api".into(), reason: Some("said so".into()) }
    }

    fn open(n: u32) -> NumberRecord {
        NumberRecord::unknown(fixtures::number(n)).listed(ListName::unclear_wishes(), listing())
    }

    fn resting() -> (Lead, LeadState) {
        let stood = LeadState::RetryScheduled { due_at: NOW.plus_ms(HOUR_MS) };
        let lead = Lead { state: stood.clone(), ..fixtures::lead(1) };
        (lead.skipped(SkipReason::UnclearWish, NOW), stood)
    }

    #[test]
    fn a_wish_is_settled_in_each_of_its_ways() {
        let (lead, stood) = resting();
        let at = NOW.plus_ms(2 * HOUR_MS);
        for (wish, state, lists) in [
            (Wish::DoNotCall, LeadState::Skipped { reason: SkipReason::DoNotCall }, vec!["do_not_call"]),
            (Wish::Callback { at }, LeadState::CallbackScheduled { due_at: at }, vec![]),
            (Wish::Nothing, stood, vec![]),
        ] {
            let records = [open(1), NumberRecord::unknown(fixtures::number(2))];
            let settled = OpenWish { lead: &lead, records: &records }
                .settled(wish, &removed(), &listing())
                .expect("an open wish");
            let after = settled.0.iter().find_map(|write| match write {
                Write::UpdateLead { after, .. } => Some(after.clone()),
                _ => None,
            });
            let after = after.expect("a changed lead");
            assert_eq!(
                (&after.state, after.version, &after.stood),
                (&state, lead.version + 1, &None),
                "{wish:?}"
            );
            let records = settled.0.iter().filter_map(|write| match write {
                Write::UpdateNumber(record) => Some(record),
                _ => None,
            });
            for record in records {
                assert_eq!(record.lists.keys().map(ListName::as_str).collect::<Vec<_>>(), lists, "{wish:?}");
                assert_eq!(record.version, if record.number == fixtures::number(1) { 2 } else { 1 });
            }
        }
    }

    #[test]
    fn only_what_is_open_is_settled_and_never_during_a_call() {
        let (lead, _) = resting();
        let settle = |lead: &Lead, records: &[NumberRecord]| {
            OpenWish { lead, records }.settled(Wish::Nothing, &removed(), &listing())
        };
        let calm = fixtures::lead(1);
        assert_eq!(settle(&calm, &[]), Err(NotSettled::NoneOpen));
        assert!(settle(&calm, &[open(1)]).is_ok_and(|done| done.0.len() == 2), "the lead goes on");
        assert!(settle(&lead, &[]).is_ok_and(|done| !done.0.is_empty()), "taken off the list by hand before");
        let talking = calm.dialled(&fixtures::claimed(&calm, NOW), NOW);
        assert_eq!(settle(&talking, &[open(1)]), Err(NotSettled::LiveCall));
    }

    #[test]
    fn a_lead_that_rests_twice_or_is_called_by_hand_meanwhile_keeps_where_it_stood() {
        let (lead, stood) = resting();
        let twice = lead.skipped(SkipReason::UnclearWish, NOW);
        assert_eq!(twice.resumed(NOW).state, stood);
        let called = lead.dialled(&fixtures::claimed(&lead, NOW), NOW);
        let missed = called.ended(
            &lead.state,
            crate::base::call::Outcome::NoAnswer,
            crate::policy::retry::Next::Exhausted,
            NOW,
        );
        assert_eq!(missed.resumed(NOW).state, stood);
        let callback = Lead { state: LeadState::CallbackScheduled { due_at: NOW }, ..fixtures::lead(1) };
        let over = callback.over(NOW);
        assert!(over.state.is_at_rest(), "that it is to be called back is open");
        assert_eq!(over.version, callback.version + 1);
        let nothing = LeadState::Skipped { reason: SkipReason::PeriodOver };
        assert_eq!(over.resumed(NOW).state, nothing);
    }
}
