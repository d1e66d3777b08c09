//! JSON for programs: `schemas/reach.schema.json` says what stands where.

use std::{io, net::IpAddr};

use knight_analysis::reach::{Cni, Connections, Network, Party, PortSet};
use knight_model::network::Protocol;
use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::{
    Reach, Spread,
    rows::{End, Row},
};
use crate::json::Visible;

/// The version of this shape; it grows when a name goes or changes its meaning.
pub(super) const VERSION: u32 = 1;

/// Writes the flows.
pub(super) fn write(reach: &Reach<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let classes = match reach.spread {
        Spread::Classes => Some(reach.classes()),
        Spread::Workloads => None,
    };
    let classes = classes.map(|classes| {
        let classes = classes.into_iter().zip(0..);
        let shape = |(class, id): (super::rows::Class, u32)| Class {
            id,
            pods: class.pods,
            namespaces: class.namespaces,
            nodes: class.nodes,
            workloads: class.workloads.iter().map(Workload::of).collect(),
        };
        classes.map(shape).collect()
    });
    let shape = Shape {
        version: VERSION,
        form: match reach.spread {
            Spread::Classes => "classes",
            Spread::Workloads => "workloads",
        },
        cni: cni(reach.network),
        unknown: reach.unknown(),
        classes,
        flows: Flows(reach),
    };
    pretty(&shape, out)
}

/// Writes a shape so that no byte of it steers a terminal.
pub(super) fn pretty(shape: &impl Serialize, mut out: &mut dyn io::Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut out, Visible::default());
    shape.serialize(&mut serializer)?;
    writeln!(out)
}

pub(super) fn cni(network: &Network<'_>) -> &'static str {
    match network.options().cni {
        Cni::Any => "any",
        Cni::Calico => "calico",
        Cni::Cilium => "cilium",
    }
}

#[derive(Serialize)]
struct Shape<'r> {
    version: u32,
    form: &'static str,
    cni: &'static str,
    unknown: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    classes: Option<Vec<Class>>,
    flows: Flows<'r>,
}

#[derive(Serialize)]
struct Class {
    id: u32,
    pods: usize,
    namespaces: usize,
    nodes: usize,
    workloads: Vec<Workload>,
}

/// A workload in JSON.
#[derive(Serialize)]
pub(super) struct Workload {
    namespace: String,
    group: String,
    kind: String,
    name: String,
}

/// The flows, which are written as they are found.
struct Flows<'r>(&'r Reach<'r>);

#[derive(Serialize)]
struct Flow {
    from: Side,
    to: Side,
    namespaces: &'static str,
    certain: Ports,
    possible: Ports,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Side {
    Class(u32),
    Workload(Workload),
    Outside([IpAddr; 2]),
}

/// Connections in JSON: ranges of ports by protocol, or that they are all.
pub(super) struct Ports(PortSet);

impl Ports {
    /// Returns the certain ones and the possible ones.
    pub(super) fn of(connections: &Connections) -> (Self, Self) {
        (
            Self(connections.certain.clone()),
            Self(connections.possible.clone()),
        )
    }
}

impl Workload {
    fn of(workload: &knight_analysis::reach::Workload) -> Self {
        Self {
            namespace: workload.namespace.to_string(),
            group: workload.owner.group.to_string(),
            kind: workload.owner.kind.to_string(),
            name: workload.owner.name.to_string(),
        }
    }
}

impl Side {
    fn of(end: End) -> Self {
        match end {
            End::Class(class) => Self::Class(class),
            End::Party(Party::Workload(workload)) => Self::Workload(Workload::of(&workload)),
            End::Party(Party::Outside(first, last)) => Self::Outside([first, last]),
        }
    }
}

impl Serialize for Flows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.rows().map(|row: Row| {
            let (certain, possible) = Ports::of(&row.connections);
            Flow {
                from: Side::of(row.from),
                to: Side::of(row.to),
                namespaces: row.within.as_str(),
                certain,
                possible,
            }
        }))
    }
}

impl Serialize for Ports {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.0.is_all() {
            map.serialize_entry("all", &true)?;
            return map.end();
        }
        for (protocol, key) in [
            (Protocol::Tcp, "tcp"),
            (Protocol::Udp, "udp"),
            (Protocol::Sctp, "sctp"),
        ] {
            let ranges: Vec<(u16, u16)> = self.0.ranges(protocol).collect();
            if !ranges.is_empty() {
                map.serialize_entry(key, &ranges)?;
            }
        }
        map.serialize_entry("others", &self.0.has_others())?;
        map.end()
    }
}
