//! Help with words that are nearly right.

/// Returns ", did you mean `x`?" for the nearest known word, or nothing when none is near.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    // Words of strangers may be long; no known one is.
    if word.len() > 64 {
        return String::new();
    }
    let nearest = known
        .into_iter()
        .map(|known| (strsim::normalized_damerau_levenshtein(word, known), known))
        .filter(|(near, _)| *near >= 0.6)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    nearest.map_or_else(String::new, |(_, known)| {
        format!(", did you mean `{known}`?")
    })
}

/// Returns a word of a stranger with control characters taken out and its length bounded.
pub fn plain(word: &str) -> String {
    word.chars()
        .filter(|char| !char.is_control())
        .take(64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_offered_and_far_ones_are_not() {
        let known = ["host-network", "host-pid"];
        assert_eq!(
            did_you_mean("hostnetwork", known),
            ", did you mean `host-network`?"
        );
        assert_eq!(did_you_mean("seccomp", known), "");
        assert_eq!(did_you_mean(&"x".repeat(10_000), known), "");
    }
}
