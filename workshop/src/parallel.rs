//! Work spread over the machine's processors.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use media::{Error, Result};

/// `work` on every item, in order of the list, as many at once as there are processors. The first
/// error stops the taking of further items and is returned.
pub(crate) fn map<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(usize, &T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let workers = std::thread::available_parallelism().map_or(1, |n| n.get()).min(items.len().max(1));
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<Option<Result<R>>>> = Mutex::new(items.iter().map(|_| None).collect());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((n, item)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|n| Some((n, items.get(n)?)))
                {
                    let result = work(n, item);
                    if result.is_err() {
                        next.store(items.len(), Ordering::Relaxed);
                    }
                    results.lock().unwrap_or_else(|e| e.into_inner())[n] = Some(result);
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(|e| e.into_inner());
    let mut all = Vec::with_capacity(results.len());
    let mut unfinished = false;
    for result in results {
        match result {
            Some(result) => all.push(result?),
            None => unfinished = true,
        }
    }
    if unfinished { Err(Error::internal("work was left undone")) } else { Ok(all) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order_and_the_first_error() {
        let items: Vec<u32> = (0..50).collect();
        assert_eq!(map(&items, |_, n| Ok(n * 2)).unwrap(), items.iter().map(|n| n * 2).collect::<Vec<_>>());
        let failed = map(&items, |_, n| if *n == 3 { Err(Error::invalid("three")) } else { Ok(()) });
        assert_eq!(failed.unwrap_err().message, "three");
    }
}
