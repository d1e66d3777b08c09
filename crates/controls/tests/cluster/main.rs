//! Judging the objects of a running cluster: folding, claims, and what could not be read.

mod claims;
mod given;
mod owners;
mod unread;
