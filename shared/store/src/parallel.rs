//! Requests that are under way at the same time.

use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;

use crate::error::StoreError;

/// Runs requests, at most so many at a time; what came of them, in their order.
///
/// # Errors
/// That of the first request that fails; those that are still under way are dropped.
pub fn in_parallel<'a, T, F>(
    most: usize,
    requests: impl IntoIterator<Item = F>,
) -> BoxFuture<'a, Result<Vec<T>, StoreError>>
where
    T: Send + 'a,
    F: Future<Output = Result<T, StoreError>> + Send + 'a,
{
    // Collected and boxed: a future that held the caller's closures could not be sent between threads.
    let requests: Vec<F> = requests.into_iter().collect();
    Box::pin(async move {
        let mut requests = requests.into_iter().enumerate();
        let (mut running, mut done) = (FuturesUnordered::new(), Vec::new());
        loop {
            while running.len() < most.max(1) {
                let Some((nth, request)) = requests.next() else { break };
                running.push(async move { request.await.map(|result| (nth, result)) });
            }
            let Some(ended) = running.try_next().await? else { break };
            done.push(ended);
        }
        done.sort_unstable_by_key(|(nth, _)| *nth);
        Ok(done.into_iter().map(|(_, result)| result).collect())
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn no_more_than_so_many_run_and_the_order_stays() {
        let (running, most_seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let requests = (0..20).map(|n: usize| {
            let (running, most_seen) = (Arc::clone(&running), Arc::clone(&most_seen));
            async move {
                most_seen.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // The later ones of each group end first.
                for _ in 0..(20 - n) {
                    tokio::task::yield_now().await;
                }
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(n)
            }
        });
        let done = in_parallel(3, requests).await.expect("all answer");
        assert_eq!(done, Vec::from_iter(0..20));
        assert_eq!(most_seen.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn one_that_fails_is_told_of() {
        let fail = |n: usize| async move { if n == 2 { Err(failed()) } else { Ok(n) } };
        let error = in_parallel(4, (0..9).map(fail)).await.expect_err("one fails");
        assert!(error.to_string().contains("contended"), "{error}");
    }

    fn failed() -> StoreError {
        StoreError::contended("too much")
    }
}
