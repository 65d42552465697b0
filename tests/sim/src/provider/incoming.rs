//! Calls that people make to us: the question with which one begins, then its course.

use carillon_domain::base::call::{Line, Outcome, VoiceProvider};
use carillon_domain::base::ids::CallerNumberId;
use carillon_domain::base::phone::E164;
use carillon_domain::records::interaction::Interaction;
use serde_json::Value;

use super::person::receive;
use super::{Post, Provider, wire};
use crate::executor::{Delivery, Job};
use crate::simulation::Simulation;

/// A call that came in.
#[derive(Debug)]
pub(super) struct Incoming {
    provider: VoiceProvider,
    ws: usize,
    caller: E164,
    called: E164,
    is_answered: bool,
    /// What really became of it, if we did not name an attempt.
    unnamed: Option<Outcome>,
}

impl Provider {
    /// Whether a call that came in and that we did not name is what is recorded. If its end was lost, nobody
    /// can say what became of it.
    pub(crate) fn knows_unnamed(&self, interaction: &Interaction) -> bool {
        let is_it = |incoming: &Incoming| {
            let truth = incoming.unnamed.map(|truth| interaction.judged(truth, interaction.duration_secs));
            let is_true = truth.is_some()
                && (interaction.outcome == truth || interaction.outcome == Some(Outcome::Unheard.into()));
            is_true && interaction.number.as_ref() == Some(&incoming.caller)
        };
        self.incoming.iter().any(is_it)
    }
}

/// Somebody calls one of our numbers: we are asked what the conversation begins with, unless the question
/// is lost.
pub(crate) fn ring(run: &Simulation, ws: usize, caller: &E164, called: &CallerNumberId) {
    let checker = run.checker.borrow();
    let ours = checker.workspaces[ws].caller_numbers.iter().find(|number| number.id == *called);
    let Some((called_at, called)) = ours.map(|ours| (ours.provider, ours.number.clone())) else { return };
    drop(checker);
    let mut provider = run.provider.borrow_mut();
    let place = provider.incoming.len();
    let caller = caller.clone();
    let body = wire::question(called_at, &caller, &called, &leg(place));
    provider.incoming.push(Incoming {
        provider: called_at,
        ws,
        caller,
        called,
        is_answered: false,
        unnamed: None,
    });
    drop(provider);
    if run.strikes(|rates| rates.webhook_lost) {
        return answered(run, place, None);
    }
    let post = Post {
        provider: called_at,
        path: "/initiation",
        body: body.to_string(),
        insists: false,
        attempt: None,
        asks_about: Some(place),
    };
    let delivery = Delivery::first(Job::Post { ws, post });
    if run.strikes(|rates| rates.webhook_doubled) {
        run.deliver(delivery.twin(), run.rng.between(1, 400));
    }
    run.deliver(delivery, run.rng.between(1, 400));
}

/// The conversation begins, with what we answered or without. The first answer counts.
pub(crate) fn answered(run: &Simulation, place: usize, answer: Option<&Value>) {
    let mut provider = run.provider.borrow_mut();
    let incoming = &mut provider.incoming[place];
    if std::mem::replace(&mut incoming.is_answered, true) {
        return;
    }
    let (called_at, attempt) =
        (incoming.provider, answer.and_then(|answer| wire::named(incoming.provider, answer)));
    let (ws, caller, called) = (incoming.ws, incoming.caller.clone(), incoming.called.clone());
    let mut reception = receive(&run.rng, called_at, &caller, Line::Twilio, run.now());
    reception.begin_at_once(&run.rng);
    run.tell(|| format!("{caller} calls {called} as {attempt:?}: {reception:?}"));
    let (id, _) = wire::ids(called_at, &format!("in_{place}"));
    let call = run.course(called_at, id, &reception, run.now());
    if let Some(attempt) = &attempt {
        let ends_at = run.now().plus_ms(reception.lasts_ms);
        run.checker.borrow_mut().came_in(ws, attempt, &caller, ends_at);
    }
    run.announce(ws, &call, attempt.as_ref(), Some((&caller, &called)));
    match attempt {
        Some(attempt) => drop(provider.calls.insert(attempt, call)),
        None => provider.incoming[place].unnamed = Some(call.truth()),
    }
}

fn leg(place: usize) -> String {
    format!("CAin_{place}")
}
