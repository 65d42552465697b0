//! What Twilio tells of messages: states of ours, and those that come in. All of it comes as forms.

use carillon_domain::base::message::{InboundMessage, Keyword, MessageEvent};
use carillon_domain::base::phone::E164;

use super::outcome;
use crate::provider::WebhookAnswer;
use crate::sms::webhook::Inbound;
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

/// A text that came in; none if it is none, or to no number.
pub(in crate::sms) fn inbound(fields: &[(String, String)]) -> Option<Inbound> {
    let keyword = match field(fields, "OptOutType") {
        Some("STOP") => Some(Keyword::Stop),
        Some("START") => Some(Keyword::Start),
        Some("HELP") => Some(Keyword::Help),
        Some(_) | None => None,
    };
    let id = field(fields, "MessageSid").filter(|id| !id.is_empty())?.to_owned();
    let to = field(fields, "To")?.parse().ok()?;
    let Ok(from) = field(fields, "From")?.parse() else { return Some(Inbound::OfNoNumber) };
    let text = field(fields, "Body").unwrap_or_default().to_owned();
    Some(Inbound::Message(InboundMessage { id, from, to, text, keyword }))
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
        let message = |form: &str| match inbound(&fields(form.as_bytes())) {
            Some(Inbound::Message(message)) => message,
            other => panic!("{other:?}"),
        };
        let stop = message(STOP);
        assert_eq!((stop.text.as_str(), stop.keyword), ("STOP", Some(Keyword::Stop)));
        let plain =
            STOP.replace("&OptOutType=STOP", "").replace("Body=STOP", "Body=Gr%C3%BC%C3%9Fe+%26+mehr");
        let plain = message(&plain);
        assert_eq!((plain.text.as_str(), plain.keyword), ("Grüße & mehr", None));
        let short_code = STOP.replace("From=%2B15558675310", "From=40404");
        assert_eq!(inbound(&fields(short_code.as_bytes())), Some(Inbound::OfNoNumber));
        for missing in ["MessageSid=SM2", "To=%2B15017122661", "From=%2B15558675310"] {
            assert_eq!(inbound(&fields(STOP.replace(missing, "Other=1").as_bytes())), None, "{missing}");
        }
    }

    #[test]
    fn an_answer_is_xml_whatever_it_says() {
        assert_eq!(answer(None).body, EMPTY_ANSWER);
        assert!(answer(Some("<b> & co")).body.contains("<Message>&lt;b&gt; &amp; co</Message>"));
    }
}
