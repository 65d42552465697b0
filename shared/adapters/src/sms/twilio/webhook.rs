//! What Twilio tells of messages: states of ours, and those that come in. All of it comes as forms.

use carillon_domain::base::message::{InboundMessage, Keyword, MessageEvent};
use carillon_domain::base::phone::E164;

use super::outcome;
use crate::provider::WebhookAnswer;
use crate::twilio::form::{ANSWER_TYPE, PROLOG, escaped, field};

/// The answer to a webhook that wants nothing said.
const EMPTY_ANSWER: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

/// The number that a state is about, and what it says.
pub(in crate::sms) fn status(fields: &[(String, String)]) -> Option<(E164, MessageEvent)> {
    let to = field(fields, "To")?.parse().ok()?;
    let said = field(fields, "MessageStatus").or_else(|| field(fields, "SmsStatus"))?;
    let code = field(fields, "ErrorCode").and_then(|code| code.parse().ok()).filter(|code| *code > 0);
    Some((to, outcome::of_status(said, code, None)))
}

/// A message that came in; none if it is not one from a telephone.
pub(in crate::sms) fn inbound(fields: &[(String, String)]) -> Option<InboundMessage> {
    let keyword = match field(fields, "OptOutType") {
        Some("STOP") => Some(Keyword::Stop),
        Some("START") => Some(Keyword::Start),
        Some("HELP") => Some(Keyword::Help),
        Some(_) | None => None,
    };
    Some(InboundMessage {
        id: field(fields, "MessageSid").filter(|id| !id.is_empty())?.to_owned(),
        from: field(fields, "From")?.parse().ok()?,
        to: field(fields, "To")?.parse().ok()?,
        text: field(fields, "Body").unwrap_or_default().to_owned(),
        keyword,
    })
}

/// The answer by which a message is replied to.
pub(in crate::sms) fn answer(reply: Option<&str>) -> WebhookAnswer {
    let body = reply.map_or_else(|| EMPTY_ANSWER.to_owned(), said);
    WebhookAnswer { media_type: ANSWER_TYPE, body }
}

fn said(reply: &str) -> String {
    format!("{PROLOG}<Response><Message>{}</Message></Response>", escaped(reply))
}

#[cfg(test)]
mod tests {
    use carillon_domain::base::outcome::MessageOutcome;

    use super::*;
    use crate::twilio::form::fields;

    /// A state as the vendor's package reads it.
    const UNDELIVERED: &str = "AccountSid=AC0&ApiVersion=2010-04-01&From=%2B15017122661&To=%2B15558675310&MessageSid=SM1\
        &SmsSid=SM1&MessageStatus=undelivered&SmsStatus=undelivered&ErrorCode=30006";
    const STOP: &str = "ToCountry=US&NumMedia=0&FromZip=80202&SmsStatus=received&Body=STOP&To=%2B15017122661&NumSegments=1\
        &MessageSid=SM2&AccountSid=AC0&From=%2B15558675310&ApiVersion=2010-04-01&OptOutType=STOP";

    #[test]
    fn a_state_is_read_with_its_code() {
        let (to, read) = status(&fields(UNDELIVERED.as_bytes())).expect("a state");
        assert_eq!(to.as_str(), "+15558675310");
        let MessageEvent::Ended(report) = read else { panic!("it is an end") };
        assert_eq!(
            (report.outcome, report.end_reason.as_str()),
            (MessageOutcome::NotTextable, "undelivered 30006")
        );
        let sent = UNDELIVERED.replace("undelivered", "sent").replace("30006", "0");
        assert_eq!(
            status(&fields(sent.as_bytes())).map(|(_, event)| event),
            Some(MessageEvent::OnItsWay { cost_micros: None })
        );
        assert_eq!(status(&fields(b"MessageStatus=sent")), None);
    }

    #[test]
    fn a_message_that_came_in_is_read_with_what_the_provider_took_it_for() {
        let message = inbound(&fields(STOP.as_bytes())).expect("a message");
        assert_eq!((message.text.as_str(), message.keyword), ("STOP", Some(Keyword::Stop)));
        let plain =
            STOP.replace("&OptOutType=STOP", "").replace("Body=STOP", "Body=Gr%C3%BC%C3%9Fe+%26+mehr");
        let message = inbound(&fields(plain.as_bytes())).expect("a message");
        assert_eq!((message.text.as_str(), message.keyword), ("Grüße & mehr", None));
        let short_code = STOP.replace("From=%2B15558675310", "From=40404");
        assert_eq!(inbound(&fields(short_code.as_bytes())), None);
    }

    #[test]
    fn an_answer_is_xml_whatever_it_says() {
        assert_eq!(answer(None).body, EMPTY_ANSWER);
        assert!(answer(Some("<b> & co")).body.contains("<Message>&lt;b&gt; &amp; co</Message>"));
    }
}
