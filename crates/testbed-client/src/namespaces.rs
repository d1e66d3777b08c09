//! Namespaces of one test.

use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

use crate::{Client, Error, Level, wait_until};

/// Namespaces that no other test and no other process uses: they share a prefix of their own.
///
/// In a test bed of this process they stay until it ends; those in one that runs on are deleted
/// when this value is dropped.
#[derive(Debug)]
pub struct Namespaces<'t> {
    client: &'t Client,
    level: Level,
    prefix: String,
    /// Those that are deleted in the end.
    made: std::sync::Mutex<Vec<String>>,
    leave: bool,
}

impl<'t> Namespaces<'t> {
    pub(crate) fn new(client: &'t Client, level: Level, stem: &str, leave: bool) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        // Process numbers come again in a test bed that runs for long.
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let second = now.map_or(0, |now| now.as_secs() % 100_000);
        Self {
            client,
            level,
            prefix: format!("{stem}-{}-{second}-{count}", process::id()),
            made: std::sync::Mutex::default(),
            leave,
        }
    }

    /// Returns what the names of these namespaces start with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Creates a namespace with these labels, and returns its name.
    ///
    /// Where controllers run, it is ready for pods: its service account is there.
    pub fn create(&self, name: &str, labels: &Value) -> Result<String, Error> {
        let name = format!("{}-{name}", self.prefix);
        let namespace = json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "labels": labels},
        });
        self.client
            .create("/api/v1/namespaces", &namespace)?
            .granted("making a namespace")?;
        if let Ok(mut made) = self.made.lock() {
            made.push(name.clone());
        }
        if self.level.has_controllers() {
            let account = format!("/api/v1/namespaces/{name}/serviceaccounts/default");
            wait_until(Duration::from_secs(30), "a service account", || {
                Ok((self.client.get(&account)?.status == 200).then_some(()))
            })?;
        }
        Ok(name)
    }
}

impl Drop for Namespaces<'_> {
    fn drop(&mut self) {
        if self.leave {
            return;
        }
        if let Ok(made) = self.made.lock() {
            for name in made.iter() {
                // The test is over; whether this succeeds does not change what it found.
                let _ = self.client.delete(&format!("/api/v1/namespaces/{name}"));
            }
        }
    }
}
