//! Made-up values for the tests of this crate.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono_tz::Tz;

use crate::base::call::{Line, VoiceProvider};
use crate::base::channel::Channel;
use crate::base::ids::{
    AssistantId, AttemptId, CallerNumberId, CampaignId, ContactId, DeliveryId, EventId, LeadId,
    WebhookEndpointId, WorkspaceId,
};
use crate::base::message::MessageProvider;
use crate::base::phone::E164;
use crate::base::time::Timestamp;
use crate::importing::LeadDraft;
use crate::planning::{CampaignSnapshot, EmptyPartitions, Failures, PlanningSnapshot};
use crate::policy::assistant::{Assistant, AssistantStatus, CallerNumber};
use crate::policy::rate_limit::{RateStates, SLOT_WINDOW_MS};
use crate::policy::rules::Rulebook;
use crate::policy::sms_sender::{KeywordsAnsweredBy, SmsSender};
use crate::policy::variables::VariableSchema;
use crate::records::active_attempt::{ActiveAttempt, ActiveAttemptState, DialCause};
use crate::records::campaign::{Campaign, CampaignSpec, CampaignStatus, Rejections};
use crate::records::contact::Contact;
use crate::records::lead::{FileOrder, Lead, LeadNumber, Profile};
use crate::records::webhook_delivery::{DeliveryStatus, WebhookDelivery};
use crate::records::webhook_endpoint::{EndpointStatus, WebhookEndpoint};
use crate::records::workspace::Workspace;

/// Monday 2026-11-23, 12:00 in Berlin: everything is open.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_431_600_000);

pub(crate) fn number(n: u32) -> E164 {
    format!("+4930231250{n:02}").parse().expect("a made-up number")
}

pub(crate) fn attempt(n: u8) -> AttemptId {
    AttemptId::new(NOW, [n; 10])
}

pub(crate) fn campaign_id() -> CampaignId {
    CampaignId::new(NOW, [1; 10])
}

pub(crate) fn workspace() -> Workspace {
    Workspace::new(WorkspaceId::new(NOW, [7; 10]), "Acme".into(), NOW)
}

pub(crate) fn assistant() -> Assistant {
    Assistant {
        id: AssistantId::new(NOW, [2; 10]),
        version: 1,
        name: "Robin".into(),
        provider: VoiceProvider::default(),
        agent_id: "agent_1".into(),
        status: AssistantStatus::Active,
        caller_number_ids: vec![caller_number(1).id],
        prompt_template: None,
        language: None,
        variables: VariableSchema::new(),
        paired_assistant_id: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn webhook_endpoint() -> WebhookEndpoint {
    WebhookEndpoint {
        id: WebhookEndpointId::new(NOW, [4; 10]),
        version: 1,
        url: "https://crm.example.com/carillon".into(),
        label: None,
        event_types: BTreeSet::new(),
        status: EndpointStatus::Enabled,
        enabled_at: NOW,
        failing_since: None,
        secret: "first".into(),
        previous_secrets: Vec::new(),
        created_at: NOW,
        updated_at: NOW,
    }
}

/// A delivery that is to be sent now.
pub(crate) fn webhook_delivery() -> WebhookDelivery {
    let (endpoint, event) = (webhook_endpoint().id, EventId::derive("lead_1", 1, "lead.created", NOW));
    WebhookDelivery {
        id: DeliveryId::derive(&endpoint, &event),
        version: 1,
        endpoint,
        event,
        event_type: "lead.created".into(),
        campaign: Some(campaign_id()),
        body: "{}".into(),
        replay_of: None,
        status: DeliveryStatus::Pending,
        tries: Vec::new(),
        next_try_at: Some(NOW),
        created_at: NOW,
    }
}

/// How a number sends texts: one a second.
pub(crate) fn sms_sender() -> SmsSender {
    SmsSender {
        provider: MessageProvider::Twilio,
        messaging_service: None,
        message_type: None,
        rate_limit_per_minute: Some(60),
        keywords: KeywordsAnsweredBy::Carillon,
        replies: None,
    }
}

pub(crate) fn caller_number(n: u8) -> CallerNumber {
    CallerNumber {
        id: CallerNumberId::new(NOW, [n; 10]),
        version: 1,
        number: "+493023125099".parse().expect("a made-up number"),
        label: None,
        phone_number_id: format!("phnum_{n}"),
        provider: VoiceProvider::default(),
        line: Line::Twilio,
        rate_limit_per_minute: Some(10),
        reserved_per_minute: None,
        concurrent_limit: None,
        daily_cap: None,
        sms: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn campaign() -> Campaign {
    Campaign {
        id: campaign_id(),
        version: 1,
        revision: 1,
        spec: CampaignSpec { time_zone: Tz::Europe__Berlin, ..CampaignSpec::new("Autumn", assistant().id) },
        status: CampaignStatus::Running,
        open_imports: BTreeSet::new(),
        run: 1,
        is_run_opening: false,
        recurs_since: None,
        rejections: Rejections::default(),
        text_rejections: Rejections::default(),
        is_reopening: false,
        is_closed: false,
        run_began_at: Some(NOW),
        running_since: Some(NOW),
        created_at: NOW,
        updated_at: NOW,
        started_at: Some(NOW),
        ended_at: None,
    }
}

pub(crate) fn lead(n: u32) -> Lead {
    let draft = LeadDraft { timezone: Some(Tz::Europe__Berlin), ..LeadDraft::new(number(n), []) };
    let id = LeadId::derive(&campaign_id(), &draft.primary.number);
    draft.into_lead(id, FileOrder { at: NOW, row: u64::from(n) }, None, NOW)
}

pub(crate) fn contact(n: u8) -> Contact {
    Contact {
        id: ContactId::new(NOW, [n; 10]),
        version: 1,
        profile: Profile { name: Some("Ana Example".into()), ..Profile::default() },
        numbers: vec![LeadNumber::new(number(n.into()))],
        lists: BTreeSet::new(),
        origin: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

pub(crate) fn claimed(lead: &Lead, at: Timestamp) -> ActiveAttempt {
    ActiveAttempt {
        number: lead.numbers[0].number.clone(),
        attempt: attempt(9),
        campaign: lead.id.campaign(),
        lead: lead.id.clone(),
        assistant: assistant().id,
        caller_number: caller_number(1).id,
        is_caller_chosen: false,
        provider: VoiceProvider::default(),
        line: Line::Twilio,
        channel: Channel::Call,
        cause: DialCause::Fresh,
        is_test: lead.is_test,
        person: lead.person(),
        instructions: None,
        price_micros: 0,
        claimed_at: at,
        state: ActiveAttemptState::Claimed { dial_at: at, until: at.plus_ms(SLOT_WINDOW_MS) },
    }
}

pub(crate) fn active_attempt(n: u32) -> ActiveAttempt {
    claimed(&lead(n), NOW)
}

/// Noon on a Monday in Berlin: one campaign, one number, nothing in flight.
pub(crate) fn snapshot() -> PlanningSnapshot {
    let campaign =
        CampaignSnapshot { campaign: campaign(), numbers: vec![caller_number(1)], zones: vec![lead(1).zone] };
    PlanningSnapshot {
        now: NOW,
        workspace: workspace(),
        rules: Arc::new(Rulebook::builtin().clone()),
        credits: None,
        campaigns: vec![campaign],
        active_attempts: Vec::new(),
        requests: Vec::new(),
        rate_states: RateStates::default(),
        failures: Failures::default(),
        probes_made: BTreeSet::new(),
        empty_partitions: EmptyPartitions::default(),
    }
}
