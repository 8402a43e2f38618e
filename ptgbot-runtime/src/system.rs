//! What an operating system has to help with, one duty a file: everything here has a way for each system, and says what is
//! lost where a system has no such help. Linux helps with all of it.

#[cfg(feature = "web")]
pub(crate) mod folder;
#[cfg(feature = "sqlite")]
pub(crate) mod locks;
pub(crate) mod machine;
pub(crate) mod permissions;
pub(crate) mod process;
