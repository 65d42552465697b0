//! What a text message says: its template, made of one lead's values, with how to get no more where the rules ask for
//! that.

use super::keywords;
use super::personalization::Sources;
use super::values::Conversation;
use crate::base::channel::Channel;
use crate::base::message::MAX_MESSAGE_CHARS;
use crate::policy::rules::{Disclosure, InForce};
use crate::records::text_fault::{Text, TextFault};

/// How to get no more, by the language of the assistant (ISO 639-1); the first where it is another.
const OPT_OUT_NOTICES: [(&str, &str); 8] = [
    ("en", "Reply STOP to opt out."),
    ("de", "Abmelden mit STOP."),
    ("fr", "STOP pour ne plus en recevoir."),
    ("es", "Responda STOP para darse de baja."),
    ("pt", "Responda STOP para sair."),
    ("it", "Rispondi STOP per non riceverne altri."),
    ("nl", "Antwoord STOP om u af te melden."),
    ("tr", "Almamak icin STOP yazin."),
];

/// What is sent to one lead.
///
/// # Errors
/// [`TextFault`] says why it can't be made, or can't be sent.
pub fn write(conversation: &Conversation<'_>, rules: InForce<'_>) -> Result<String, TextFault> {
    let sources = Sources::of(conversation.campaign, conversation.assistant);
    let text = sources.parsed()?.message(conversation)?;
    let text = text.ok_or_else(|| fault("the campaign has no sms_message_template".to_owned()))?;
    finished(&text, conversation.assistant.language.as_deref(), rules)
}

/// A text as it is sent, once its template is rendered.
///
/// # Errors
/// [`TextFault`] if it is empty or too long.
pub fn finished(text: &str, language: Option<&str>, rules: InForce<'_>) -> Result<String, TextFault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(fault("it is empty for this lead".to_owned()));
    }
    let is_asked_for =
        rules.disclosures(Channel::Sms).any(|(_, disclosure)| disclosure == Disclosure::OptOutInTexts);
    let text = match is_asked_for && !keywords::tells_how_to_stop(text) {
        true => format!("{text}\n{}", notice(language)),
        false => text.to_owned(),
    };
    let length = text.chars().count();
    if length > MAX_MESSAGE_CHARS {
        let reason = format!("it has {length} characters; at most {MAX_MESSAGE_CHARS} can be sent");
        return Err(fault(reason));
    }
    Ok(text)
}

fn notice(language: Option<&str>) -> &'static str {
    let known = |language: &str| OPT_OUT_NOTICES.iter().find(|(code, _)| language.starts_with(code));
    language.and_then(known).unwrap_or(&OPT_OUT_NOTICES[0]).1
}

const fn fault(reason: String) -> TextFault {
    TextFault { text: Text::SmsMessage, line: None, column: None, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calling::sms_segments::{Encoding, SmsSegments};
    use crate::fixtures::{self, NOW};
    use crate::policy::rules::Rulebook;
    use chrono_tz::Tz;

    fn rules(country: &str) -> InForce<'static> {
        let number = match country {
            "US" => "+12125550123",
            "DE" => "+4930123456",
            _ => "+819012345678",
        };
        let (zone, _) = crate::base::zone::Zone::of(None, &number.parse().expect("a number"));
        Rulebook::builtin().now(&zone, Tz::UTC, NOW)
    }

    #[test]
    fn how_to_opt_out_is_said_where_the_rules_ask_for_it_and_the_text_does_not() {
        let sent = |text: &str, language, country| finished(text, language, rules(country)).expect("a text");
        assert_eq!(sent("Hi", None, "US"), "Hi\nReply STOP to opt out.");
        assert_eq!(sent("Hallo", Some("de-DE"), "DE"), "Hallo\nAbmelden mit STOP.");
        assert_eq!(sent("Hi", Some("ja"), "US"), "Hi\nReply STOP to opt out.");
        assert_eq!(sent("Hi", None, "JP"), "Hi", "no rule is known there");
        let own = "Hi. Text STOP to end.";
        assert_eq!(sent(own, None, "US"), own);
        assert_eq!(sent("Please cancel it", None, "US"), "Please cancel it\nReply STOP to opt out.");
        for (_, notice) in OPT_OUT_NOTICES {
            assert_eq!(SmsSegments::of(notice).encoding, Encoding::Gsm7, "{notice}");
            assert!(keywords::tells_how_to_stop(notice), "{notice}");
        }
    }

    #[test]
    fn what_is_empty_or_too_long_is_not_sent() {
        let refused = |text: &str| finished(text, None, rules("US")).expect_err("no text").to_string();
        assert_eq!(refused(" \n"), "SMS message: it is empty for this lead");
        let long = refused(&"x".repeat(1_590));
        assert_eq!(long, "SMS message: it has 1613 characters; at most 1600 can be sent");
    }

    #[test]
    fn a_text_is_made_of_the_leads_values_and_needs_a_template() {
        let (lead, assistant) = (fixtures::lead(1), fixtures::assistant());
        let mut spec = fixtures::campaign().spec;
        let number = fixtures::number(1);
        let made = |spec: &_| {
            let conversation = Conversation {
                lead: &lead,
                number: &number,
                campaign: spec,
                assistant: &assistant,
                workspace_name: "Acme",
                instructions: None,
            };
            write(&conversation, rules("JP")).map_err(|fault| fault.to_string())
        };
        assert_eq!(made(&spec), Err("SMS message: the campaign has no sms_message_template".to_owned()));
        spec.sms_message_template = Some("{{ our_company }} here, {{ nick | default('you') }}.".into());
        // A prompt that can't be made is no matter of a text.
        spec.agenda_template = Some("{{ 1 / 0 }}".into());
        assert_eq!(made(&spec), Ok("Acme here, you.".to_owned()));
        spec.sms_message_template = Some("{{ name | int }}".into());
        assert!(made(&spec).expect_err("no number").starts_with("SMS message, line 1"));
    }
}
