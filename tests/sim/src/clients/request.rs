//! An errand as a request to the API, and what its answer means.

use axum::body::Body;
use axum::http::{Method, Request, header};
use carillon_domain::base::ids::CampaignId;
use carillon_domain::base::time::HOUR_MS;
use carillon_domain::policy::schedule::{Period, local_date};
use carillon_domain::records::campaign::Command;
use serde_json::{Value, json};

use super::{Change, Errand, ask};
use crate::simulation::Simulation;

/// How long a client waits before it asks again for what there is no room for, in milliseconds.
const NO_ROOM_MS: i64 = 2 * HOUR_MS;
/// Largest gap that a client sets, in minutes.
const MAX_GAP_MINUTES: u32 = 240;

/// What an answer comes to.
pub(crate) enum Reply {
    Done,
    /// It is asked again soon.
    Again,
}

impl Errand {
    /// The request; none if it is no longer to be asked for.
    pub(crate) fn request(&self, run: &Simulation, ws: usize, api_key: &str) -> Option<Request<Body>> {
        let number = |number: &u64| format!("{number:016x}");
        let (method, path, body, key) = match self {
            Self::Command(id, command) => {
                let body = match command {
                    Command::Schedule { start_at } => json!({"start_at": start_at}),
                    _ => Value::Null,
                };
                (Method::POST, format!("/campaigns/{id}/{}", command.name()), body, None)
            }
            Self::Edit(id, change) => {
                (Method::PATCH, format!("/campaigns/{id}"), changed(run, ws, id, *change)?, None)
            }
            Self::Drop(..) => return None,
            Self::Add(id, person) => {
                let mut form = json!({
                    "phone": person.numbers[0],
                    "secondary_phones": person.numbers[1..],
                    "timezone": person.own_zone,
                    "is_test": run.bug.is_none() && person.is_test(),
                });
                if person.has_consented {
                    form["consent"] = json!({"source": "form", "at": run.checker.borrow().workspaces[ws].tenant.created_at});
                }
                (Method::POST, format!("/campaigns/{id}/leads"), form, Some(person.lead(id).to_string()))
            }
            Self::Call(lead, caller, wish) => {
                let mut form = json!({"leadId": lead, "direction": "outbound"});
                if let Some(caller) = caller {
                    form["callerNumberId"] = json!(caller);
                }
                (Method::POST, "/voice/calls/initiate".to_owned(), form, Some(number(wish)))
            }
            Self::CallBack(lead, at) => {
                let path = format!("/campaigns/{}/leads/{lead}/reschedule", lead.campaign());
                (Method::POST, path, json!({"at": at}), None)
            }
            Self::OptOut(list, number) => {
                (Method::POST, format!("/do-not-call/{list}/numbers"), json!({"number": number}), None)
            }
            Self::OptOutMany(list, numbers) => {
                let rows: Vec<_> = numbers.iter().map(ToString::to_string).collect();
                let path = format!("/do-not-call/{list}/import");
                (Method::POST, path, Value::String(rows.join("\n")), None)
            }
            Self::Forgive(list, number) => (
                Method::DELETE,
                format!("/do-not-call/{list}/numbers/{number}?reason=mistake"),
                Value::Null,
                None,
            ),
            Self::Learn(lead, numbers) => {
                let path = format!("/campaigns/{}/leads/{lead}", lead.campaign());
                if numbers.is_empty() {
                    return None;
                }
                // The first of them may be another one than before.
                let phones: Vec<_> = numbers.iter().map(|number| json!({"value": number})).collect();
                (Method::PATCH, path, json!({"phones": phones}), None)
            }
            Self::Bulk(id, form, wish) => {
                (Method::POST, format!("/campaigns/{id}/leads/bulk"), form.clone(), Some(number(wish)))
            }
            Self::TopUp(usd, wish) => {
                (Method::POST, "/credits/top-ups".to_owned(), json!({"amount_usd": usd}), Some(number(wish)))
            }
        };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {api_key}"));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let (kind, body) = match body {
            Value::Null => ("application/json", Body::empty()),
            Value::String(text) => ("text/csv", Body::from(text)),
            body => ("application/json", Body::from(body.to_string())),
        };
        request.header(header::CONTENT_TYPE, kind).body(body).ok()
    }

    /// What the client makes of an answer.
    pub(crate) fn on_answer(&self, run: &Simulation, ws: usize, by: u64, status: u16, body: &Value) -> Reply {
        let code = body["code"].as_str().unwrap_or_default();
        match (status, code) {
            (200..300, _) => self.acknowledged(run, ws, by),
            (500.., _) | (_, "request_under_way" | "contended") => return Reply::Again,
            // One that rests is looked after anyway.
            (_, "too_many_running" | "low_credits") if !matches!(self, Self::Command(_, Command::Resume)) => {
                ask(run, ws, NO_ROOM_MS, self.clone());
            }
            (400 | 401 | 403 | 405 | 413 | 415, _) | (_, "unknown_path" | "idempotency_key_reused") => {
                unreachable!("a request of ours is wrong, so nothing is tested by it: {self} {status} {body}")
            }
            (422, _)
                if ["there is no such field", "it is required"]
                    .iter()
                    .any(|it| body.to_string().contains(it)) =>
            {
                unreachable!("a request of ours is wrong, so nothing is tested by it: {self} {body}")
            }
            _ => run.tell(|| format!("refused: {self} {status} {body}")),
        }
        Reply::Done
    }

    /// The client is told that it is done: from now on it holds.
    fn acknowledged(&self, run: &Simulation, ws: usize, by: u64) {
        run.tell(|| format!("acknowledged: {self}"));
        let mut checker = run.checker.borrow_mut();
        match self {
            Self::Command(id, command) => {
                let is_stop = matches!(command, Command::Pause { .. } | Command::Cancel);
                checker.acknowledged(ws, id, by, is_stop);
            }
            Self::Edit(id, _) => checker.acknowledged(ws, id, by, false),
            Self::OptOut(list, number) => checker.opted_out(ws, list, number),
            Self::OptOutMany(list, numbers) => {
                numbers.iter().for_each(|number| checker.opted_out(ws, list, number));
            }
            _ => {}
        }
    }
}

/// A campaign's settings that a change sets, from what is stored.
fn changed(run: &Simulation, ws: usize, id: &CampaignId, change: Change) -> Option<Value> {
    let campaign = run.checker.borrow().workspaces[ws].campaigns.get(id).cloned()?;
    let spec = &campaign.spec;
    let today = local_date(spec.time_zone, run.now());
    Some(match change {
        Change::FewerAttempts => json!({"retry": {"max_attempts": (spec.retry.max_attempts - 1).max(1)}}),
        Change::LongerGap => {
            json!({"min_gap_minutes": (spec.min_gap_minutes * 2 + 10).min(MAX_GAP_MINUTES.max(spec.min_gap_minutes))})
        }
        Change::NotToday => {
            let mut dates = spec.except_dates.clone();
            dates.insert(today);
            json!({"except_dates": dates})
        }
        Change::Share { priority, weight } => json!({"priority": priority, "weight": weight}),
        Change::Rate(rate) => json!({"rate_limit_per_minute": rate}),
        Change::Limit(limit) => json!({"concurrent_limit": limit}),
        Change::LastDay => {
            let start = spec.period.start().filter(|start| *start <= today);
            json!({"period": Period::new(start, Some(today)).ok()?})
        }
    })
}
