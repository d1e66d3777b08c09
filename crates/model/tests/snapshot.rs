//! What is written is read; whatever is wrong with a snapshot, it is never taken for whole.

use std::io::{self, Read, Write as _};

use flate2::{Compression, GzBuilder, read::GzDecoder};
use knight_model::snapshot::{
    Header, List, Listed, OBJECT_BYTES, Reader, Unreadable, Writer, is_snapshot, text_of,
};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

#[derive(Debug, PartialEq)]
struct Whole {
    header: Header,
    objects: Vec<String>,
    lists: Vec<List>,
}

fn sample() -> Whole {
    Whole {
        header: Header {
            knight: "0.1.0".to_owned(),
            kubernetes: Some("v1.36.2".to_owned()),
            namespaces: vec!["a".to_owned()],
        },
        objects: (0..40)
            .map(|n| text_of(json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": format!("p{n}")}})))
            .collect(),
        lists: vec![List {
            group: String::new(),
            version: "v1".to_owned(),
            resource: "pods".to_owned(),
            kind: "Pod".to_owned(),
            namespace: None,
            outcome: Listed::Read { objects: 40 },
        }],
    }
}

fn write(whole: &Whole) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), &whole.header).expect("it is sound");
    for object in &whole.objects {
        writer.object(object).expect("it is sound");
    }
    writer.finish(&whole.lists).expect("it is sound")
}

fn read(from: impl Read) -> Result<Whole, Unreadable> {
    let mut reader = Reader::open(from)?;
    let (mut objects, mut text) = (Vec::new(), String::new());
    while reader.next_object(&mut text)? {
        assert_eq!(reader.lists(), None);
        objects.push(text.clone());
    }
    let lists = reader.lists().expect("what ends without an error is whole");
    Ok(Whole {
        header: reader.header().clone(),
        lists: lists.to_vec(),
        objects,
    })
}

fn gzip(text: &str) -> Vec<u8> {
    let mut to = GzBuilder::new().write(Vec::new(), Compression::default());
    to.write_all(text.as_bytes()).expect("it is sound");
    to.finish().expect("it is sound")
}

fn refusal(text: &str) -> String {
    read(&*gzip(text)).expect_err("it is not sound").to_string()
}

#[test]
fn reads_what_was_written() {
    let bytes = write(&sample());
    assert!(is_snapshot(&bytes));
    assert_eq!(read(&*bytes).expect("it is sound"), sample());
}

#[test]
fn is_lines_that_anyone_can_look_at() {
    let mut text = String::new();
    let one = Whole {
        objects: vec![sample().objects.swap_remove(0)],
        ..sample()
    };
    GzDecoder::new(&*write(&one))
        .read_to_string(&mut text)
        .expect("it is sound");
    let expected = concat!(
        r#"{"knightSnapshot":1,"knight":"0.1.0","kubernetes":"v1.36.2","namespaces":["a"]}"#,
        "\n",
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p0"}}"#,
        "\n",
        r#"{"end":{"objects":1,"lists":[{"group":"","version":"v1","resource":"pods","kind":"Pod","outcome":{"read":{"objects":40}}}]}}"#,
        "\n",
    );
    assert_eq!(text, expected);
    assert_eq!(read(&*gzip(&text)).expect("it is sound"), one);
}

#[test]
fn equal_input_gives_equal_bytes() {
    assert_eq!(write(&sample()), write(&sample()));
}

#[test]
fn every_cut_is_an_error() {
    let bytes = write(&sample());
    for end in 0..bytes.len() {
        let error = read(&bytes[..end]).expect_err("a part is not the whole");
        assert!(
            matches!(
                error,
                Unreadable::Truncated { .. } | Unreadable::NotASnapshot
            ),
            "{end}: {error}"
        );
    }
}

#[test]
fn every_flipped_bit_is_an_error_or_changes_nothing() {
    let bytes = write(&sample());
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            if let Ok(whole) = read(&*flipped) {
                // The head of gzip has a time and a system, and the compressed bits are filled up
                // to a byte: none of them says anything.
                assert!(at < 10 || at == bytes.len() - 9, "byte {at}");
                assert_eq!(whole, sample());
            }
        }
    }
}

#[test]
fn says_what_is_wrong() {
    let header = r#"{"knightSnapshot":1,"knight":"0.1.0"}"#;
    let pod = r#"{"apiVersion":"v1"}"#;
    let end = r#"{"end":{"objects":1,"lists":[]}}"#;
    let cases = [
        (
            "apiVersion: v1\n".to_owned(),
            "this is no snapshot of Knight",
        ),
        (
            "{\"knightSnapshot\":2,\"knight\":\"0.9.0\",\"more\":{}}\n".to_owned(),
            "this snapshot has form 2, of Knight 0.9.0, and this Knight reads forms up to 1: \
             update Knight, or take the snapshot with this one",
        ),
        (
            "{\"knightSnapshot\":0,\"knight\":\"0.9.0\"}\n".to_owned(),
            "the first line of this snapshot is no header: take it again",
        ),
        (
            "{\"knightSnapshot\":1}\n".to_owned(),
            "the first line of this snapshot is no header: take it again",
        ),
        (
            format!("{header}\n{pod}\n"),
            "this snapshot is cut off after 1 object of it: copy or take it again",
        ),
        (
            format!("{header}\n{pod}\n{pod}\n{end}\n"),
            "this snapshot says that it has 1 object, and has 2",
        ),
        (
            format!("{header}\n{pod}\n{end}\n{pod}\n"),
            "something stands behind the end of this snapshot: take it again",
        ),
        (
            format!("{header}\n{pod}\n- a\n{end}\n"),
            "object 2 of this snapshot is no Kubernetes object: take it again",
        ),
        (
            format!("{header}\n{pod}\n{{\"end\":{{}}}}\n"),
            "this snapshot is damaged after 1 object of it: copy or take it again",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refusal(&text), expected, "{text}");
    }
}

#[test]
fn rejects_bytes_behind_the_stream() {
    for behind in [vec![0], gzip("{}\n"), write(&sample())] {
        let bytes = [write(&sample()), behind].concat();
        assert!(matches!(read(&*bytes), Err(Unreadable::BehindTheEnd)));
    }
}

#[test]
fn an_endless_line_costs_no_more_than_its_bound() {
    let endless = |first: &'static str| {
        let mut to = GzBuilder::new().write(Vec::new(), Compression::fast());
        to.write_all(first.as_bytes()).expect("it is sound");
        for _ in 0..OBJECT_BYTES / 1024 + 2 {
            to.write_all(&[b'a'; 1024]).expect("it is sound");
        }
        to.finish().expect("it is sound")
    };
    let bomb = endless("{\"knightSnapshot\":1,\"knight\":\"\"}\n{\"a\":\"");
    assert!(bomb.len() < 100_000);
    assert!(matches!(
        read(&*bomb),
        Err(Unreadable::LineTooLong(OBJECT_BYTES))
    ));
    assert!(matches!(read(&*endless("")), Err(Unreadable::NotASnapshot)));
}

#[test]
fn what_was_not_finished_is_not_whole() {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(&mut bytes, &Header::default()).expect("it is sound");
    writer.object("{}").expect("it is sound");
    drop(writer);
    assert!(matches!(
        read(&*bytes),
        Err(Unreadable::Truncated { objects: 1 })
    ));
}

#[test]
fn refuses_to_write_what_would_not_be_read() {
    let mut writer = Writer::new(Vec::new(), &Header::default()).expect("it is sound");
    for text in ["", "[]", "{\n}", "{\"end\":1}"] {
        assert!(writer.object(text).is_err(), "{text}");
    }
    assert!(
        writer
            .object(&format!("{{{}", "a".repeat(OBJECT_BYTES)))
            .is_err()
    );
    assert_eq!(writer.objects(), 0);
}

#[test]
fn tells_trouble_with_the_disk_from_a_bad_snapshot() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }
    let bytes = write(&sample());
    assert!(matches!(read(Broken), Err(Unreadable::Io(_))));
    let broken = read((&bytes[..bytes.len() / 2]).chain(Broken));
    assert!(matches!(broken, Err(Unreadable::Io(_))));
}

#[test]
fn other_bytes_are_no_snapshot() {
    assert!(!is_snapshot(b""));
    assert!(!is_snapshot(b"{\"knightSnapshot\":1}"));
    assert!(!is_snapshot(&gzip(
        "apiVersion: v1\nkind: Pod\nmetadata: {}\n"
    )));
    assert!(!is_snapshot(&gzip("{\"knight")));
}

fn object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        ".*".prop_map(Value::from)
    ];
    let value = leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((".*", inner), 0..4).prop_map(|entries| entries.into_iter().collect()),
        ]
    });
    value.prop_map(|spec| json!({"spec": spec, "kind": "Any", "apiVersion": "v1"}))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_objects_are_read_as_they_were_written(objects in vec(object(), 0..8)) {
        let objects = objects.into_iter().map(text_of).collect();
        let whole = Whole { objects, ..sample() };
        prop_assert_eq!(read(&*write(&whole)).expect("it is sound"), whole);
    }

    #[test]
    fn any_bytes_are_refused(bytes in vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&*bytes).is_err());
    }

    #[test]
    fn any_text_in_a_sound_stream_is_refused_or_whole(text in "(\\{\"knightSnapshot\":1,\"knight\":\"\"\\}\n)?(\\{[a-z\":0-9{}]*\n){0,4}(\\{\"end\":\\{\"objects\":[0-4],\"lists\":\\[\\]\\}\\}\n)?") {
        if let Ok(whole) = read(&*gzip(&text)) {
            prop_assert_eq!(text.lines().count(), whole.objects.len() + 2);
        }
    }
}
