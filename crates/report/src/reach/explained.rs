//! Why one connection is open or not.

use std::{fmt::Write as _, io};

use knight_analysis::reach::{
    Connections, DecidedBy, Endpoint, Explanation, Network, Part, PolicyTrace, RuleTrace, Side,
};
use knight_model::{
    network::{Answer, Direction, Policy, Protocol},
    place::Place,
    source::Position,
};
use serde::Serialize;

use super::{Chosen, Port, json, unknown};
use crate::clean::clean;

/// A question about one connection: who, to whom, and to which port.
#[derive(Clone, Debug)]
pub struct Question<'n> {
    /// The network.
    pub network: &'n Network<'n>,
    /// Who connects.
    pub from: Chosen,
    /// Who is reached.
    pub to: Chosen,
    /// To which port; TCP where no protocol is said, and any connection at all where there is none.
    pub port: Option<Port>,
    /// What whoever read the input knows to be missing from it, as sentences.
    pub notes: Vec<String>,
}

/// How many pairs are explained: pods of one workload can be of several classes.
const MOST: usize = 16;

#[derive(Serialize)]
struct Shape {
    version: u32,
    form: &'static str,
    cni: &'static str,
    unknown: Vec<String>,
    /// How many pairs of classes there are beside those that are explained.
    more: usize,
    explanations: Vec<Explained>,
}

#[derive(Serialize)]
struct Explained {
    from: String,
    to: String,
    port: Option<String>,
    answer: &'static str,
    certain: json::Ports,
    possible: json::Ports,
    #[serde(skip)]
    connections: Connections,
    egress: Option<End>,
    ingress: Option<End>,
}

#[derive(Serialize)]
struct End {
    answer: &'static str,
    because: &'static str,
    policies: Vec<Trace>,
    nearest: Option<String>,
    doubts: Vec<String>,
}

#[derive(Serialize)]
struct Trace {
    policy: String,
    place: String,
    selects: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
struct Rule {
    place: String,
    answer: &'static str,
    whys: Vec<String>,
}

impl Question<'_> {
    /// Writes the answer for people at a terminal.
    pub fn write_text(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let shape = self.shape();
        for explained in &shape.explanations {
            let port = match &explained.port {
                Some(port) => format!(" on {port}"),
                None => String::new(),
            };
            let line = format!(
                "{} => {}{port}: {}",
                explained.from, explained.to, explained.answer
            );
            writeln!(out, "{}", clean(&line))?;
            writeln!(out, "  Between them: {}", explained.connections)?;
            for (end, way, whose) in [
                (&explained.egress, "Out of", &explained.from),
                (&explained.ingress, "Into", &explained.to),
            ] {
                let Some(end) = end else { continue };
                let line = format!("{way} {whose}: {}, {}", end.answer, end.because);
                writeln!(out, "  {}", clean(&line))?;
                end.write(out)?;
            }
        }
        if shape.more > 0 {
            writeln!(
                out,
                "{} more pairs of pods are meant: name fewer",
                shape.more
            )?;
        }
        if !shape.unknown.is_empty() {
            writeln!(out, "Not known:")?;
        }
        for sentence in &shape.unknown {
            writeln!(out, "  {}", clean(sentence))?;
        }
        Ok(())
    }

    /// Writes the answer for programs.
    pub fn write_json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        json::pretty(&self.shape(), out)
    }

    fn shape(&self) -> Shape {
        let (from, to) = (self.from.ends(self.network), self.to.ends(self.network));
        let pairs = from
            .iter()
            .flat_map(|from| to.iter().map(move |to| (*from, *to)));
        let explanations = pairs.take(MOST).map(|(from, to)| self.explain(from, to));
        let mut unknown = self.notes.clone();
        unknown.extend(unknown::of(self.network.objects()));
        Shape {
            version: json::VERSION,
            form: "explained",
            cni: json::cni(self.network),
            unknown,
            explanations: explanations.collect(),
            more: (from.len() * to.len()).saturating_sub(MOST),
        }
    }

    fn explain(&self, from: Endpoint, to: Endpoint) -> Explained {
        let port = self.port.map(|port| {
            let protocol = port.protocol.unwrap_or(Protocol::Tcp);
            (protocol, port.number)
        });
        let Explanation {
            connections,
            egress,
            ingress,
        } = self.network.explain(from, to, port);
        let answer = match port {
            Some((protocol, number)) if connections.certain.contains(protocol, number) => "open",
            Some((protocol, number)) if connections.possible.contains(protocol, number) => {
                "unknown"
            }
            None if !connections.certain.is_empty() => "open",
            None if !connections.possible.is_empty() => "unknown",
            Some(_) | None => "closed",
        };
        let (certain, possible) = json::Ports::of(&connections);
        Explained {
            from: self.name(from),
            to: self.name(to),
            port: port.map(|(protocol, number)| format!("{protocol} {number}")),
            answer,
            certain,
            possible,
            connections,
            egress: egress.map(|side| self.end(&side, Direction::Egress)),
            ingress: ingress.map(|side| self.end(&side, Direction::Ingress)),
        }
    }

    fn name(&self, of: Endpoint) -> String {
        let objects = self.network.objects();
        match of {
            Endpoint::Address(address) => address.to_string(),
            Endpoint::Node(node) => {
                let node = objects.nodes.get(node);
                node.map_or_else(String::new, |node| format!("node {}", node.name))
            }
            Endpoint::Pod(pod) => objects.pods.get(pod).map_or_else(String::new, |pod| {
                let (kind, owner) = (pod.workload.shown_kind(), &pod.workload.name);
                if *owner == pod.name {
                    format!("{}/{owner}[{kind}]", pod.namespace)
                } else {
                    format!("{}/{owner}[{kind}] (pod {})", pod.namespace, pod.name)
                }
            }),
        }
    }

    fn end(&self, side: &Side, way: Direction) -> End {
        let objects = self.network.objects();
        let traces = side.policies.iter();
        let traces = traces.filter_map(|trace| {
            let policy = objects.policies.get(trace.policy)?;
            Some(Trace::of(trace, policy, way))
        });
        let nearest = side.nearest.and_then(|nearest| {
            let trace = side.policies.get(nearest.policy)?;
            let policy = objects.policies.get(trace.policy)?;
            let rule = trace.rules.get(nearest.rule)?;
            let mut words = format!(
                "the rule at {} of `{}/{}`",
                place(policy, policy.rule_position(way, nearest.rule)),
                policy.namespace,
                policy.name
            );
            let peer = nearest.peer.and_then(|at| Some((at, rule.peers.get(at)?)));
            let port = nearest.port.and_then(|at| Some((at, rule.ports.get(at)?)));
            for (at, missed) in [
                peer.map(|(at, part)| (policy.peer_position(way, nearest.rule, at), part)),
                port.map(|(at, part)| (policy.port_position(way, nearest.rule, at), part)),
            ]
            .into_iter()
            .flatten()
            {
                let whys: Vec<String> = missed.whys.iter().map(ToString::to_string).collect();
                let _ = write!(words, "; {}: {}", place(policy, at), whys.join(", and "));
            }
            Some(words)
        });
        End {
            answer: word(side.answer),
            because: because(side),
            policies: traces.collect(),
            nearest,
            // Where the answer is certain, nothing of it could change it.
            doubts: side
                .doubts
                .iter()
                .filter(|_| side.answer == Answer::Maybe)
                .map(|doubt| unknown::sentence(objects, *doubt))
                .collect(),
        }
    }
}

impl End {
    fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        for trace in &self.policies {
            let line = format!(
                "NetworkPolicy {} ({}) {}",
                trace.policy, trace.place, trace.selects
            );
            writeln!(out, "    {}", clean(&line))?;
            if trace.rules.is_empty() {
                writeln!(out, "      no rule: it allows nothing in this direction")?;
            }
            for rule in &trace.rules {
                let whys = rule.whys.join("; ");
                let colon = if whys.is_empty() { "" } else { ": " };
                let line = format!("rule at {} {}{colon}{whys}", rule.place, rule.answer);
                writeln!(out, "      {}", clean(&line))?;
            }
        }
        if let Some(nearest) = &self.nearest {
            writeln!(out, "    Nearest: {}", clean(nearest))?;
        }
        for doubt in &self.doubts {
            writeln!(out, "    Not known: {}", clean(doubt))?;
        }
        Ok(())
    }
}

impl Trace {
    fn of(trace: &PolicyTrace, policy: &Policy, way: Direction) -> Self {
        let rules = trace.rules.iter().enumerate();
        Self {
            policy: format!("{}/{}", policy.namespace, policy.name),
            place: policy.place.to_string(),
            selects: match trace.selects {
                Answer::Yes => "selects it",
                Answer::Maybe => "may select it",
                Answer::No => "does not select it",
            },
            rules: rules
                .map(|(at, rule)| Rule {
                    place: place(policy, policy.rule_position(way, at)),
                    answer: match rule.answer {
                        Answer::Yes => "allows this",
                        Answer::Maybe => "may allow this",
                        Answer::No => "does not allow this",
                    },
                    whys: whys(rule),
                })
                .collect(),
        }
    }
}

/// Returns why the parts of a rule do not match, where none of them does.
fn whys(rule: &RuleTrace) -> Vec<String> {
    let missed = |parts: &[Part]| -> Vec<String> {
        if parts.iter().any(|part| part.answer == Answer::Yes) {
            return Vec::new();
        }
        let whys = parts.iter().flat_map(|part| &part.whys);
        whys.map(ToString::to_string).collect()
    };
    let mut whys = missed(&rule.peers);
    whys.extend(missed(&rule.ports));
    whys
}

fn because(side: &Side) -> &'static str {
    match side.decided_by {
        DecidedBy::Itself => "as a pod always reaches itself",
        DecidedBy::OwnNode => "as traffic from a pod's own node cannot be blocked",
        DecidedBy::HostNetwork => "as policies do not hold for what has the network of a node",
        DecidedBy::NoPolicy if side.answer == Answer::Yes => {
            "as no policy selects the pod in this direction"
        }
        DecidedBy::NoPolicy => "though no policy that is known selects the pod in this direction",
        DecidedBy::Policies => match side.answer {
            Answer::Yes => "as a rule allows it",
            Answer::Maybe => "by what is known of its policies",
            Answer::No => "as policies select the pod and none allows it",
        },
    }
}

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "open",
        Answer::Maybe => "unknown",
        Answer::No => "closed",
    }
}

/// Returns the place of a part of a policy; of an object of a cluster, the object.
fn place(policy: &Policy, at: Position) -> String {
    let Place { file, .. } = &policy.place;
    if at.line == 0 {
        file.to_string()
    } else {
        format!("{file}:{}", at.line)
    }
}
