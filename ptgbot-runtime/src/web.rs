//! The web server: the site's files from memory, an event stream, and two addresses for operators.
//!
//! Every file is rendered, compressed and hashed once per change; a plain request for one is answered by the
//! connection's own few lines, and all else by hyper.
//! Whatever is not such a file goes the slower way through the routes: what is made on demand, such as a track's
//! calendar or a view of some tracks, is kept until the next change, within limits.

mod asked;
mod conditional;
mod connection;
mod encoding;
mod events;
mod handle;
mod header;
mod made;
mod metrics;
mod page;
mod request;
mod rewound;
mod routes;
mod send;
mod server;
mod snapshot;

pub use handle::SiteHandle;
pub use metrics::Metrics;
pub use server::{ServeError, serve};

pub(crate) use snapshot::Snapshot;
