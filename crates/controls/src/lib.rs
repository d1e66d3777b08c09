//! The rule language, the catalogue of controls and the engine that judges
#![deny(clippy::disallowed_methods)]
