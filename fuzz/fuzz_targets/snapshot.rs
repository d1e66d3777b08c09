//! Any bytes, and any text that is compressed soundly, are refused as a snapshot, or are whole: what
//! is read is written and read again as the same, and a part of it is not whole. Every object of it
//! is read or has a problem, and is one line of a snapshot once it is redacted.
#![no_main]

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use knight_controls::redact::redact;
use knight_model::{
    Limits,
    snapshot::{
        Header, Identity, List, Reader, Unreadable, Writer, document, is_snapshot, text_of,
    },
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const LIMITS: Limits = Limits {
    document_bytes: 1 << 16,
    depth: 100,
    nodes: 10_000,
};

#[derive(Debug, PartialEq)]
struct Whole {
    header: Header,
    objects: Vec<String>,
    lists: Vec<List>,
}

fuzz_target!(|bytes: &[u8]| {
    match bytes.split_first() {
        // The fuzzer does not guess checksums, so most of its texts are compressed here.
        Some((1.., text)) => check(&compressed(text)),
        Some((0, bytes)) => check(bytes),
        None => check(bytes),
    }
});

fn check(bytes: &[u8]) {
    let whole = match read(bytes) {
        Ok(whole) => whole,
        Err(reason) => return assert!(!reason.to_string().contains(char::is_control)),
    };
    assert!(is_snapshot(bytes));
    for less in [1, 8, 9, bytes.len() / 2] {
        assert!(read(&bytes[..bytes.len() - less]).is_err());
    }
    let mut writer = Writer::new(Vec::new(), &Header::default()).expect("memory takes it");
    for object in &whole.objects {
        if let Some(identity) = Identity::of(object) {
            let (document, problems) = document(&identity, object, &LIMITS);
            assert!(document.is_some() || !problems.is_empty());
        }
        if let Ok(value @ Value::Object(_)) = serde_json::from_str(object)
            && value.get("apiVersion").is_some()
        {
            let line = text_of(redact(value));
            writer.object(&line).expect("it is one line");
        }
    }
    writer.finish(&whole.lists).expect("memory takes it");
    // What others put between the tokens of JSON is read, and never written.
    if whole.objects.iter().any(|object| object.contains('\r')) {
        return;
    }
    assert_eq!(read(&written(&whole)).expect("it was just written"), whole);
}

fn read(bytes: &[u8]) -> Result<Whole, Unreadable> {
    let mut reader = Reader::open(bytes)?;
    let (mut objects, mut text) = (Vec::new(), String::new());
    while reader.next_object(&mut text)? {
        assert_eq!(reader.lists(), None);
        objects.push(text.clone());
    }
    assert_eq!(reader.objects(), objects.len() as u64);
    let lists = reader.lists().expect("what ends without an error is whole");
    Ok(Whole {
        header: reader.header().clone(),
        lists: lists.to_vec(),
        objects,
    })
}

fn written(whole: &Whole) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), &whole.header).expect("memory takes it");
    for object in &whole.objects {
        writer.object(object).expect("it was read");
    }
    writer.finish(&whole.lists).expect("it was read")
}

fn compressed(text: &[u8]) -> Vec<u8> {
    let mut to = GzEncoder::new(Vec::new(), Compression::fast());
    to.write_all(text).expect("memory takes it");
    to.finish().expect("memory takes it")
}
