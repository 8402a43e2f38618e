//! Journal in, static site out: reads a bot's store, while the bot runs or not, and writes the pages of this moment
//! into a folder for any web server.
//!
//!     cargo run -p ptgbot-examples --bin static_site -- sqlite:ptgbot.sqlite html
//!
//! It is what `ptgbot render` does, and shows how to embed the pages without the bot.

use ptgbot_render::{Site, SiteOptions};
use ptgbot_runtime::store::{self, Access, Blocking, StoreAddress};
use ptgbot_runtime::write_folder;
use std::error::Error;
use std::path::Path;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, folder] = arguments.as_slice() else {
        return Err("usage: static_site STORE FOLDER".into());
    };
    let address: StoreAddress = address.parse()?;
    let mut journal = store::open(&address, Access::ReadOnly, Blocking::Inline).await?;
    let board = journal.load().await?;

    let options = SiteOptions::default();
    let site = Site::new(&board, chrono::Utc::now(), &options);
    write_folder(&site, Path::new(folder))?;

    println!("revision {} of '{}' is in {folder}:", board.revision(), board.contents().event_id);
    for path in site.paths() {
        println!("  {path}");
    }
    Ok(())
}
