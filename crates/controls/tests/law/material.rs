//! Values to put where a rule looks: those that it asks for, those next to them, and others.

use regex::Regex;
use regex_syntax::{
    Parser,
    hir::{Class, Hir, HirKind},
};
use serde_json::{Value, json};

use knight_controls::rule::{Bound, Literal, Test, Texts, eval::Params};

use crate::dice::Dice;

/// A value, and whether a test says yes to it.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) value: Value,
    pub(crate) yes: bool,
}

/// Returns values of any type.
pub(crate) fn junk(dice: &mut Dice) -> Value {
    let all = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(7),
        json!(-1),
        json!(1.0),
        json!(1.5),
        json!(u64::MAX),
        json!(""),
        json!("x"),
        json!("true"),
        json!([]),
        json!([null]),
        json!(["x"]),
        json!([{}]),
        json!({}),
        json!({"a": null}),
        json!({"name": "x", "type": "x"}),
    ];
    dice.pick(&all).clone()
}

/// Returns values on both sides of a test.
pub(crate) fn leaves(test: &Test, params: &Params, dice: &mut Dice) -> Vec<Leaf> {
    match test {
        Test::Present => {
            let values = [
                json!(true),
                json!(""),
                json!({}),
                json!([]),
                json!(0),
                json!({"a": 1}),
            ];
            values
                .into_iter()
                .map(|value| Leaf { value, yes: true })
                .collect()
        }
        Test::Equals(Literal::Bool(wanted)) => sided(
            vec![
                json!(true),
                json!(false),
                json!(wanted.to_string()),
                json!(u8::from(*wanted)),
            ],
            |value| value.as_bool() == Some(*wanted),
        ),
        Test::Equals(Literal::Int(wanted)) => {
            let mut values = around(*wanted);
            values.push(json!(wanted.to_string()));
            sided(values, |value| value.as_i64() == Some(*wanted))
        }
        Test::Equals(Literal::Text(wanted)) => {
            texts(vec![wanted.to_string(); 3], dice, |text| text == wanted)
        }
        Test::OneOf(set) => {
            let set = strings(set, params);
            texts(set.clone(), dice, |text| set.iter().any(|one| one == text))
        }
        Test::Matches(pattern) => {
            let sampled = (0..8).map(|_| sample(pattern.as_str(), dice)).collect();
            let regex = Regex::new(pattern.as_str()).expect("a pattern is a regular expression");
            texts(sampled, dice, |text| regex.is_match(text))
        }
        Test::Between(least, most) => {
            let (least, most) = (int(*least, params), int(*most, params));
            let values = around(least).into_iter().chain(around(most)).collect();
            sided(values, |value| {
                value
                    .as_i64()
                    .is_some_and(|int| least <= int && int <= most)
            })
        }
        Test::TextBetween(least, most) => numbers_as_text(int(*least, params), int(*most, params)),
        Test::AboveZero => {
            let above = [
                json!("1"),
                json!("0.5"),
                json!("+01Gi"),
                json!(".1"),
                json!(1),
                json!(0.5),
            ];
            let mut values = above.to_vec();
            let zero = ["0", "0Mi", "0.0", "0e9", "-1", "", "Mi", "-0", " 1"];
            values.extend(zero.map(|text| json!(text)));
            values.extend([json!(0), json!(0.0), json!(-1), json!(-0.5), json!(true)]);
            sided(values, |value| above.contains(value))
        }
        Test::Empty => sided(
            vec![
                json!([]),
                json!({}),
                json!([1]),
                json!({"a": 1}),
                json!([null]),
                json!(""),
            ],
            |value| *value == json!([]) || *value == json!({}),
        ),
        Test::ImageBelow(below) => {
            let below = strings(below, params);
            texts(images(&below), dice, |text| {
                below
                    .iter()
                    .any(|below| text.starts_with(&format!("{below}/")))
            })
        }
    }
}

/// Returns texts that read, or nearly read, as whole numbers around the bounds.
fn numbers_as_text(least: i64, most: i64) -> Vec<Leaf> {
    let plain = [least, most, least + 1, most - 1].map(|int| int.to_string());
    let mut values: Vec<_> = plain.iter().map(|text| json!(text)).collect();
    values.extend(plain.iter().map(|text| json!(format!("+{text}"))));
    values.extend(plain.iter().map(|text| json!(format!("00{text}"))));
    values.push(json!(format!("{least:018}")));
    let within = values.clone();
    values.push(json!(format!("{least:019}")));
    values.extend([least - 1, most + 1].map(|int| json!(int.to_string())));
    values.extend([18, 19].map(|count| json!("9".repeat(count))));
    let odd = [
        "", "+", "-", "-0", "--1", " 5", "5 ", "5\n", "1e3", "1.0", "0x1", "٣",
    ];
    values.extend(odd.map(|text| json!(text)));
    values.push(json!(least));
    sided(values, |value| within.contains(value) && least <= most)
}

/// Returns images below these prefixes, beside them, and with Docker Hub's short names.
fn images(below: &[String]) -> Vec<String> {
    let near = |below: &String| {
        let (inside, beside) = (format!("{below}/app:1"), format!("{below}x/app"));
        [inside, beside, below.clone(), format!("{below}/")]
    };
    let others = [
        "nginx",
        "library/nginx",
        "a/b",
        "localhost/a",
        "docker.io/library/nginx",
        "h:5/a",
        "/a",
        "",
    ];
    below
        .iter()
        .flat_map(near)
        .chain(others.map(str::to_owned))
        .collect()
}

/// Returns the strings of a set.
fn strings(texts: &Texts, params: &Params) -> Vec<String> {
    match texts {
        Texts::These(texts) => texts.iter().map(ToString::to_string).collect(),
        Texts::Param(name) => params.texts.get(name).cloned().unwrap_or_default(),
    }
}

fn int(bound: Bound, params: &Params) -> i64 {
    match bound {
        Bound::Is(value) => value,
        Bound::Param(name) => params.ints.get(name).copied().unwrap_or_default(),
    }
}

fn sided(values: Vec<Value>, yes: impl Fn(&Value) -> bool) -> Vec<Leaf> {
    values
        .into_iter()
        .map(|value| Leaf {
            yes: yes(&value),
            value,
        })
        .collect()
}

/// Returns the strings, and for each of them some that differ by little.
fn texts(texts: Vec<String>, dice: &mut Dice, yes: impl Fn(&str) -> bool) -> Vec<Leaf> {
    let near: Vec<String> = texts.iter().map(|text| near(text, dice)).collect();
    texts
        .into_iter()
        .chain(near)
        .chain([String::new(), "other".to_owned()])
        .map(|text| Leaf {
            yes: yes(&text),
            value: json!(text),
        })
        .collect()
}

/// Returns whole numbers at and next to one, and what looks like it.
#[expect(clippy::cast_precision_loss, reason = "any number near it will do")]
fn around(int: i64) -> Vec<Value> {
    vec![
        json!(int),
        json!(int.saturating_sub(1)),
        json!(int.saturating_add(1)),
        json!(int as f64),
        json!(int as f64 + 0.5),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
    ]
}

/// Changes one character, the case or an end.
fn near(text: &str, dice: &mut Dice) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = dice.below(chars.len() + 1);
    match dice.below(6) {
        0 if at < chars.len() => drop(chars.remove(at)),
        1 if at < chars.len() => chars[at] = *dice.pick(&['x', 'A', '0', '/', '\n', 'K', 'é']),
        2 => return text.to_lowercase(),
        3 => return text.to_uppercase(),
        4 => chars.insert(0, *dice.pick(&['x', ' ', '_', '\n'])),
        _ => chars.push(*dice.pick(&['x', ' ', '/', '\n', '=', '\u{212A}'])),
    }
    chars.into_iter().collect()
}

/// Returns a string that an expression without look-around matches, or nearly one.
fn sample(pattern: &str, dice: &mut Dice) -> String {
    let hir = Parser::new()
        .parse(pattern)
        .expect("a pattern is a regular expression");
    let mut text = String::new();
    add(&hir, dice, &mut text);
    text
}

fn add(hir: &Hir, dice: &mut Dice, text: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(Class::Unicode(class)) => {
            let range = *dice.pick(class.ranges());
            let (first, last) = (u32::from(range.start()), u32::from(range.end()));
            let width = usize::try_from(last - first)
                .expect("a range is small")
                .min(90);
            let char = u32::try_from(dice.below(width + 1)).map(|at| char::from_u32(first + at));
            text.push(char.ok().flatten().unwrap_or_else(|| range.start()));
        }
        HirKind::Class(Class::Bytes(_)) => unreachable!("patterns are about characters"),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(repetition.min + 2);
            let span = usize::try_from(most - repetition.min).expect("a repetition is small");
            let times =
                usize::try_from(repetition.min).expect("it is") + dice.below(span.min(3) + 1);
            (0..times).for_each(|_| add(&repetition.sub, dice, text));
        }
        HirKind::Capture(capture) => add(&capture.sub, dice, text),
        HirKind::Concat(parts) => parts.iter().for_each(|part| add(part, dice, text)),
        HirKind::Alternation(ways) => add(dice.pick(ways), dice, text),
    }
}
