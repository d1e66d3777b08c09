//! The test bed, and many requests to it at once.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use knight_testbed_client::{Client, Level, Testbed};
use serde_json::Value;

/// How many requests are under way at once.
const THREADS: usize = 8;

/// Returns a client of the test bed with Knative's webhooks.
pub(crate) fn client() -> &'static Client {
    testbed().client()
}

/// Returns the test bed with Knative's webhooks.
pub(crate) fn testbed() -> &'static Testbed {
    let testbed = Testbed::shared(Level::Webhooks);
    testbed.unwrap_or_else(|error| panic!("the test bed is needed: {error}"))
}

/// Returns the object at a path, if there is one.
pub(crate) fn find(path: &str) -> Option<Value> {
    let answer = client().get(path).unwrap();
    (answer.status != 404).then(|| answer.granted(path).unwrap())
}

/// Calls `work` with every item, many at once, and returns what it makes of them in their order.
pub(crate) fn all<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        while let Some((at, item)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            items.get(at).map(|item| (at, item))
        } {
            done.push((at, work(item)));
        }
        done
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, made)| made).collect()
}

/// Writes a table for people to read.
pub(crate) fn write_table(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/law");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), text).unwrap();
}
