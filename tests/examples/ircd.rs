//! An IRC server with NickServ to try a client or the bot by hand, gone at the
//! end of input.
//!
//!     cargo run -p ptgbot-tests --example ircd            # ircd-hybrid
//!     cargo run -p ptgbot-tests --example ircd inspircd
//!
//! Then, for example: `irssi -c 127.0.0.1 -p PORT -n jane`.

use ptgbot_tests::ircd::{OPER, OPER_PASSWORD};
use ptgbot_tests::{Ircd, Services};
use tokio::io::{AsyncReadExt, stdin};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let ircd = match std::env::args().nth(1).as_deref() {
        None | Some("hybrid") => Ircd::hybrid().await,
        Some("inspircd") => Ircd::inspircd().await,
        Some(other) => panic!("no server {other}: hybrid or inspircd"),
    };
    let Some(ircd) = ircd else { return };
    let _services = Services::anope(&ircd).await;
    println!("irc on 127.0.0.1 port {}, TLS port {}", ircd.port(), ircd.tls_port());
    println!("trust {}", ircd.certificates().authority.display());
    println!("operator: /oper {OPER} {OPER_PASSWORD}");
    println!("Ctrl-D ends it");
    let mut rest = Vec::new();
    // An error of standard input is an end of it, too.
    let _ = stdin().read_to_end(&mut rest).await;
}
