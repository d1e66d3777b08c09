//! Each rule of the specification as a table.
