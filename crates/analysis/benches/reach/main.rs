//! What a proof and a list of all flows cost after the input is read, by shape and size.

use divan::{Bencher, black_box};
use knight_analysis::reach::{Cni, Network, Options, Tenancy};

mod corpus;

fn main() {
    divan::main();
}

fn options() -> Options {
    Options {
        cni: Cni::Any,
        ..Options::default()
    }
}

const SYSTEM: [&str; 3] = ["knative-serving", "kourier-system", "kube-system"];

/// Shapes with sizes that grow tenfold: the time must grow about as much.
const PROOFS: &[(&str, usize)] = &[
    ("templated", 100),
    ("templated", 1_000),
    ("templated", 10_000),
    ("planted", 10_000),
    ("unique", 10_000),
    ("unique", 100_000),
    ("small", 25_000),
    ("crowded", 1_000),
    ("crowded", 10_000),
    ("paired", 10_000),
    ("blocks", 638),
    ("blocks", 10_000),
];

#[divan::bench(args = PROOFS, sample_count = 10)]
fn prove(bencher: Bencher<'_, '_>, (shape, size): &(&str, usize)) {
    let objects = corpus::named(shape, *size).expect("there is such a shape");
    let tenancy = Tenancy::with_system(SYSTEM);
    bencher.bench_local(|| {
        let network = Network::build(black_box(&objects), options());
        network.prove_direct(&tenancy)
    });
}

/// All flows written out, as text; 103, 403, 803 and 1,603 pods.
#[divan::bench(args = [10, 40, 80, 160], sample_count = 10)]
fn expand(bencher: Bencher<'_, '_>, tenants: usize) {
    let objects = corpus::templated(tenants);
    bencher.bench_local(|| {
        let network = Network::build(black_box(&objects), options());
        let lines = network.expand().map(|flow| flow.to_string());
        lines.map(|line| line.len()).sum::<usize>()
    });
}

/// All flows of a policy with many blocks.
#[divan::bench(args = [638, 10_000], sample_count = 10)]
fn expand_blocks(bencher: Bencher<'_, '_>, count: usize) {
    let objects = corpus::blocks(count);
    bencher.bench_local(|| {
        let network = Network::build(black_box(&objects), options());
        network.expand().count()
    });
}
