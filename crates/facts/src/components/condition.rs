//! Conditions under which a port is open or a flow is needed.

use serde::Deserialize;

use super::FILE;
use crate::settings;

/// Something that holds in some clusters and not in others.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Certificates are asked for by ACME, with challenges over HTTP.
    AcmeHttp,
    /// Events travel over TLS.
    EventTls,
    /// Eventing serves its metrics to Prometheus.
    EventingMetricsServed,
    /// The Revision speaks HTTP/2.
    H2c,
    /// The Revision speaks HTTP/1.
    Http1,
    /// The components of Serving speak TLS among themselves.
    InternalTls,
    /// Senders of events are not asked who they are.
    NoOidc,
    /// Senders of events are asked who they are.
    Oidc,
    /// Profiling is on.
    Profiling,
    /// The pods of Revisions serve metrics of requests to Prometheus.
    RequestMetricsServed,
    /// More than one replica runs.
    SeveralReplicas,
    /// Serving serves its metrics to Prometheus.
    ServingMetricsServed,
    /// Metrics or traces are pushed to a collector.
    TelemetryPushed,
}

impl Condition {
    /// Every condition, in the order of their names.
    pub const ALL: &[Self] = &[
        Self::AcmeHttp,
        Self::EventTls,
        Self::EventingMetricsServed,
        Self::H2c,
        Self::Http1,
        Self::InternalTls,
        Self::NoOidc,
        Self::Oidc,
        Self::Profiling,
        Self::RequestMetricsServed,
        Self::SeveralReplicas,
        Self::ServingMetricsServed,
        Self::TelemetryPushed,
    ];

    /// Returns what the condition means.
    pub fn meaning(self) -> &'static Meaning {
        let rows = &FILE.condition;
        match rows.binary_search_by_key(&self, |row| row.id) {
            Ok(at) => &rows[at],
            // INVARIANT: every condition has a row, as the tests of the data show.
            Err(_) => unreachable!("the condition {self:?} has no row"),
        }
    }
}

/// What a condition means.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// The condition.
    pub id: Condition,
    /// The condition in words, to follow "when".
    pub says: String,
    /// The settings of which one must have one of the values; empty when no setting tells.
    #[serde(default)]
    pub settings: Vec<SettingIs>,
    /// Where the fact was read.
    pub source: String,
    /// What else is worth knowing.
    pub note: Option<String>,
}

/// A setting with one of some values.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct SettingIs {
    /// Whose setting it is.
    pub component: settings::Component,
    /// The `ConfigMap`.
    pub map: String,
    /// The key.
    pub key: String,
    /// The values.
    pub values: Vec<String>,
}
