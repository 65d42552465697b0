//! What follows from an update besides the transaction.

use crate::base::call::Turn;
use crate::base::channel::Channel;
use crate::base::ids::{CallerNumberId, CampaignId, InteractionId};
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::policy::do_not_call::ListName;
use crate::records::campaign::PauseReason;
use crate::transaction::Transaction;

/// What follows from an update.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settlement {
    /// To be committed; if it is empty nothing changes, and there are no effects.
    pub transaction: Transaction,
    pub effects: Vec<Effect>,
}

/// Something to be done beside a transaction. One that is lost is made up for: by the next tick, by
/// the dialer that decides again, or by the next update that tells the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// The words of the call are kept; before the transaction, which says that they are.
    KeepTranscript(InteractionId, Vec<Turn>),
    /// The provider keeps a recording of the call, and the campaign wants a copy. One that is lost is made up for when
    /// somebody asks for the recording.
    CopyRecording(InteractionId),
    /// The provider was full: no call, or no text, from this number for a while.
    RestCallerNumber(CallerNumberId, Channel),
    /// Nothing left us: the attempt that was dialled then does not count for its number's day.
    UncountAttempt(CallerNumberId, Timestamp),
    /// The campaign can't go on.
    PauseCampaign(CampaignId, PauseReason),
    /// The person's numbers are on this list: what is queued for them goes.
    WithdrawQueued(ListName, Vec<E164>),
    /// The person is on a line: what planners under way chose under any of their numbers goes.
    RevokeClaims(Vec<E164>),
    /// A slot is free, or there is work again: the workspace is looked at.
    HintPlanner,
}

impl Effect {
    /// Whether it comes before the transaction, and not after it.
    pub const fn comes_first(&self) -> bool {
        matches!(self, Self::KeepTranscript(..))
    }
}
