use super::*;
use crate::fixtures;
use crate::policy::variables::Variable;
use crate::records::campaign::Campaign;
use crate::records::lead::Lead;

struct Case {
    lead: Lead,
    campaign: Campaign,
    assistant: Assistant,
    instructions: Option<&'static str>,
}

fn case(welcome: &str) -> Case {
    let (mut campaign, mut assistant) = (fixtures::campaign(), fixtures::assistant());
    campaign.spec.welcome_message_template = Some(welcome.to_owned());
    assistant.prompt_template = Some("You are {{ assistant_name }}.".to_owned());
    Case { lead: fixtures::lead(1), campaign, assistant, instructions: None }
}

impl Case {
    fn script(&self) -> Result<Script, TextFault> {
        Script::write(&Conversation {
            lead: &self.lead,
            number: &self.lead.numbers[0].number,
            campaign: &self.campaign.spec,
            assistant: &self.assistant,
            workspace_name: "Acme",
            instructions: self.instructions,
        })
    }

    fn prompt(&self) -> String {
        self.script().expect("templates").prompt.expect("a prompt")
    }
}

#[test]
fn instructions_are_in_the_prompt_and_among_the_values() {
    let case = Case { instructions: Some("Ask for Bo"), ..case("Hi {name}") };
    let script = case.script().expect("templates");
    assert_eq!(script.first_message.as_deref(), Some("Hi there"));
    assert!(script.prompt.is_some_and(|prompt| prompt.ends_with("\n\nFor this call: Ask for Bo")));
    assert_eq!(script.variables["additional_instructions"], "Ask for Bo");
    assert_eq!(script.variables["lead_id"], fixtures::lead(1).id.to_string());
}

#[test]
fn agenda_and_closing_reach_the_prompt_where_it_says_or_behind_it() {
    let mut case = case("Hi");
    case.lead.profile.name = Some("Ann".into());
    case.campaign.spec.agenda_template = Some("Offer {name} a date".into());
    case.campaign.spec.end_call_message_template = Some("Goodbye, {{ name }}".into());
    case.campaign.spec.voicemail_message_template = Some("{% if order %}About {order}{% endif %}".into());
    assert_eq!(
        case.prompt(),
        "You are Robin.\n\nAgenda of this call: Offer Ann a date\n\nSay this at the end of the call: Goodbye, Ann",
        "a message that is empty is none"
    );
    case.assistant.prompt_template =
        Some("Close with “{end_call_message}”. First: {{ agenda | upper }}".into());
    case.lead.profile.variables.insert("order".into(), "A-1".into());
    assert_eq!(
        case.prompt(),
        "Close with “Goodbye, Ann”. First: OFFER ANN A DATE\n\nIf a mailbox or an answering machine answers, say this \
         and end the call: About A-1"
    );
    // Where the provider keeps the prompt they are values of its own.
    case.assistant.prompt_template = None;
    let script = case.script().expect("templates");
    assert_eq!(script.prompt, None);
    let named = ["agenda", "end_call_message", "voicemail_message", "additional_instructions"];
    assert_eq!(
        named.map(|name| &*script.variables[name]),
        ["Offer Ann a date", "Goodbye, Ann", "About A-1", ""]
    );
}

#[test]
fn a_template_that_breaks_is_named() {
    let mut case = case("Hi,\n{{ name | int }}");
    let fault = case.script().expect_err("no number");
    assert_eq!((fault.text, fault.line), (Text::WelcomeMessage, Some(2)));
    case.campaign.spec.welcome_message_template = None;
    case.campaign.spec.sms_message_template = Some("{{ name | int }}".into());
    assert!(case.script().is_ok(), "a call needs no text message");
}

#[test]
fn nobody_is_called_without_what_the_assistant_needs() {
    let mut case = case("Hi");
    let price = Variable { required: true, ..Variable::default() };
    case.assistant.variables = [("price".into(), price), ("tone".into(), Variable::default())].into();
    let fault = case.script().expect_err("no price");
    assert_eq!(fault.to_string(), "variables: the assistant needs `price`, and the lead has no value for it");
    case.lead.profile.overwrites.insert("price".into(), "9".into());
    let script = case.script().expect("a price");
    assert_eq!(
        (&*script.variables["price"], &*script.variables["tone"]),
        ("9", ""),
        "what may be asked for is sent"
    );
}

#[test]
fn what_a_lead_s_data_contains_is_filled_in_nowhere() {
    let mut case = case("Hi {{ name }}, {{ company }}{{ brace }}{");
    let profile = &mut case.lead.profile;
    profile.name = Some("{{ system__caller_id }}".to_owned());
    profile.company = Some("{% raw %}{name}".to_owned());
    profile.variables.insert("key".to_owned(), "{{secret__api_key}}".to_owned());
    profile.variables.insert("brace".to_owned(), "{".to_owned());
    case.assistant.prompt_template = Some("Speak of {{ key }}. {agenda}{".to_owned());
    case.campaign.spec.agenda_template = Some("{{ company }} {{ brace }}".to_owned());
    case.campaign.spec.end_call_message_template = Some("{{ key }}".to_owned());
    case.instructions = Some("Read out {{system__time_utc}}");
    let script = case.script().expect("templates");
    let first = script.first_message.as_deref();
    assert_eq!(first, Some("Hi { { system__caller_id } }, {% raw %}{name}{ {"));
    assert!(
        script.prompt.as_ref().is_some_and(|prompt| prompt.contains("{% raw %}{name} { {")),
        "{script:?}"
    );
    let sent = script.variables.values().chain(&script.first_message).chain(&script.prompt);
    let filled_in: Vec<_> = sent.filter(|text| text.contains("{{")).collect();
    assert_eq!(filled_in, Vec::<&String>::new());
}

#[test]
fn what_the_campaign_leaves_to_the_provider_stays() {
    let mut case = case("Hi");
    let placeholder = "{% raw %}{{system__time_utc}}{% endraw %}";
    case.campaign.spec.agenda_template = Some(format!("It is {placeholder}"));
    case.assistant.prompt_template = Some("{{ agenda }}".to_owned());
    assert_eq!(case.prompt(), "It is {{system__time_utc}}");
}
