//! What Twilio asks and tells of a call of ours, as forms: that somebody has answered, how it ended, and whether a machine
//! did. That each comes from Twilio is [checked](crate::sms::webhook::verify) as with texts.

use carillon_domain::base::call::ProviderCallId;
use carillon_domain::base::phone::E164;

use super::outcome::of_status;
use crate::provider::WebhookAnswer;
use crate::twilio::form::{ANSWER_TYPE, PROLOG, escaped, field, fields};
use crate::voice::carrier::{FAX, is_machine};
use crate::voice::locale::spoken;

pub use super::outcome::LegState;

/// Who or what answered, if it was no person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Twilio's id of the call.
    pub call: ProviderCallId,
    pub is_fax: bool,
    /// Whether it has said what it had to say, and can be spoken to.
    pub is_listening: bool,
}

/// Who answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Machine(Machine),
    /// A person, or nobody knows.
    NoMachine,
}

/// How far a call is; none if the form does not say.
pub fn parse_status(raw_body: &[u8]) -> Option<LegState> {
    let fields = fields(raw_body);
    let sip_code = field(&fields, "SipResponseCode").and_then(|code| code.trim().parse().ok());
    Some(of_status(field(&fields, "CallStatus")?, sip_code))
}

/// The verdict on who answered; none if the form is another.
pub fn parse_verdict(raw_body: &[u8]) -> Option<Verdict> {
    let fields = fields(raw_body);
    let answered_by = field(&fields, "AnsweredBy")?;
    if !is_machine(answered_by) {
        return Some(Verdict::NoMachine);
    }
    Some(Verdict::Machine(Machine {
        call: ProviderCallId(field(&fields, "CallSid").filter(|id| !id.is_empty())?.to_owned()),
        is_fax: answered_by == FAX,
        is_listening: answered_by.starts_with("machine_end"),
    }))
}

/// The answer by which the agent is connected: what its provider gave for it.
pub fn connected(twiml: String) -> WebhookAnswer {
    WebhookAnswer { media_type: ANSWER_TYPE, body: twiml }
}

/// The answer that ends a call.
pub fn hung_up() -> WebhookAnswer {
    connected(format!("{PROLOG}<Response><Hangup/></Response>"))
}

/// The answer to what wants none.
pub fn noted() -> WebhookAnswer {
    connected(format!("{PROLOG}<Response/>"))
}

/// Says a text to somebody at this number, and ends the call: in this language (ISO 639-1), if Twilio speaks it, else in
/// English.
pub(super) fn said(text: &str, language: Option<&str>, to: &E164) -> String {
    let locale = language.and_then(|language| spoken(&LOCALES, renamed(language), Some(to)));
    let attribute = locale.map(|locale| format!(r#" language="{locale}""#)).unwrap_or_default();
    format!("{PROLOG}<Response><Say{attribute}>{}</Say><Hangup/></Response>", escaped(text))
}

/// The languages of `<Say>` that any account has, as the vendor lists them. Of those of one language the first is spoken
/// wherever none is the country's own.
const LOCALES: [&str; 26] = [
    "en-US", "en-AU", "en-CA", "en-GB", "en-IN", "ca-ES", "da-DK", "de-DE", "es-ES", "es-MX", "fi-FI",
    "fr-FR", "fr-CA", "it-IT", "ja-JP", "ko-KR", "nb-NO", "nl-NL", "pl-PL", "pt-PT", "pt-BR", "ru-RU",
    "sv-SE", "zh-CN", "zh-HK", "zh-TW",
];

/// Norwegian is spoken as Bokmål.
fn renamed(language: &str) -> &str {
    if matches!(language, "no" | "nn") { "nb" } else { language }
}

#[cfg(test)]
mod tests {
    use carillon_domain::base::call::Outcome;

    use super::*;

    /// A state as Twilio's pages have it.
    const FAILED: &str = "AccountSid=AC0&ApiVersion=2010-04-01&CallSid=CA1&Direction=outbound-api&From=%2B15017122661\
        &To=%2B15558675310&CallbackSource=call-progress-events&CallStatus=failed&SequenceNumber=2&CallDuration=0\
        &Timestamp=Fri%2C+20+Nov+2026+10%3A00%3A05+%2B0000&Duration=0&SipResponseCode=404";
    const VERDICT: &str = "AccountSid=AC0&CallSid=CA1&AnsweredBy=machine_start&MachineDetectionDuration=2400";

    #[test]
    fn a_state_is_read_with_its_sip_answer() {
        let Some(LegState::Ended(report)) = parse_status(FAILED.as_bytes()) else { panic!("it has failed") };
        assert_eq!(report.outcome, Outcome::InvalidNumber);
        let blank = FAILED.replace("SipResponseCode=404", "SipResponseCode=").replace("failed", "completed");
        assert_eq!(parse_status(blank.as_bytes()), Some(LegState::Answered));
        assert_eq!(parse_status(VERDICT.as_bytes()), None);
    }

    #[test]
    fn a_verdict_is_news_only_if_it_was_no_person() {
        let read =
            |answered_by: &str| parse_verdict(VERDICT.replace("machine_start", answered_by).as_bytes());
        let machine = |is_fax, is_listening| {
            Some(Verdict::Machine(Machine { call: ProviderCallId("CA1".to_owned()), is_fax, is_listening }))
        };
        assert_eq!(read("machine_start"), machine(false, false));
        assert_eq!(read("fax"), machine(true, false));
        for end in ["machine_end_beep", "machine_end_silence", "machine_end_other"] {
            assert_eq!(read(end), machine(false, true), "{end}");
        }
        for nothing in ["human", "unknown", ""] {
            assert_eq!(read(nothing), Some(Verdict::NoMachine), "{nothing}");
        }
        for other in ["AnsweredBy=machine_start", "CallSid=CA1", ""] {
            assert_eq!(parse_verdict(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn a_text_is_said_in_the_language_of_the_call() {
        let to: E164 = "+41446681800".parse().expect("a number");
        for (language, attribute) in [
            ("de", r#"<Say language="de-DE">"#),
            ("no", r#"<Say language="nb-NO">"#),
            ("en", r#"<Say language="en-US">"#),
            ("cs", "<Say>"),
        ] {
            assert!(said("Hallo", Some(language), &to).contains(attribute), "{language}");
        }
    }

    #[test]
    fn what_is_said_is_xml_whatever_it_says() {
        let to: E164 = "+41446681800".parse().expect("a number");
        let said = said("Tom & <Jerry>\u{1}", None, &to);
        assert_eq!(
            said,
            r#"<?xml version="1.0" encoding="UTF-8"?><Response><Say>Tom &amp; &lt;Jerry&gt;</Say><Hangup/></Response>"#
        );
    }
}
