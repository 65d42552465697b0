//! What is done when a machine answers, and which lines can do it.

use serde::{Deserialize, Serialize};

use super::{Line, VoiceProvider};

/// What is done once a machine is heard; whether the person is called again says `retry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum VoicemailAction {
    /// The call ends at once.
    HangUp,
    /// `voicemail_message_template` is said, and the call ends.
    LeaveMessage,
}

/// The same for one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VoicemailOrder {
    HangUp,
    /// What is said before.
    Say(String),
}

impl VoicemailAction {
    /// What is done in a call in which this would be said; with nothing to say it ends at once.
    pub fn in_call(self, message: Option<&str>) -> VoicemailOrder {
        match (self, message.filter(|message| !message.trim().is_empty())) {
            (Self::LeaveMessage, Some(message)) => VoicemailOrder::Say(message.to_owned()),
            (Self::LeaveMessage, None) | (Self::HangUp, _) => VoicemailOrder::HangUp,
        }
    }
}

/// What a line of a provider can't do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineLacks {
    #[error(
        "nobody listens for machines on a SIP trunk of {0}; take the number out, or leave it to the agent"
    )]
    MachineDetection(VoiceProvider),
    #[error(
        "{0} leaves messages by a tool of its agent alone; give that tool `{{{{ voicemail_message }}}}`, and leave \
         `on_voicemail` unset"
    )]
    LeavingMessages(VoiceProvider),
    #[error("agents of {0} are not connected to calls of our own; take the number out")]
    Agents(VoiceProvider),
}

/// Whether calls can be held to this: that machines are listened for, and what is done about one.
///
/// ElevenLabs has Twilio listen, so on its Twilio numbers alone, and hangs up or lets its agent go on (`telephony_call_config`); Retell
/// listens by itself on any line, and hangs up or says a text (`voicemail_option`). Where our own account places the call, Twilio listens
/// for us, and hangs up or says a text as we tell it.
///
/// # Errors
/// What the line lacks.
pub const fn check_line(
    provider: VoiceProvider,
    line: Line,
    listens: bool,
    action: Option<VoicemailAction>,
) -> Result<(), LineLacks> {
    match (provider, line, action) {
        (VoiceProvider::Retell, Line::OwnTwilio, _) => Err(LineLacks::Agents(provider)),
        (VoiceProvider::Retell, Line::Twilio | Line::SipTrunk, _)
        | (VoiceProvider::ElevenLabs, Line::OwnTwilio, _) => Ok(()),
        (VoiceProvider::ElevenLabs, Line::Twilio | Line::SipTrunk, Some(VoicemailAction::LeaveMessage)) => {
            Err(LineLacks::LeavingMessages(provider))
        }
        (VoiceProvider::ElevenLabs, Line::Twilio, Some(VoicemailAction::HangUp) | None) => Ok(()),
        (VoiceProvider::ElevenLabs, Line::SipTrunk, Some(VoicemailAction::HangUp)) => {
            Err(LineLacks::MachineDetection(provider))
        }
        (VoiceProvider::ElevenLabs, Line::SipTrunk, None) => {
            if listens {
                Err(LineLacks::MachineDetection(provider))
            } else {
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_cannot_do_is_refused() {
        use VoicemailAction::{HangUp, LeaveMessage};
        let (eleven, retell) = (VoiceProvider::ElevenLabs, VoiceProvider::Retell);
        for line in [Line::Twilio, Line::SipTrunk] {
            assert_eq!(check_line(eleven, line, false, None), Ok(()));
            for action in [None, Some(HangUp), Some(LeaveMessage)] {
                assert_eq!(check_line(retell, line, true, action), Ok(()));
            }
            let leaves = check_line(eleven, line, false, Some(LeaveMessage));
            assert_eq!(leaves, Err(LineLacks::LeavingMessages(eleven)));
        }
        for action in [None, Some(HangUp), Some(LeaveMessage)] {
            assert_eq!(check_line(eleven, Line::OwnTwilio, true, action), Ok(()));
            let lacks = Err(LineLacks::Agents(retell));
            assert_eq!(check_line(retell, Line::OwnTwilio, true, action), lacks);
        }
        let deaf = Err(LineLacks::MachineDetection(eleven));
        assert_eq!(check_line(eleven, Line::Twilio, true, Some(HangUp)), Ok(()));
        assert_eq!(check_line(eleven, Line::SipTrunk, true, None), deaf);
        assert_eq!(check_line(eleven, Line::SipTrunk, false, Some(HangUp)), deaf);
    }
}
