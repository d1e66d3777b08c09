//! What the hop through JSON makes of scalars.

use std::borrow::Cow;

use super::scalars::{Scalar, ScalarRefused};

/// What Kubernetes gets of a float once it went through JSON.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum JsonNumber {
    Int(i64),
    Float(f64),
}

/// Sends a float through JSON: Go prints whole numbers below 10²¹ without a point, and what reads
/// them again takes them for whole numbers where they fit.
pub(super) fn through_json(value: f64) -> Result<JsonNumber, ScalarRefused> {
    if !value.is_finite() {
        return Err(ScalarRefused::NotFinite);
    }
    if value.fract() != 0.0 || value.abs() >= 1e21 {
        return Ok(JsonNumber::Float(value));
    }
    // The digits are the shortest that mean this float, filled up with zeros: 1.2345678901234567e18
    // ends in 800, not in the 768 of its exact value.
    Ok(format!("{value}")
        .parse()
        .map_or(JsonNumber::Float(value), JsonNumber::Int))
}

/// Returns the key that a scalar is in JSON; none where it is the scalar's own text.
pub(super) fn key(scalar: Scalar<'_>) -> Result<Option<Cow<'_, str>>, ScalarRefused> {
    Ok(Some(match scalar {
        Scalar::Raw => return Ok(None),
        Scalar::Text(text) => text,
        Scalar::Int(value) => value.to_string().into(),
        Scalar::Bool(value) => if value { "true" } else { "false" }.into(),
        Scalar::Float(value) => float_key(value).into(),
        Scalar::Null => return Err(ScalarRefused::NullKey),
        Scalar::Unsigned(_) => return Err(ScalarRefused::BigKey),
    }))
}

/// Prints a float as Go's `strconv.FormatFloat(value, 'g', -1, 32)`: keys lose precision.
fn float_key(value: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what Kubernetes does with such keys"
    )]
    let value = value as f32;
    if value.is_nan() {
        return ".nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.into();
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sends_floats_through_json() {
        assert_eq!(through_json(-0.0), Ok(JsonNumber::Int(0)));
        let shortest = through_json(1.234_567_890_123_456_7e18);
        assert_eq!(shortest, Ok(JsonNumber::Int(1_234_567_890_123_456_800)));
        assert_eq!(through_json(1e20), Ok(JsonNumber::Float(1e20)));
        assert_eq!(through_json(f64::INFINITY), Err(ScalarRefused::NotFinite));
    }
}
