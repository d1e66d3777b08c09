//! Knight against API servers that behave, that stumble, and that are hostile.
//!
//! Every run must end by itself, ask only with GET, never for a Secret, and show neither its token
//! nor a control character: [`world::World::run`] holds that.
#![expect(
    clippy::disallowed_methods,
    reason = "tests read and write files, start processes and measure the time these take"
)]

mod connecting;
mod faults;
mod hostile;
mod namespaces;
mod random;
mod reading;
mod role;
mod server;
mod world;
mod writing;
