//! What a local queue promises, on a clock that the test sets.

use super::*;
use crate::scratch::Scratch;

const VISIBILITY_MS: i64 = 30_000;
const MAX_RECEIVES: u32 = 3;

fn start() -> Timestamp {
    Timestamp::from_millis(1_795_252_200_000)
}

fn queue() -> (LocalQueue, Clock) {
    let clock = Clock::manual(start());
    let queues = LocalQueues::in_memory(clock.clone()).expect("memory");
    (queues.queue("dials", MAX_RECEIVES), clock)
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

#[test]
fn messages_come_in_order_and_no_more_than_asked_for() {
    let (queue, _) = queue();
    send(&queue, &["a", "b", "c"]);
    let first = queue.receive(2, VISIBILITY_MS).expect("received");
    assert_eq!(first.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(bodies(&queue), ["c"]);
    assert!(bodies(&queue).is_empty());
}

#[test]
fn what_is_taken_is_hidden_until_its_visibility_ends() {
    let (queue, clock) = queue();
    send(&queue, &["a"]);
    let first = receive(&queue).pop().expect("a message");
    assert_eq!((first.receive_count, first.sent_at), (1, start()));
    pass(&clock, VISIBILITY_MS - 1);
    assert!(bodies(&queue).is_empty());
    pass(&clock, 1);
    let second = receive(&queue).pop().expect("the message again");
    assert_eq!((&second.id, second.receive_count), (&first.id, 2));
    assert_ne!(second.receipt, first.receipt);
}

#[test]
fn only_the_latest_delivery_may_delete() {
    let (queue, clock) = queue();
    send(&queue, &["a"]);
    let first = receive(&queue).pop().expect("a message");
    pass(&clock, VISIBILITY_MS);
    let second = receive(&queue).pop().expect("the message again");
    assert!(!queue.delete(&first.receipt).expect("answered"));
    assert!(!queue.release(&first.receipt, 0).expect("answered"));
    pass(&clock, VISIBILITY_MS);
    // Late, but nobody else has it yet: as with SQS the work counts as done.
    assert!(queue.delete(&second.receipt).expect("answered"));
    assert!(!queue.delete(&second.receipt).expect("answered"));
    assert!(bodies(&queue).is_empty());
    assert!(!queue.delete("nonsense").expect("answered"));
}

#[test]
fn a_receipt_fits_its_own_queue_only() {
    let queues = LocalQueues::in_memory(Clock::manual(start())).expect("memory");
    let (dials, plans) = (queues.queue("dials", MAX_RECEIVES), queues.queue("plans", MAX_RECEIVES));
    send(&dials, &["dial"]);
    assert!(bodies(&plans).is_empty());
    let dial = receive(&dials).pop().expect("a message");
    assert!(!plans.delete(&dial.receipt).expect("answered"));
    assert!(dials.delete(&dial.receipt).expect("answered"));
}

#[test]
fn a_delay_is_kept_to_the_millisecond() {
    let (queue, clock) = queue();
    queue.send(&[Message::after(1_500, "late"), Message::after(-5, "now")]).expect("sent");
    assert_eq!(bodies(&queue), ["now"]);
    pass(&clock, 1_499);
    assert!(bodies(&queue).is_empty());
    pass(&clock, 1);
    assert_eq!(bodies(&queue), ["late"]);
}

#[test]
fn order_is_by_the_time_they_became_visible() {
    let (queue, clock) = queue();
    queue
        .send(&[Message::after(300, "c"), Message::after(100, "a"), Message::after(200, "b")])
        .expect("sent");
    pass(&clock, 1_000);
    assert_eq!(bodies(&queue), ["a", "b", "c"]);
}

#[test]
fn a_released_message_comes_back_after_its_delay() {
    let (queue, clock) = queue();
    send(&queue, &["a"]);
    let first = receive(&queue).pop().expect("a message");
    assert!(queue.release(&first.receipt, 250).expect("answered"));
    assert!(!queue.delete(&first.receipt).expect("answered"), "it is not ours any more");
    assert_eq!(queue.depth().expect("counted"), Depth { delayed: 1, ..Depth::default() });
    pass(&clock, 250);
    let second = receive(&queue).pop().expect("the message again");
    assert_eq!(second.receive_count, 2);
}

#[test]
fn a_message_dies_after_its_last_delivery_and_can_be_driven_again() {
    let (queue, clock) = queue();
    send(&queue, &["poison", "fine"]);
    let mut receipts = Vec::new();
    for count in 1..=MAX_RECEIVES {
        let poison = receive(&queue).remove(0);
        assert_eq!((poison.body.as_str(), poison.receive_count), ("poison", count));
        receipts.push(poison.receipt);
        pass(&clock, VISIBILITY_MS);
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

#[test]
fn dead_letters_fade() {
    let (queue, clock) = queue();
    for body in ["old", "new"] {
        send(&queue, &[body]);
        for _ in 0..=MAX_RECEIVES {
            receive(&queue);
            pass(&clock, VISIBILITY_MS);
        }
        pass(&clock, 15 * 24 * 3_600_000);
    }
    let dead = queue.dead_letters(10).expect("listed");
    assert_eq!(dead.iter().map(|letter| letter.body.as_str()).collect::<Vec<_>>(), ["new"]);
}

#[test]
fn the_next_moment_to_look_is_known() {
    let (queue, clock) = queue();
    assert_eq!(queue.next_visible_at().expect("answered"), None);
    queue.send(&[Message::after(700, "b"), Message::after(400, "a")]).expect("sent");
    assert_eq!(queue.next_visible_at().expect("answered"), Some(start().plus_ms(400)));
    pass(&clock, 400);
    let taken = receive(&queue).pop().expect("a message");
    assert_eq!(queue.next_visible_at().expect("answered"), Some(start().plus_ms(700)));
    pass(&clock, 300);
    let second = receive(&queue).pop().expect("a message");
    assert_eq!(queue.next_visible_at().expect("answered"), Some(start().plus_ms(400 + VISIBILITY_MS)));
    queue.delete(&taken.receipt).expect("answered");
    queue.delete(&second.receipt).expect("answered");
    assert_eq!(queue.next_visible_at().expect("answered"), None);
}

#[test]
fn depth_tells_where_messages_are() {
    let (queue, clock) = queue();
    queue.send(&[Message::now("a"), Message::now("b"), Message::after(60_000, "c")]).expect("sent");
    queue.receive(1, VISIBILITY_MS).expect("received");
    let depth = Depth { visible: 1, delayed: 1, in_flight: 1, dead: 0 };
    assert_eq!(queue.depth().expect("counted"), depth);
    pass(&clock, VISIBILITY_MS);
    assert_eq!(queue.depth().expect("counted"), Depth { visible: 2, delayed: 1, in_flight: 0, dead: 0 });
}

#[test]
fn a_body_too_long_for_sqs_is_too_long_here() {
    let (queue, _) = queue();
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

#[test]
fn waiting_ends_at_once_when_something_is_sent_released_or_redriven() {
    let (queue, clock) = queue();
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
        pass(&clock, VISIBILITY_MS);
    }
    let mut waiter = std::pin::pin!(queue.ready());
    assert!(!is_ready(waiter.as_mut()));
    queue.redrive(1).expect("moved");
    assert!(is_ready(waiter.as_mut()));
}

#[test]
fn putting_the_clock_forward_wakes_who_waits() {
    let clock = Clock::manual(start());
    let queues = LocalQueues::in_memory(clock.clone()).expect("memory");
    let queue = queues.queue("dials", MAX_RECEIVES);
    queue.send(&[Message::after(1_000, "late")]).expect("sent");
    let mut waiter = std::pin::pin!(queue.ready());
    assert!(!is_ready(waiter.as_mut()));
    queues.wake();
    assert!(!is_ready(waiter.as_mut()), "not yet");
    pass(&clock, 1_000);
    queues.wake();
    assert!(is_ready(waiter.as_mut()));
}

#[test]
fn one_name_is_one_queue() {
    let queues = LocalQueues::in_memory(Clock::manual(start())).expect("memory");
    let (sender, receiver) = (queues.queue("dials", MAX_RECEIVES), queues.queue("dials", MAX_RECEIVES));
    let mut waiter = std::pin::pin!(receiver.ready());
    assert!(!is_ready(waiter.as_mut()));
    send(&sender, &["a"]);
    assert!(is_ready(waiter.as_mut()));
    assert_eq!(bodies(&receiver), ["a"]);
}
