//! TwiML: how an agent is connected, and what answers and orders say.

use crate::provider_simulator::speech;

/// The answer by which Twilio connects the agent of this conversation.
pub(in crate::provider_simulator) fn connecting(conversation: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Response><Connect><Stream url="wss://agents.example/media"><Parameter name="conversation_id" value="{conversation}"/></Stream></Connect></Response>"#
    )
}

/// The conversation that an answer connects; none if it hangs up.
pub(in crate::provider_simulator) fn connected(twiml: &str) -> Option<&str> {
    let (_, stream) = twiml.split_once("<Connect>")?;
    let (_, value) = stream.split_once(r#"<Parameter name="conversation_id" value=""#)?;
    Some(value.split_once('"')?.0)
}

/// What is said, if anything, and how long that takes, in milliseconds.
pub(super) fn said(twiml: &str) -> Option<(String, i64)> {
    let (_, rest) = twiml.split_once("<Say")?;
    let (_, rest) = rest.split_once('>')?;
    let (text, _) = rest.split_once("</Say>")?;
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let for_ms = speech::length_ms(&text);
    Some((text, for_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_connects_or_hangs_up() {
        assert_eq!(connected(&connecting("conv_1")), Some("conv_1"));
        assert_eq!(connected("<Response><Hangup/></Response>"), None);
        assert_eq!(connected("an error page"), None);
    }

    #[test]
    fn a_text_that_is_said_takes_its_time() {
        let order = "<Response><Say language=\"en-GB\">Tom &amp; Co. called.</Say><Hangup/></Response>";
        assert_eq!(said(order), Some(("Tom & Co. called.".to_owned(), 1_600)));
        assert_eq!(said("<Response><Hangup/></Response>"), None);
    }
}
