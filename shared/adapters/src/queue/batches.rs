//! How messages share SQS requests.

use std::ops::Range;

use super::{MAX_BATCH_BYTES, Message};

/// Most messages in one request (SQS).
pub(super) const MAX_BATCH_MESSAGES: usize = 10;

/// Splits `messages`, in their order, into ranges of at most [`MAX_BATCH_MESSAGES`] that
/// hold at most [`MAX_BATCH_BYTES`] together. A message over that limit stands alone.
pub(super) fn batches(messages: &[Message]) -> Vec<Range<usize>> {
    let mut batches = Vec::new();
    let mut start = 0;
    let mut bytes = 0;
    for (index, message) in messages.iter().enumerate() {
        let full = index - start == MAX_BATCH_MESSAGES || bytes + message.body.len() > MAX_BATCH_BYTES;
        if full && index > start {
            batches.push(start..index);
            start = index;
            bytes = 0;
        }
        bytes += message.body.len();
    }
    if start < messages.len() {
        batches.push(start..messages.len());
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_sizes(sizes: &[usize]) -> Vec<Message> {
        sizes.iter().map(|&bytes| Message::now("x".repeat(bytes))).collect()
    }

    #[test]
    fn nothing_to_send_is_no_request() {
        assert!(batches(&[]).is_empty());
    }

    #[test]
    fn ten_share_a_request() {
        assert_eq!(batches(&of_sizes(&[1; 10])).len(), 1);
        assert_eq!(batches(&of_sizes(&[1; 11])), [0..10, 10..11]);
        assert_eq!(batches(&of_sizes(&[1; 25])), [0..10, 10..20, 20..25]);
    }

    #[test]
    fn a_request_stays_under_its_bytes() {
        let half = MAX_BATCH_BYTES / 2;
        assert_eq!(batches(&of_sizes(&[half, half, 1])), [0..2, 2..3]);
        assert_eq!(batches(&of_sizes(&[half, half + 1, half - 1])), [0..1, 1..3]);
        assert_eq!(batches(&of_sizes(&[1, MAX_BATCH_BYTES, 1])), [0..1, 1..2, 2..3]);
    }

    #[test]
    fn bytes_are_counted_not_characters() {
        let umlauts = Message::now("ü".repeat(MAX_BATCH_BYTES / 2));
        assert_eq!(batches(&[umlauts.clone(), Message::now("x"), umlauts]), [0..1, 1..2, 2..3]);
    }

    #[test]
    fn every_message_goes_once_whatever_the_sizes() {
        // A fixed walk over sizes from nothing to the limit.
        let sizes: Vec<usize> =
            (0..400).map(|step: usize| step * step * 7_919 % (MAX_BATCH_BYTES + 1)).collect();
        let split = batches(&of_sizes(&sizes));
        assert!(split.iter().cloned().flatten().eq(0..sizes.len()));
        for range in split {
            assert!(!range.is_empty() && range.len() <= MAX_BATCH_MESSAGES);
            assert!(sizes[range].iter().sum::<usize>() <= MAX_BATCH_BYTES);
        }
    }
}
