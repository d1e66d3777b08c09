//! Whatever goes wrong, a list is whole or it is named, and never is a part of it taken for the whole.

use std::{sync::Mutex, thread};

use knight_model::snapshot::Listed;
use serde_json::json;

use crate::{
    server::{Reply, Seen},
    world::{Objects, World},
};

/// How many pods there are: four pages.
const PODS: usize = 1600;

/// A small generator, so that a failure can be had again from its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// Returns a fault, or nothing.
fn fault(random: &mut Random, seen: &Seen, objects: &Objects) -> Option<Reply> {
    let whole = || objects.answer(seen).bytes();
    let cut = |random: &mut Random| {
        let bytes = whole();
        let length = usize::try_from(random.below(bytes.len() as u64)).expect("a length");
        bytes[..length].to_vec()
    };
    Some(match random.below(24) {
        0 => Reply::status(429, "busy").with("retry-after", "0"),
        1 => Reply::status(503, "down"),
        2 => Reply::Raw(cut(random)),
        3 => {
            // Only the end of the connection tells the end of the body.
            let text = String::from_utf8(cut(random)).expect("the reply is ASCII");
            Reply::Raw(text.replace("content-length", "x-length").into_bytes())
        }
        4 if seen.query.contains("continue") => Reply::status(410, "expired"),
        5 if seen.query.contains("continue") => {
            let token = seen.query.rsplit('=').next().unwrap_or_default();
            let status = json!({"kind": "Status", "metadata": {"continue": token}});
            Reply::json(410, status.to_string())
        }
        6 if seen.nth > 2 => Reply::status(403, "no longer"),
        7 => Reply::json(200, "<html>"),
        _ => return None,
    })
}

fn check(seed: u64) {
    let served = Objects::with_pods(PODS);
    let random = Mutex::new(Random(seed));
    let world = World::of(move |seen| {
        let faulty = seen.path.ends_with("/pods");
        let fault = faulty.then(|| {
            let mut random = random.lock().expect("no fault panics");
            fault(&mut random, seen, &served)
        });
        fault.flatten().unwrap_or_else(|| served.answer(seen))
    });
    let run = world.take(&[]);
    let taken = world.snapshot();
    let pods = taken.names("Pod");
    match taken.outcome("Pod") {
        Listed::Read { objects } => {
            assert_eq!(run.code, Some(0), "seed {seed}: {run:#?}");
            assert_eq!(*objects, PODS as u64, "seed {seed}");
            let expected: Vec<String> = (0..PODS).map(|at| format!("pod-{at:06}")).collect();
            assert_eq!(pods, expected, "seed {seed}");
        }
        Listed::Refused { reason } | Listed::Failed { reason } => {
            assert_eq!(run.code, Some(1), "seed {seed}: {run:#?}");
            assert_eq!(run.about_pods(), reason, "seed {seed}");
            assert_eq!(pods, [""; 0], "seed {seed}");
        }
        Listed::NotServed => panic!("seed {seed}: the pods are lost: {run:#?}"),
    }
    assert_eq!(taken.names("Namespace"), ["team-a"], "seed {seed}");
}

#[test]
fn nothing_is_lost_in_silence() {
    let lanes: Vec<_> = (0..4)
        .map(|lane| {
            thread::spawn(move || {
                for at in 0..10 {
                    check(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(lane * 10 + at + 1));
                }
            })
        })
        .collect();
    for lane in lanes {
        lane.join().expect("every seed passes");
    }
}
