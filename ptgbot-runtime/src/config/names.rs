//! What a bot's pages call the bot and its channel where `[site]` does not say it: so that whoever else makes pages from the
//! bot's file makes the same bytes.

use super::{ConfigError, ConfigFile, SiteConfig, one_or_many};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

/// What `[irc]` says of it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Irc {
    nick: Option<String>,
    #[serde(alias = "channel", deserialize_with = "one_or_many")]
    channels: Vec<Channel>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a channel such as \"#my-event\"")]
enum Channel {
    Open(String),
    Keyed { name: String },
}

/// What `[matrix]` says of it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Matrix {
    user: Option<String>,
    #[serde(alias = "room", deserialize_with = "one_or_many")]
    rooms: Vec<String>,
}

impl ConfigFile {
    /// The names on the pages of the bot whose file this is: what `site` leaves open is the bot's own name and its first
    /// channel. With `[irc]` and `[matrix]` in one file it is the bot on IRC.
    ///
    /// # Errors
    /// When a section does not hold what the bot would take.
    pub fn names(&self, site: SiteConfig) -> Result<SiteConfig, ConfigError> {
        let (bot, channel) = if self.has("irc")? {
            let Irc { nick, channels } = self.section("irc")?;
            (nick, channels.into_iter().next().map(Channel::name))
        } else {
            let Matrix { user, rooms } = self.section("matrix")?;
            (user.as_deref().map(localpart), rooms.into_iter().next().map(|room| linked(&room).unwrap_or(room)))
        };
        Ok(SiteConfig { bot: site.bot.or(bot), channel: site.channel.or(channel), ..site })
    }
}

impl Channel {
    /// With its sign, which may be left out.
    fn name(self) -> String {
        let (Self::Open(name) | Self::Keyed { name }) = self;
        if name.starts_with(['#', '&', '+', '!']) { name } else { format!("#{name}") }
    }
}

/// The first part of a Matrix ID.
fn localpart(user: &str) -> String {
    let user = user.strip_prefix('@').unwrap_or(user);
    user.split_once(':').map_or(user, |(first, _)| first).to_owned()
}

/// The alias or ID of a room that a link leads to.
fn linked(room: &str) -> Option<String> {
    let forms = [("https://matrix.to/#/", ""), ("matrix:r/", "#"), ("matrix:roomid/", "!")];
    let (sign, rest) = forms.iter().find_map(|(start, sign)| Some((sign, room.strip_prefix(start)?)))?;
    let id = rest.split(['/', '?']).next().unwrap_or_default();
    Some(format!("{sign}{}", percent_decode_str(id).decode_utf8().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn names(text: &str) -> (Option<String>, Option<String>) {
        let file = ConfigFile::parse(text, Path::new("ptgbot.toml")).expect("a file");
        let site = file.config(&["irc", "matrix"]).expect("a configuration").site;
        let SiteConfig { bot, channel, .. } = file.names(site).expect("names");
        (bot, channel)
    }

    #[test]
    fn a_bot_is_called_by_its_own_name_and_its_first_channel() {
        let called = |bot: &str, channel: &str| (Some(bot.to_owned()), Some(channel.to_owned()));
        assert_eq!(names("[irc]\nnick = 'b'\nchannels = ['ptg', '#infra']\n"), called("b", "#ptg"));
        assert_eq!(names("{\"irc_nick\": \"b\", \"irc_channel\": \"#ptg\"}"), called("b", "#ptg"));
        let keyed = "[irc]\nnick = 'b'\nchannel = { name = '&ptg', key_file = 'k' }\n";
        assert_eq!(names(keyed), called("b", "&ptg"));
        let matrix = "[matrix]\nuser = '@b:example.org'\nroom = '#ptg:example.org'\n";
        assert_eq!(names(matrix), called("b", "#ptg:example.org"));
        assert_eq!(names(&format!("{matrix}[irc]\nnick = 'i'\nchannel = '#i'\n")), called("i", "#i"));
        for link in ["https://matrix.to/#/%23ptg:example.org?via=a.example", "matrix:r/ptg:example.org?action=join"] {
            let linked = format!("[matrix]\nuser = 'b'\nrooms = ['{link}']\n");
            assert_eq!(names(&linked), called("b", "#ptg:example.org"));
        }
    }

    #[test]
    fn what_the_site_says_goes_before_and_nothing_is_made_up() {
        let said = names("[site]\nbot = 'board'\n[irc]\nnick = 'b'\nchannel = '#ptg'\n");
        assert_eq!(said, (Some("board".into()), Some("#ptg".into())));
        assert_eq!(names("[irc]\nchannel = '#ptg'\n"), (None, Some("#ptg".into())));
        assert_eq!(names("store = 'memory:'\n"), (None, None));
    }
}
