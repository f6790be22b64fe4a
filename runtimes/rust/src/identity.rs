//! Who this runtime is, as the helper's hello and the services' health tell it.

/// Its name in parity.toml.
pub const RUNTIME: &str = "rust";

/// The package's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit that it was built from.
pub const COMMIT: &str = match option_env!("LAKEHOUSE_COMMIT") {
    Some(commit) => commit,
    None => "unknown",
};
