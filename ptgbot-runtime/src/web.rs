//! The web server: the site's files from memory, an event stream, and two addresses for operators.
//!
//! Every file is rendered, compressed and hashed once per change, and answered from memory by hyper; the routes (axum)
//! have the rest. What is rendered on demand, such as a track's calendar or a view of some tracks, is cached until the
//! next change, within limits.

mod accept_encoding;
mod boards;
mod cached_file;
mod caching;
mod compress;
mod connections;
mod events;
mod hosted_site;
mod render_cache;
mod request_line;
mod routes;
mod security;
mod server;
mod site_handle;
mod snapshot;

pub use boards::serve_boards;
pub use server::{ServeError, serve};
pub use site_handle::SiteHandle;

pub(crate) use compress::Encoding;
pub(crate) use snapshot::Snapshot;
