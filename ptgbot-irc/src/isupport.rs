//! What the server says about itself in numeric 005: which marks mean which rights, and how names compare.

use ptgbot_core::{Folding, Role};

/// The server's own rules, read live; what it does not say is as RFC 1459 has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Isupport {
    folding: Folding,
    /// Mode letter and mark, highest right first: `(o, @) (v, +)`.
    prefixes: Vec<(char, char)>,
    /// `CHANMODES` classes: lists, always with a parameter, with one when set.
    classes: [String; 3],
    status_marks: String,
    channel_types: String,
    nick_length: Option<usize>,
    user_length: Option<usize>,
    host_length: Option<usize>,
    /// Where clients can keep a list of whom they hear.
    accept_length: Option<usize>,
}

impl Isupport {
    /// How many an accept list holds where the server does not say (OFTC's setting).
    pub(crate) const USUAL_ACCEPT_LENGTH: usize = 20;

    /// How nicks and channels compare.
    pub(crate) fn folding(&self) -> Folding {
        self.folding
    }

    /// The form of a nick or channel in which two spellings are equal.
    pub(crate) fn fold(&self, name: &str) -> String {
        self.folding.fold(name)
    }

    /// Takes over one 005 line: its words between our nick and the closing remark.
    pub(crate) fn apply(&mut self, words: &[String]) {
        for word in words.iter().filter(|w| !w.contains(' ')) {
            match word.strip_prefix('-') {
                Some(key) => self.reset(key),
                None => {
                    let (key, value) = word.split_once('=').unwrap_or((word, ""));
                    self.set(key, value);
                }
            }
        }
    }

    /// The mode letter of a mark in front of a nick.
    pub(crate) fn letter_of(&self, mark: char) -> Option<char> {
        self.prefixes.iter().find(|(_, m)| *m == mark).map(|(letter, _)| *letter)
    }

    /// True for a mode that gives rights to a person.
    pub(crate) fn is_right(&self, letter: char) -> bool {
        self.prefixes.iter().any(|(l, _)| *l == letter)
    }

    /// How high a right stands; 0 is the highest.
    pub(crate) fn rank(&self, letter: char) -> Option<usize> {
        self.prefixes.iter().position(|(l, _)| *l == letter)
    }

    /// True where nothing stands below this right.
    pub(crate) fn is_lowest(&self, letter: char) -> bool {
        self.rank(letter) == Some(self.prefixes.len().saturating_sub(1))
    }

    /// What a right means to the bot: `o` and everything above it (owners `q`, admins `a`) run the event;
    /// what stands between `o` and `v` (half-ops `h`) counts as voice, for half-ops may not op others.
    pub(crate) fn role(&self, letter: char) -> Role {
        let rank = |wanted| self.rank(wanted).unwrap_or(usize::MAX);
        match self.rank(letter) {
            Some(r) if self.is_right('o') && r <= rank('o') => Role::Op,
            Some(r) if self.is_right('v') && r <= rank('v') => Role::Voice,
            Some(_) | None => Role::Member,
        }
    }

    /// True where a channel mode comes with a parameter.
    pub(crate) fn takes_parameter(&self, letter: char, adding: bool) -> bool {
        let [lists, always, when_set] = &self.classes;
        self.is_right(letter)
            || lists.contains(letter)
            || always.contains(letter)
            || (adding && when_set.contains(letter))
    }

    /// True for the name of a channel.
    pub(crate) fn is_channel(&self, target: &str) -> bool {
        target.starts_with(|c| self.channel_types.contains(c))
    }

    /// The channel behind a target like `@#chan`, which reaches its ops only; a plain one as it is.
    pub(crate) fn without_status<'a>(&self, target: &'a str) -> &'a str {
        let bare = target.trim_start_matches(|c| self.status_marks.contains(c) && !self.channel_types.contains(c));
        if self.is_channel(bare) { bare } else { target }
    }

    /// The longest nick, in bytes, where the server says it.
    pub(crate) fn nick_length(&self) -> Option<usize> {
        self.nick_length
    }

    /// How many people fit on an accept list, where the server has them.
    pub(crate) fn accept_length(&self) -> Option<usize> {
        self.accept_length
    }

    /// The longest `nick!user@host` that the server could put in front of our lines.
    pub(crate) fn longest_source(&self) -> usize {
        let user = self.user_length.unwrap_or(DEFAULT_USER_LENGTH);
        let host = self.host_length.unwrap_or(DEFAULT_HOST_LENGTH);
        self.nick_length.unwrap_or(DEFAULT_NICK_LENGTH) + 1 + user + 1 + host
    }

    fn set(&mut self, key: &str, value: &str) {
        match key {
            "CASEMAPPING" => {
                self.folding = match value.to_ascii_lowercase().as_str() {
                    "ascii" => Folding::Ascii,
                    "strict-rfc1459" | "rfc1459-strict" => Folding::StrictRfc1459,
                    "rfc7613" | "rfc8265" => Folding::Lowercase,
                    _ => Folding::Rfc1459,
                }
            }
            "PREFIX" => {
                if let Some((letters, marks)) = value.strip_prefix('(').and_then(|v| v.split_once(')')) {
                    self.prefixes = letters.chars().zip(marks.chars()).collect();
                } else if value.is_empty() {
                    self.prefixes.clear();
                }
            }
            "CHANMODES" => {
                let mut classes = value.split(',').map(str::to_owned);
                self.classes = [(); 3].map(|()| classes.next().unwrap_or_default());
            }
            "STATUSMSG" => value.clone_into(&mut self.status_marks),
            "CHANTYPES" if !value.is_empty() => value.clone_into(&mut self.channel_types),
            "NICKLEN" => self.nick_length = length(value),
            "USERLEN" => self.user_length = length(value),
            "HOSTLEN" => self.host_length = length(value),
            "CALLERID" => self.accept_length = self.accept_length.or(Some(Self::USUAL_ACCEPT_LENGTH)),
            "ACCEPT" => self.accept_length = length(value),
            _ => {}
        }
    }

    fn reset(&mut self, key: &str) {
        let fresh = Self::default();
        match key {
            "CASEMAPPING" => self.folding = fresh.folding,
            "PREFIX" => self.prefixes = fresh.prefixes,
            "CHANMODES" => self.classes = fresh.classes,
            "STATUSMSG" => self.status_marks = fresh.status_marks,
            "CHANTYPES" => self.channel_types = fresh.channel_types,
            "NICKLEN" => self.nick_length = None,
            "USERLEN" => self.user_length = None,
            "HOSTLEN" => self.host_length = None,
            "CALLERID" | "ACCEPT" => self.accept_length = None,
            _ => {}
        }
    }
}

impl Default for Isupport {
    fn default() -> Self {
        Self {
            folding: Folding::Rfc1459,
            prefixes: vec![('o', '@'), ('v', '+')],
            classes: ["beI".to_owned(), "k".to_owned(), "l".to_owned()],
            status_marks: "@+".to_owned(),
            channel_types: "#&".to_owned(),
            nick_length: None,
            user_length: None,
            host_length: None,
            accept_length: None,
        }
    }
}

/// Lengths that make no sense are as good as none.
fn length(value: &str) -> Option<usize> {
    value.parse().ok().filter(|n| (1..=200).contains(n))
}

const DEFAULT_NICK_LENGTH: usize = 30;
const DEFAULT_USER_LENGTH: usize = 11;
const DEFAULT_HOST_LENGTH: usize = 64;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn server(words: &str) -> Isupport {
        let mut isupport = Isupport::default();
        isupport.apply(&words.split(' ').map(str::to_owned).collect::<Vec<_>>());
        isupport
    }

    #[test]
    fn owners_and_admins_run_the_event_and_half_ops_are_voiced() {
        let inspircd = server("PREFIX=(Yqaohv)!~&@%+ CASEMAPPING=ascii");
        for letter in ['Y', 'q', 'a', 'o'] {
            assert_eq!(inspircd.role(letter), Role::Op, "{letter}");
        }
        assert_eq!((inspircd.role('h'), inspircd.role('v')), (Role::Voice, Role::Voice));
        assert_eq!(inspircd.role('b'), Role::Member);
        assert_eq!(inspircd.folding(), Folding::Ascii);
    }

    #[test]
    fn a_letter_is_what_the_server_says_it_is() {
        let oftc = server("PREFIX=(ov)@+ CHANMODES=beIq,k,l,cimnprstzMRS");
        assert!(oftc.takes_parameter('q', false) && !oftc.is_right('q'));
        assert!(oftc.takes_parameter('l', true) && !oftc.takes_parameter('l', false));
        assert!(oftc.takes_parameter('k', false) && !oftc.takes_parameter('R', true));
        assert_eq!(oftc.role('q'), Role::Member);
    }

    #[test]
    fn a_status_target_is_its_channel() {
        let oftc = server("STATUSMSG=@+ CHANTYPES=#&");
        assert_eq!(oftc.without_status("@#ptg"), "#ptg");
        assert_eq!(oftc.without_status("@+#ptg"), "#ptg");
        assert_eq!(oftc.without_status("#ptg"), "#ptg");
        assert_eq!(oftc.without_status("@jane"), "@jane");
        assert_eq!(server("STATUSMSG=@+ CHANTYPES=#&+").without_status("+ptg"), "+ptg");
    }

    #[test]
    fn a_word_taken_back_is_the_default_again() {
        let mut isupport = server("NICKLEN=9 PREFIX=(ohv)@%+");
        assert_eq!(isupport.nick_length(), Some(9));
        isupport.apply(&["-NICKLEN".to_owned(), "-PREFIX".to_owned(), "are supported by this server".to_owned()]);
        assert_eq!(isupport, Isupport::default());
    }

    #[test]
    fn accept_lists_have_twenty_places_unless_the_server_says_how_many() {
        assert_eq!(server("CALLERID").accept_length(), Some(20));
        assert_eq!(server("ACCEPT=50 CALLERID=g").accept_length(), Some(50));
        assert_eq!(server("CASEMAPPING=ascii").accept_length(), None);
    }

    #[test]
    fn nonsense_changes_nothing() {
        assert_eq!(server("PREFIX=ov NICKLEN=-1 USERLEN=999999999999 CHANTYPES= FOO=BAR ="), Isupport::default());
    }
}
