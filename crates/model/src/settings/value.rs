//! Values of settings, read as Knative's code reads them.

use knight_facts::settings::{Bounds, Setting, Spaces, ValueType};

/// Returns the value in its plain spelling, if the code accepts it.
///
/// Values of types whose syntax this does not judge (YAML, templates, URLs) are accepted as they are.
pub(super) fn read(setting: &Setting, text: &str) -> Option<Box<str>> {
    let text = match setting.spaces {
        Spaces::Kept => text,
        Spaces::Trimmed => text.trim(),
    };
    if setting.refused.iter().any(|refused| refused == text) {
        return None;
    }
    if !setting.values.is_empty() {
        if let Some(known) = setting.accepted(text) {
            return Some(known.into());
        }
        // Next to its words, a setting of another type takes what its type takes.
        if matches!(setting.value_type, ValueType::Enum | ValueType::Flag) {
            return None;
        }
    }
    let bounds = &setting.bounds;
    match setting.value_type {
        ValueType::Bool => bool(text).map(|value| if value { "true" } else { "false" }.into()),
        ValueType::Int => {
            let value = int(text)?;
            within(value, bounds, int).then(|| value.to_string().into())
        }
        ValueType::Uint => {
            let value = uint(text)?;
            within(value, bounds, uint).then(|| value.to_string().into())
        }
        ValueType::Float => {
            let value = float(text)?;
            let known = setting
                .values
                .iter()
                .any(|known| float(known) == Some(value));
            (known || within(value, bounds, float)).then(|| text.into())
        }
        ValueType::Duration => {
            let value = duration(text)?;
            let step = bounds.step.as_deref().and_then(duration);
            let whole = step.is_none_or(|step| is_whole(value, step));
            (whole && within(value, bounds, duration)).then(|| text.into())
        }
        ValueType::Quantity => quantity(text).is_some().then(|| text.into()),
        ValueType::Enum
        | ValueType::Flag
        | ValueType::Image
        | ValueType::IsoDuration
        | ValueType::Json
        | ValueType::List
        | ValueType::Properties
        | ValueType::Selector
        | ValueType::String
        | ValueType::Template
        | ValueType::Url
        | ValueType::Yaml => Some(text.into()),
    }
}

/// Returns whether the text is of the type of the setting at all, whatever its bounds.
pub(super) fn is_of_type(setting: &Setting, text: &str) -> bool {
    match setting.value_type {
        ValueType::Bool => bool(text).is_some(),
        ValueType::Int => int(text).is_some(),
        ValueType::Uint => uint(text).is_some(),
        ValueType::Float => float(text).is_some(),
        ValueType::Duration => duration(text).is_some(),
        ValueType::Quantity => quantity(text).is_some(),
        ValueType::Enum
        | ValueType::Flag
        | ValueType::Image
        | ValueType::IsoDuration
        | ValueType::Json
        | ValueType::List
        | ValueType::Properties
        | ValueType::Selector
        | ValueType::String
        | ValueType::Template
        | ValueType::Url
        | ValueType::Yaml => true,
    }
}

/// Reads a number as relations between settings compare it.
pub(super) fn number(text: &str) -> Option<f64> {
    float(text)
}

/// Returns whether no bound refuses the value; `NaN` passes all of them, as it does in Go.
fn within<T: Copy + PartialOrd>(
    value: T,
    bounds: &Bounds,
    read: impl Fn(&str) -> Option<T>,
) -> bool {
    let bound = |text: &Option<String>| text.as_deref().and_then(&read);
    let refused = bound(&bounds.min).is_some_and(|min| value < min)
        || bound(&bounds.max).is_some_and(|max| value > max)
        || bound(&bounds.above).is_some_and(|above| value <= above)
        || bound(&bounds.below).is_some_and(|below| value >= below);
    !refused
}

/// Reads what Go's `strconv.ParseBool` reads.
fn bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Reads what Go's `strconv.ParseInt` reads in base 10.
fn int(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Reads a whole number to compare it.
pub(super) fn whole(text: &str) -> Option<f64> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "numbers above 2^53 are compared with bounds far below"
    )]
    int(text).map(|value| value as f64)
}

/// Reads what Go's `strconv.ParseUint` reads in base 10: no sign at all.
fn uint(text: &str) -> Option<u64> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| text.parse().ok())?
}

/// Returns whether a duration is a whole number of steps, to the nanosecond.
fn is_whole(value: f64, step: f64) -> bool {
    let steps = value / step;
    (steps - steps.round()).abs() * step < 1e-9
}

/// Reads what Go's `strconv.ParseFloat` reads, but for hexadecimal.
pub(super) fn float(text: &str) -> Option<f64> {
    let value: f64 = if text.contains('_') {
        let digits = text.as_bytes();
        let is_digit = |at: Option<usize>| {
            at.and_then(|at| digits.get(at))
                .is_some_and(u8::is_ascii_digit)
        };
        let between_digits =
            |(at, _): (usize, &str)| is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
        if !text.match_indices('_').all(between_digits) {
            return None;
        }
        text.replace('_', "").parse().ok()?
    } else {
        text.parse().ok()?
    };
    // Go refuses a number that is out of range; Rust makes it infinite.
    let overflows = value.is_infinite() && text.bytes().any(|byte| byte.is_ascii_digit());
    (!overflows).then_some(value)
}

/// Reads what Go's `time.ParseDuration` reads, in seconds.
pub(super) fn duration(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    if unsigned == "0" {
        return Some(0.0);
    }
    let mut rest = unsigned;
    let mut seconds = 0.0;
    while !rest.is_empty() || seconds == 0.0 && rest.len() == unsigned.len() {
        let (number, tail) = split_at_end_of(rest, |byte| byte.is_ascii_digit() || byte == b'.');
        let (unit, tail) = split_at_end_of(tail, |byte| !byte.is_ascii_digit() && byte != b'.');
        if number.is_empty() || number == "." || number.matches('.').count() > 1 {
            return None;
        }
        seconds += number.parse::<f64>().ok()? * unit_seconds(unit)?;
        rest = tail;
    }
    // Go counts nanoseconds in 64 bits.
    (seconds <= 9_223_372_036.0).then_some(sign * seconds)
}

fn unit_seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1e-9,
        "us" | "µs" | "μs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    })
}

/// Returns the number that Kubernetes' `resource.ParseQuantity` reads, to compare it with another.
///
/// A suffix alone is read too, as 0 of it, as long as the arithmetic stays within 64 bits.
pub fn quantity(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (number, suffix) = split_at_end_of(unsigned, |byte| byte.is_ascii_digit() || byte == b'.');
    let has_digits = number.bytes().any(|byte| byte.is_ascii_digit());
    if text.is_empty() || number.matches('.').count() > 1 {
        return None;
    }
    let scale = match suffix {
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1024_f64.powi(2),
        "Gi" => 1024_f64.powi(3),
        "Ti" => 1024_f64.powi(4),
        "Pi" if has_digits => 1024_f64.powi(5),
        "Ei" if has_digits => 1024_f64.powi(6),
        _ => 10_f64.powi(suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    };
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    let value = if has_digits {
        number.parse::<f64>().ok()?
    } else {
        0.0
    };
    Some(sign * value * scale)
}

/// Splits behind the leading bytes of a sort; the bytes that `belongs` tells apart are ASCII.
fn split_at_end_of(text: &str, belongs: impl Fn(u8) -> bool) -> (&str, &str) {
    let end = text
        .bytes()
        .position(|byte| !belongs(byte))
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_durations_as_go_does() {
        for (text, expected) in [
            ("0", Some(0.0)),
            ("30s", Some(30.0)),
            ("1h30m", Some(5400.0)),
            ("1.5h", Some(5400.0)),
            (".5s", Some(0.5)),
            ("-10ms", Some(-0.01)),
            ("1us", Some(1e-6)),
            ("", None),
            ("+", None),
            ("30", None),
            ("s", None),
            ("1x", None),
            ("1 s", None),
            ("1S", None),
            ("1.1.1s", None),
            (".s", None),
            ("0s0", None),
            ("9999999h", None),
        ] {
            let read = duration(text);
            let close = read
                .zip(expected)
                .is_some_and(|(a, b)| (a - b).abs() < 1e-12);
            assert!(
                read.is_none() && expected.is_none() || close,
                "{text}: {read:?}"
            );
        }
    }

    #[test]
    fn reads_quantities_as_kubernetes_does() {
        for text in [
            "1", "500m", "1.5Gi", "-1", "+2k", ".5", "1.", "1e3", "1E-3", "1Ei", "100n", "m", "-",
        ] {
            assert!(quantity(text).is_some(), "{text}");
        }
        for text in [
            "", "Pi", "1gb", "1 Gi", "1.2.3", "1e", "1eX", "0x1", "1KI", "--1",
        ] {
            assert!(quantity(text).is_none(), "{text}");
        }
    }

    #[test]
    fn compares_quantities_across_suffixes() {
        let read = |text| quantity(text).unwrap_or(f64::NAN);
        assert!(read("1500m") > read("1") && read("1Ki") > read("1k"));
        assert!(read("-1") < read("0") && read("1e3") > read("999"));
        assert!(read("0.5Gi") > read("500M"));
    }

    #[test]
    fn reads_numbers_as_go_does() {
        assert_eq!(int("+5"), Some(5));
        for text in ["", "5.0", "1_000", "0x5", " 5", "9223372036854775808"] {
            assert_eq!(int(text), None, "{text}");
        }
        assert_eq!(float("1e3"), Some(1000.0));
        assert_eq!(float("Inf"), Some(f64::INFINITY));
        assert!(float("NaN").is_some_and(f64::is_nan));
        assert_eq!(float("1e400"), None);
        assert_eq!(float("1_000.5"), Some(1000.5));
        for text in ["ten", "_1", "1_", "1__0", "1_.5"] {
            assert_eq!(float(text), None, "{text}");
        }
    }

    #[test]
    fn lets_nan_pass_every_bound() {
        let bounds = Bounds {
            min: Some("1".into()),
            max: Some("10".into()),
            ..Bounds::default()
        };
        assert!(within(f64::NAN, &bounds, float));
        assert!(within(10.0, &bounds, float));
        assert!(!within(0.5, &bounds, float));
        let bounds = Bounds {
            above: Some("1s".into()),
            below: Some("1m".into()),
            ..Bounds::default()
        };
        assert!(within(1.5, &bounds, duration));
        assert!(!within(1.0, &bounds, duration) && !within(60.0, &bounds, duration));
    }
}
