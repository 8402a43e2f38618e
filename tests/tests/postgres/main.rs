//! Boards in a real PostgreSQL server, on good and on bad days.

mod journal;
