//! Every format, on one report that has something of everything.

mod comparison;
mod github;
mod hostile;
mod json;
mod markdown;
mod sample;
mod sarif;
mod text;
mod upgrade;
