//! Reading clusters from text.

use std::sync::Arc;

use knight_analysis::reach::{Cni, Endpoint, Network, Options};
use knight_model::{
    Limits, load,
    network::{NetworkBuilder, NetworkObjects},
    object::objects,
    source::Source,
};

/// Reads the objects of a text.
pub(crate) fn read(yaml: &str) -> NetworkObjects {
    let loaded = load(&Arc::new(Source::new("c.yaml", yaml)), &Limits::default());
    assert_eq!(loaded.problems, [], "{yaml}");
    let mut builder = NetworkBuilder::default();
    for document in &loaded.documents {
        let (objects, problems) = objects(document);
        assert_eq!(problems, []);
        for object in &objects {
            builder.add(object);
        }
    }
    builder.build()
}

/// What is known of a cluster with a plugin.
pub(crate) fn with(cni: Cni) -> Options {
    Options {
        cni,
        ..Options::default()
    }
}

/// Finds an end by `namespace/name`, the name of a node, or an address.
pub(crate) fn end(network: &Network<'_>, name: &str) -> Endpoint {
    if let Ok(address) = name.parse() {
        return Endpoint::Address(address);
    }
    let Some((namespace, name)) = name.split_once('/') else {
        let nodes = &network.objects().nodes;
        let at = nodes.iter().position(|node| &*node.name == name);
        return Endpoint::Node(at.unwrap_or_else(|| panic!("no node {name}")));
    };
    let found = network.pod(namespace, name);
    found.unwrap_or_else(|| panic!("no pod {namespace}/{name}"))
}
