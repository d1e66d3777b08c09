//! Waiting, never for ever.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::Error;

/// How long the first pause is; the later ones grow up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(250);

/// Calls `probe` until it returns something, and no longer than `within`.
///
/// An error of the probe ends the wait; what may come right in time is `Ok(None)`. It is called once
/// at least.
pub fn wait_until<T>(
    within: Duration,
    what: &str,
    mut probe: impl FnMut() -> Result<Option<T>, Error>,
) -> Result<T, Error> {
    let started = Instant::now();
    let mut pause = SHORTEST;
    loop {
        if let Some(found) = probe()? {
            return Ok(found);
        }
        if started.elapsed() >= within {
            return Err(Error::Timeout {
                what: what.to_owned(),
                seconds: within.as_secs(),
            });
        }
        thread::sleep(pause);
        pause = (pause * 2).min(LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_what_comes_about() {
        let mut tries = 0;
        let found = wait_until(Duration::from_secs(5), "a third try", || {
            tries += 1;
            Ok((tries == 3).then_some("here"))
        });
        assert_eq!((found.unwrap(), tries), ("here", 3));
    }

    #[test]
    fn gives_up_and_says_what_was_missing() {
        let waited: Result<(), _> = wait_until(Duration::ZERO, "the impossible", || Ok(None));
        assert_eq!(
            waited.unwrap_err().to_string(),
            "the impossible did not come about within 0 seconds"
        );
    }

    #[test]
    fn ends_with_an_error_of_the_probe() {
        let waited: Result<(), _> = wait_until(Duration::from_secs(5), "an object", || {
            Err(Error::Object("metadata.name"))
        });
        assert!(matches!(waited, Err(Error::Object("metadata.name"))));
    }
}
