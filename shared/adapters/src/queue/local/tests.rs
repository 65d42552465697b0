//! What a local queue promises, on a clock that the test sets, wherever its messages lie.

use super::*;
use crate::random::Random;
use crate::scratch::Scratch;

const VISIBILITY_MS: i64 = 30_000;
const MAX_RECEIVES: u32 = 3;

fn start() -> Timestamp {
    Timestamp::from_millis(1_795_252_200_000)
}

/// Runs each test with messages in memory, and with messages in SQLite.
macro_rules! conformance {
    ($($test:ident)+) => {
        mod in_memory {
            $(#[test]
            fn $test() {
                let clock = super::Clock::manual(super::start());
                super::$test(&super::LocalQueues::in_memory(clock.clone()), &clock);
            })+
        }
        mod in_sqlite {
            $(#[test]
            fn $test() {
                let clock = super::Clock::manual(super::start());
                super::$test(&super::in_sqlite(clock.clone()), &clock);
            })+
        }
    };
}

conformance! {
    messages_come_in_order_and_no_more_than_asked_for
    what_is_taken_is_hidden_until_its_visibility_ends
    only_the_latest_delivery_may_delete
    a_receipt_fits_its_own_queue_only
    a_delay_is_kept_to_the_millisecond
    order_is_by_the_time_they_became_visible
    a_released_message_comes_back_after_its_delay
    a_message_that_is_put_back_was_never_handed_out
    a_message_dies_after_its_last_delivery_and_can_be_driven_again
    dead_letters_fade
    the_next_moment_to_look_is_known
    depth_tells_where_messages_are
    a_body_too_long_for_sqs_is_too_long_here
    waiting_ends_at_once_when_something_is_sent_released_or_redriven
    putting_the_clock_forward_wakes_who_waits
    one_name_is_one_queue
    handed_out_messages_are_taken_back_uncounted
}

fn in_sqlite(clock: Clock) -> LocalQueues {
    LocalQueues::over(sqlite::prepare(Connection::open_in_memory().expect("memory")).expect("tables"), clock)
}

fn dials(queues: &LocalQueues) -> LocalQueue {
    queues.queue("dials", MAX_RECEIVES)
}

fn send(queue: &LocalQueue, bodies: &[&str]) {
    let messages: Vec<_> = bodies.iter().map(|&body| Message::now(body)).collect();
    queue.send(&messages).expect("sent");
}

fn receive(queue: &LocalQueue) -> Vec<Received> {
    queue.receive(10, VISIBILITY_MS).expect("received")
}

fn bodies(queue: &LocalQueue) -> Vec<String> {
    receive(queue).into_iter().map(|message| message.body).collect()
}

fn pass(clock: &Clock, millis: i64) {
    clock.advance_to(clock.now().plus_ms(millis));
}

fn messages_come_in_order_and_no_more_than_asked_for(queues: &LocalQueues, _: &Clock) {
    let queue = dials(queues);
    send(&queue, &["a", "b", "c"]);
    let first = queue.receive(2, VISIBILITY_MS).expect("received");
    assert_eq!(first.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(bodies(&queue), ["c"]);
    assert!(bodies(&queue).is_empty());
}

fn what_is_taken_is_hidden_until_its_visibility_ends(queues: &LocalQueues, clock: &Clock) {
    let queue = dials(queues);
    send(&queue, &["a"]);
    let first = receive(&queue).pop().expect("a message");
    assert_eq!((first.receive_count, first.sent_at), (1, start()));
    pass(clock, VISIBILITY_MS - 1);
    assert!(bodies(&queue).is_empty());
    pass(clock, 1);
    let second = receive(&queue).pop().expect("the message again");
    assert_eq!((&second.id, second.receive_count), (&first.id, 2));
    assert_ne!(second.receipt, first.receipt);
}

fn only_the_latest_delivery_may_delete(queues: &LocalQueues, clock: &Clock) {
    let queue = dials(queues);
    send(&queue, &["a"]);
    let first = receive(&queue).pop().expect("a message");
    pass(clock, VISIBILITY_MS);
    let second = receive(&queue).pop().expect("the message again");
    assert!(!queue.delete(&first.receipt).expect("answered"));
    assert!(!queue.release(&first.receipt, 0).expect("answered"));
    pass(clock, VISIBILITY_MS);
    // Late, but nobody else has it yet: as with SQS the work counts as done.
    assert!(queue.delete(&second.receipt).expect("answered"));
    assert!(!queue.delete(&second.receipt).expect("answered"));
    assert!(bodies(&queue).is_empty());
    assert!(!queue.delete("nonsense").expect("answered"));
}

fn a_receipt_fits_its_own_queue_only(queues: &LocalQueues, _: &Clock) {
    let (dials, plans) = (dials(queues), queues.queue("plans", MAX_RECEIVES));
    send(&dials, &["dial"]);
    assert!(bodies(&plans).is_empty());
    let dial = receive(&dials).pop().expect("a message");
    assert!(!plans.delete(&dial.receipt).expect("answered"));
    assert!(dials.delete(&dial.receipt).expect("answered"));
}

fn a_delay_is_kept_to_the_millisecond(queues: &LocalQueues, clock: &Clock) {
    let queue = dials(queues);
    queue.send(&[Message::after(1_500, "late"), Message::after(-5, "now")]).expect("sent");
    assert_eq!(bodies(&queue), ["now"]);
    pass(clock, 1_499);
    assert!(bodies(&queue).is_empty());
    pass(clock, 1);
    assert_eq!(bodies(&queue), ["late"]);
}

fn order_is_by_the_time_they_became_visible(queues: &LocalQueues, clock: &Clock) {
    let queue = dials(queues);
    queue
        .send(&[Message::after(300, "c"), Message::after(100, "a"), Message::after(200, "b")])
        .expect("sent");
    pass(clock, 1_000);
    assert_eq!(bodies(&queue), ["a", "b", "c"]);
}

fn a_released_message_comes_back_after_its_delay(queues: &LocalQueues, clock: &Clock) {
    let queue = dials(queues);
    send(&queue, &["a"]);
    let first = receive(&queue).pop().expect("a message");
    assert!(queue.release(&first.receipt, 250).expect("answered"));
    assert!(!queue.delete(&first.receipt).expect("answered"), "it is not ours any more");
    assert_eq!(queue.depth().expect("counted"), Depth { delayed: 1, ..Depth::default() });
    pass(clock, 250);
    let second = receive(&queue).pop().expect("the message again");
    assert_eq!(second.receive_count, 2);
}

fn a_message_that_is_put_back_was_never_handed_out(queues: &LocalQueues, _: &Clock) {
    let queue = dials(queues);
    send(&queue, &["a"]);
    for _ in 0..=2 * MAX_RECEIVES {
        let taken = receive(&queue).pop().expect("it never dies");
        assert_eq!(taken.receive_count, 1);
        assert!(queue.put_back(&taken.receipt).expect("answered"));
        assert!(!queue.put_back(&taken.receipt).expect("answered"), "it is not ours any more");
    }
}

fn a_message_dies_after_its_last_delivery_and_can_be_driven_again(queues: &LocalQueues, clock: &Clock) {
    let queue = dials(queues);
    send(&queue, &["poison", "fine"]);
    let mut receipts = Vec::new();
    for count in 1..=MAX_RECEIVES {
        let poison = receive(&queue).remove(0);
        assert_eq!((poison.body.as_str(), poison.receive_count), ("poison", count));
        receipts.push(poison.receipt);
        pass(clock, VISIBILITY_MS);
    }
    send(&queue, &["next"]);
    assert_eq!(bodies(&queue), ["next"], "dead ones take no place");
    let dead = queue.dead_letters(10).expect("listed");
    assert_eq!(dead.iter().map(|letter| letter.body.as_str()).collect::<Vec<_>>(), ["poison", "fine"]);
    assert_eq!((dead[0].receive_count, dead[0].sent_at, dead[0].died_at), (3, start(), clock.now()));

    assert_eq!(queue.redrive(1).expect("moved"), 1);
    assert_eq!(queue.dead_letters(10).expect("listed"), dead[1..]);
    let again = receive(&queue).pop().expect("a message");
    assert_eq!((again.body.as_str(), again.receive_count), ("poison", 1));
    for receipt in receipts {
        assert!(!queue.delete(&receipt).expect("answered"), "a receipt of its former life");
    }
    assert_eq!(queue.redrive(10).expect("moved"), 1);
    assert_eq!(queue.redrive(10).expect("moved"), 0);
}

fn dead_letters_fade(queues: &LocalQueues, clock: &Clock) {
    let queue = dials(queues);
    for body in ["old", "new"] {
        send(&queue, &[body]);
        for _ in 0..=MAX_RECEIVES {
            receive(&queue);
            pass(clock, VISIBILITY_MS);
        }
        pass(clock, 15 * 24 * 3_600_000);
    }
    let dead = queue.dead_letters(10).expect("listed");
    assert_eq!(dead.iter().map(|letter| letter.body.as_str()).collect::<Vec<_>>(), ["new"]);
}

fn the_next_moment_to_look_is_known(queues: &LocalQueues, clock: &Clock) {
    let queue = dials(queues);
    assert_eq!(queue.next_visible_at().expect("answered"), None);
    queue.send(&[Message::after(700, "b"), Message::after(400, "a")]).expect("sent");
    assert_eq!(queue.next_visible_at().expect("answered"), Some(start().plus_ms(400)));
    pass(clock, 400);
    let taken = receive(&queue).pop().expect("a message");
    assert_eq!(queue.next_visible_at().expect("answered"), Some(start().plus_ms(700)));
    pass(clock, 300);
    let second = receive(&queue).pop().expect("a message");
    assert_eq!(queue.next_visible_at().expect("answered"), Some(start().plus_ms(400 + VISIBILITY_MS)));
    queue.delete(&taken.receipt).expect("answered");
    queue.delete(&second.receipt).expect("answered");
    assert_eq!(queue.next_visible_at().expect("answered"), None);
}

fn depth_tells_where_messages_are(queues: &LocalQueues, clock: &Clock) {
    let queue = dials(queues);
    queue.send(&[Message::now("a"), Message::now("b"), Message::after(60_000, "c")]).expect("sent");
    queue.receive(1, VISIBILITY_MS).expect("received");
    let depth = Depth { visible: 1, delayed: 1, in_flight: 1, dead: 0 };
    assert_eq!(queue.depth().expect("counted"), depth);
    pass(clock, VISIBILITY_MS);
    assert_eq!(queue.depth().expect("counted"), Depth { visible: 2, delayed: 1, in_flight: 0, dead: 0 });
}

fn a_body_too_long_for_sqs_is_too_long_here(queues: &LocalQueues, _: &Clock) {
    let queue = dials(queues);
    let long = Message::now("x".repeat(super::super::MAX_BATCH_BYTES + 1));
    let refused = queue.send(&[Message::now("a"), long]).expect_err("too long");
    assert!(matches!(refused, QueueError::TooLarge { index: 1, .. }));
    assert!(bodies(&queue).is_empty(), "nothing was sent");
}

#[test]
fn everything_survives_reopening() {
    let scratch = Scratch::new("queues");
    let path = scratch.path().join("queues.db");
    let clock = Clock::manual(start());
    let open = || LocalQueues::open(&path, clock.clone()).expect("opened").queue("dials", MAX_RECEIVES);
    let before = open();
    before
        .send(&[Message::now("taken"), Message::now("waiting"), Message::after(5_000, "late")])
        .expect("sent");
    let taken = before.receive(1, VISIBILITY_MS).expect("received").remove(0);
    // As after a kill: the first handle is neither closed nor asked to write anything.
    let after = open();
    assert_eq!(after.depth().expect("counted"), Depth { visible: 1, delayed: 1, in_flight: 1, dead: 0 });
    assert_eq!(bodies(&after), ["waiting"]);
    pass(&clock, 5_000);
    assert_eq!(bodies(&after), ["late"]);
    assert!(after.delete(&taken.receipt).expect("answered"));
    let refused = LocalQueues::open(scratch.path(), clock).expect_err("a directory");
    assert!(matches!(refused, QueueError::Unavailable { .. }));
}

/// Polls `waiter` once.
fn is_ready<F: Future>(waiter: std::pin::Pin<&mut F>) -> bool {
    waiter.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready()
}

fn waiting_ends_at_once_when_something_is_sent_released_or_redriven(queues: &LocalQueues, clock: &Clock) {
    let queue = dials(queues);
    let mut waiter = std::pin::pin!(queue.ready());
    let mut other = std::pin::pin!(queue.ready());
    assert!(!is_ready(waiter.as_mut()) && !is_ready(other.as_mut()));
    send(&queue, &["a"]);
    assert!(is_ready(waiter.as_mut()) && is_ready(other.as_mut()), "everyone who waits is told");

    let taken = receive(&queue).pop().expect("a message");
    let mut waiter = std::pin::pin!(queue.ready());
    assert!(!is_ready(waiter.as_mut()));
    queue.release(&taken.receipt, 0).expect("answered");
    assert!(is_ready(waiter.as_mut()));

    for _ in 0..=MAX_RECEIVES {
        receive(&queue);
        pass(clock, VISIBILITY_MS);
    }
    let mut waiter = std::pin::pin!(queue.ready());
    assert!(!is_ready(waiter.as_mut()));
    queue.redrive(1).expect("moved");
    assert!(is_ready(waiter.as_mut()));
}

fn putting_the_clock_forward_wakes_who_waits(queues: &LocalQueues, clock: &Clock) {
    let queue = dials(queues);
    queue.send(&[Message::after(1_000, "late")]).expect("sent");
    let mut waiter = std::pin::pin!(queue.ready());
    assert!(!is_ready(waiter.as_mut()));
    queues.wake();
    assert!(!is_ready(waiter.as_mut()), "not yet");
    pass(clock, 1_000);
    queues.wake();
    assert!(is_ready(waiter.as_mut()));
}

fn one_name_is_one_queue(queues: &LocalQueues, _: &Clock) {
    let (sender, receiver) = (dials(queues), dials(queues));
    let mut waiter = std::pin::pin!(receiver.ready());
    assert!(!is_ready(waiter.as_mut()));
    send(&sender, &["a"]);
    assert!(is_ready(waiter.as_mut()));
    assert_eq!(bodies(&receiver), ["a"]);
}

fn handed_out_messages_are_taken_back_uncounted(queues: &LocalQueues, clock: &Clock) {
    let (dials, plans) = (dials(queues), queues.queue("plans", MAX_RECEIVES));
    dials.send(&[Message::now("taken"), Message::after(VISIBILITY_MS, "late")]).expect("sent");
    send(&plans, &["released"]);
    let taken = receive(&dials).pop().expect("a message");
    let released = receive(&plans).pop().expect("a message");
    plans.release(&released.receipt, 10).expect("answered");
    pass(clock, 5);
    assert_eq!(queues.reclaim().expect("answered"), 1);
    assert!(!dials.delete(&taken.receipt).expect("answered"), "nobody has it");
    assert_eq!(plans.depth().expect("counted"), Depth { delayed: 1, ..Depth::default() });
    let again = receive(&dials).pop().expect("the message again");
    assert_eq!((again.id, again.receive_count), (taken.id, 1));
}

/// SQLite is the oracle of what lies in memory: whatever is done, both answer alike.
#[test]
fn memory_answers_as_sqlite_does() {
    let clock = Clock::manual(start());
    let both = [LocalQueues::in_memory(clock.clone()), in_sqlite(clock.clone())];
    let mut dice = Dice(Random::seeded(8));
    let mut receipts = vec![String::from("0.0")];
    for step in 0..5_000 {
        let (name, receipt) =
            (["dials", "plans"][dice.below(2)], receipts[dice.below(receipts.len())].clone());
        let (action, max, delay_ms) = (dice.below(9), dice.below(4) as u32, dice.below(40_000) as i64);
        let answers = both.each_ref().map(|queues| {
            let queue = queues.queue(name, MAX_RECEIVES);
            let answer = match action {
                0 | 1 => format!("{:?}", queue.send(&[Message::after(delay_ms - 20_000, step.to_string())])),
                2..=4 => {
                    let received = queue.receive(max, delay_ms).expect("received");
                    receipts.extend(received.iter().map(|message| message.receipt.clone()));
                    format!("{received:?}")
                }
                5 => format!("{:?}", queue.delete(&receipt)),
                6 => format!("{:?}", queue.release(&receipt, delay_ms)),
                7 => format!("{:?}", queue.redrive(max)),
                _ if step % 50 == 0 => format!("{:?}", queues.reclaim()),
                _ => String::new(),
            };
            let seen = (queue.next_visible_at(), queue.depth(), queue.dead_letters(100));
            format!("{answer} {seen:?}")
        });
        assert_eq!(answers[0], answers[1], "step {step}, action {action}");
        let recent = receipts.len().saturating_sub(40);
        receipts.drain(..recent);
        pass(&clock, dice.below(20_000) as i64);
        if step % 1_000 == 999 {
            pass(&clock, DEAD_RETENTION_MS);
        }
    }
}

struct Dice(Random);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        let bits = self.0.draw();
        usize::from(u16::from_le_bytes([bits[0], bits[1]])) % end
    }
}
