//! Requests that are under way at the same time.

use std::future::Future;

use tokio::task::{JoinError, JoinSet};

use crate::StoreError;

/// Runs requests, at most so many at a time; what came of them, in their order.
///
/// # Errors
/// That of the first request that fails; those that are still under way are dropped.
pub async fn in_parallel<T, F>(
    most: usize,
    requests: impl IntoIterator<Item = F>,
) -> Result<Vec<T>, StoreError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, StoreError>> + Send + 'static,
{
    let mut requests = requests.into_iter().enumerate();
    let (mut running, mut done) = (JoinSet::new(), Vec::new());
    loop {
        while running.len() < most.max(1) {
            let Some((place, request)) = requests.next() else { break };
            running.spawn(async move { request.await.map(|result| (place, result)) });
        }
        let Some(ended) = running.join_next().await else { break };
        done.push(ended.map_err(interrupted)??);
    }
    done.sort_unstable_by_key(|(place, _)| *place);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

/// A request whose task was cut off did not answer.
pub fn interrupted(error: JoinError) -> StoreError {
    StoreError::Service { code: "interrupted".to_owned(), source: Box::new(error) }
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
    async fn one_that_fails_or_is_cut_off_is_told_of() {
        let fail = |n: usize| async move { if n == 2 { Err(failed()) } else { Ok(n) } };
        let error = in_parallel(4, (0..9).map(fail)).await.expect_err("one fails");
        assert!(error.to_string().contains("throttled"), "{error}");
        let cut_off = tokio::spawn(std::future::pending::<()>());
        cut_off.abort();
        let error = cut_off.await.map_err(interrupted).expect_err("it was cut off");
        assert!(error.to_string().contains("interrupted"), "{error}");
    }

    fn failed() -> StoreError {
        StoreError::Service { code: "throttled".to_owned(), source: "too much".into() }
    }
}
