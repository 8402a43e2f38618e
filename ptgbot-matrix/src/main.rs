//! The program `ptgbot-matrix`.
fn main() {}
