//! What Twilio asks and tells of a call, as signed forms.

use carillon_domain::base::time::Timestamp;

use crate::draw::Draw;
use crate::provider_simulator::call::Call;
use crate::provider_simulator::failure::Failure;
use crate::provider_simulator::person::Behaviour;
use crate::provider_simulator::settings::NetworkSettings;
use crate::provider_simulator::webhook_schedule::WebhookKind;

/// When the tries of one are made, in seconds after the first: our addresses ask for that (`#rc=5`).
const TRIES_AT_SECS: [i64; 6] = [0, 1, 2, 4, 8, 16];

type Fields = Vec<(&'static str, String)>;

/// The forms of a call, each with its moment.
pub(in crate::provider_simulator) fn of_call(
    settings: &NetworkSettings,
    call: &Call,
) -> Vec<(WebhookKind, Timestamp)> {
    let answered = call.answered_at.map(|at| (WebhookKind::LegAnswered, at));
    let verdict_at = verdict_at(settings, call).filter(|at| *at < call.ended_at);
    let verdict = verdict_at.map(|at| (WebhookKind::LegVerdict, at));
    let ended = [(WebhookKind::LegEnded, call.ended_at)];
    answered.into_iter().chain(verdict).chain(ended).collect()
}

/// When the verdict is known on who answered: some seconds later, or once a machine has said what it has to say.
fn verdict_at(settings: &NetworkSettings, call: &Call) -> Option<Timestamp> {
    let addresses = call.order.addresses.as_ref().filter(|addresses| addresses.machine.is_some())?;
    let mut draw = Draw::keyed(settings.seed, &["verdict", &call.id]);
    let speaks_on = addresses.awaits_end_of_greeting && matches!(call.behaviour, Behaviour::Voicemail { .. });
    let after_ms = if speaks_on { draw.between(4_000..=9_000) } else { draw.between(2_500..=5_000) };
    Some(call.answered_at?.plus_ms(after_ms))
}

/// Whether and when one is sent again that was not taken.
pub(in crate::provider_simulator) fn tries_at_secs(
    kind: WebhookKind,
    status: Option<u16>,
) -> Option<&'static [i64]> {
    // Whoever has answered does not wait.
    let is_tried_again = kind != WebhookKind::LegAnswered && !matches!(status, Some(200..=499));
    is_tried_again.then_some(&TRIES_AT_SECS)
}

/// Where a form goes, with what stays with Twilio.
pub(in crate::provider_simulator) fn address(call: &Call, kind: WebhookKind) -> Option<&str> {
    let addresses = call.order.addresses.as_ref()?;
    match kind {
        WebhookKind::LegAnswered => Some(&addresses.answer),
        WebhookKind::LegVerdict => addresses.machine.as_deref(),
        _ => addresses.status.as_deref(),
    }
}

/// The fields of a form.
pub(in crate::provider_simulator) fn fields(account: &str, call: &Call, kind: WebhookKind) -> Fields {
    match kind {
        WebhookKind::LegAnswered => shared(account, call, "in-progress"),
        WebhookKind::LegVerdict => vec![
            ("AccountSid", account.to_owned()),
            ("CallSid", call.carrier_id.clone()),
            ("AnsweredBy", answered_by(call).to_owned()),
            ("MachineDetectionDuration", "2400".to_owned()),
        ],
        _ => ended(account, call, call.failure()),
    }
}

fn answered_by(call: &Call) -> &'static str {
    let awaits_end = call.order.addresses.as_ref().is_some_and(|one| one.awaits_end_of_greeting);
    match call.behaviour {
        Behaviour::Voicemail { .. } if awaits_end => "machine_end_beep",
        Behaviour::Voicemail { .. } => "machine_start",
        Behaviour::KeepsSilent { .. } => "unknown",
        _ => "human",
    }
}

/// How a call ended that came to this, or was answered.
pub(in crate::provider_simulator) fn ended(account: &str, call: &Call, failure: Option<Failure>) -> Fields {
    let status = failure.map_or("completed", Failure::twilio_status);
    let sip_code = failure.map_or(200, Failure::twilio_code);
    let secs = call.talk_secs().to_string();
    let mut fields = shared(account, call, status);
    fields.extend([
        ("Timestamp", call.ended_at.to_utc().to_rfc2822()),
        ("CallbackSource", "call-progress-events".to_owned()),
        ("SipResponseCode", sip_code.to_string()),
        ("SequenceNumber", "2".to_owned()),
        ("Duration", (call.talk_secs() + 59).div_euclid(60).to_string()),
        ("CallDuration", secs),
    ]);
    fields
}

/// What every form about the state of a call has.
fn shared(account: &str, call: &Call, status: &str) -> Fields {
    let (to, from) = (&call.order.to_number, &call.from_number);
    [
        ("AccountSid", account),
        ("ApiVersion", "2010-04-01"),
        ("CallSid", &call.carrier_id),
        ("CallStatus", status),
        ("Direction", "outbound-api"),
        ("Called", to),
        ("To", to),
        ("ToCity", ""),
        ("ToState", ""),
        ("ToZip", ""),
        ("ToCountry", "US"),
        ("CalledCity", ""),
        ("CalledState", ""),
        ("CalledZip", ""),
        ("CalledCountry", "US"),
        ("Caller", from),
        ("From", from),
        ("FromCity", "RAYMOND"),
        ("FromState", "WA"),
        ("FromZip", "98631"),
        ("FromCountry", "US"),
        ("CallerCity", "RAYMOND"),
        ("CallerState", "WA"),
        ("CallerZip", "98631"),
        ("CallerCountry", "US"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}
