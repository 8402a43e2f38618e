//! The IRC transport by itself against real servers: what it hears, and that what it says arrives.

use futures_util::StreamExt;
use ptgbot_core::{
    Ask, Folding, Inbox, Network, Outgoing, Outlet, Person, PersonId, Place, Reply, Request, Role, SendError, Sending,
    Target, Transport,
};
use ptgbot_irc::{ClientCertificate, Identified, IdentifyOrder, IrcTransport, Security, Settings};
use ptgbot_tests::deadline::PATIENCE;
use ptgbot_tests::{Ircd, RawClient, Services, on_both};
use std::time::Duration;
use tokio::time::timeout;

/// The transport with somebody at the controls.
struct Bot {
    inbox: Inbox,
    outlet: Box<dyn Outlet>,
    /// What was said and is not taken yet.
    under_way: Vec<Sending>,
}

impl Bot {
    fn start(settings: Settings) -> Self {
        let transport = IrcTransport::new(settings).expect("good settings");
        let (inbox, outlet) = Box::new(transport).open();
        Self { inbox, outlet, under_way: Vec::new() }
    }

    /// The next message that reaches the bot.
    async fn hears(&mut self) -> Request {
        let heard = timeout(PATIENCE, self.inbox.next()).await.expect("a message in time");
        heard.expect("a network").expect("a message").request
    }

    async fn says(&mut self, message: Outgoing) {
        for piece in self.outlet.split(message) {
            timeout(PATIENCE, self.outlet.ready()).await.expect("room for one more");
            self.under_way.push(self.outlet.send(piece));
        }
    }

    /// Waits until the server has taken all that was said.
    async fn is_heard(&mut self) {
        for sending in self.under_way.drain(..) {
            timeout(PATIENCE, sending).await.expect("in time").expect("taken");
        }
    }

    async fn announces(&mut self, text: &str) {
        let (to, user, in_reply_to) = (Target::Room("#ptg".into()), None, None);
        self.says(Outgoing::Reply { to, user, in_reply_to, reply: text.into() }).await;
    }

    async fn stops(self) {
        let Self { outlet, under_way, .. } = self;
        timeout(PATIENCE, outlet.close()).await.expect("a goodbye").expect("nothing is lost");
        for sending in under_way {
            sending.await.expect("taken");
        }
    }
}

fn settings(ircd: &Ircd) -> Settings {
    let mut settings = Settings::new("127.0.0.1", ircd.port(), "ptgbot", "#ptg").expect("settings");
    settings.security = Security::Plain;
    settings.timing.reconnect_first = Duration::from_millis(50);
    settings.timing.reconnect_most = Duration::from_millis(500);
    settings.timing.rejoin_first = Duration::from_millis(50);
    settings.timing.rejoin_most = Duration::from_millis(500);
    settings
}

fn said(request: &Request) -> (&str, Role, &str) {
    let name = request.from.as_ref().map(|p| p.name.as_str()).unwrap_or_default();
    match &request.ask {
        Ask::Said(text) => (name, request.role, text),
        other => panic!("{other:?}"),
    }
}

/// The channel with an op in it, and the bot.
async fn room(ircd: &Ircd, settings: Settings) -> (Bot, RawClient) {
    let mut op = RawClient::register(ircd, "gibi").await;
    op.join("#ptg").await;
    let bot = Bot::start(settings);
    op.expect("the bot", |line| line.contains("JOIN") && line.contains("ptgbot")).await;
    (bot, op)
}

on_both!(
    rights_are_live,
    a_kick_a_kill_and_a_crash_are_survived,
    a_ban_is_waited_out,
    a_flood_arrives_whole_and_in_order,
    long_lines_arrive_whole,
    tls_is_verified,
    a_taken_nick_is_regained,
    channels_for_identified_people_are_joined,
    a_certificate_is_as_good_as_a_password,
    only_identified_people_are_heard,
    services_that_come_later_are_asked_again,
    what_nobody_can_hear_is_refused,
    it_says_goodbye,
);

async fn rights_are_live(ircd: Ircd) {
    let (mut bot, mut op) = room(&ircd, settings(&ircd)).await;
    op.say("#ptg", "#swift now \u{3}04rings\u{3}");
    let request = bot.hears().await;
    assert_eq!(said(&request), ("gibi", Role::Op, "#swift now rings"));
    assert_eq!((&request.place, request.bot.as_str()), (&Place::Room("#ptg".into()), "ptgbot"));

    let mut jane = RawClient::register(&ircd, "Jane[m]").await;
    jane.join("#ptg").await;
    jane.say("#PTG", "1");
    assert_eq!(said(&bot.hears().await), ("Jane[m]", Role::Member, "1"));
    op.mode("#ptg", "+v Jane[m]").await;
    jane.expect_from("gibi", "MODE").await;
    jane.say("#ptg", "2");
    assert_eq!(said(&bot.hears().await).1, Role::Voice);
    op.mode("#ptg", "+kl-v+o key 50 Jane[m] Jane[m]").await;
    op.mode("#ptg", "-l+b *!*@spam.example").await;
    jane.fence().await;
    jane.say("#ptg", "3");
    assert_eq!(said(&bot.hears().await).1, Role::Op);
    op.mode("#ptg", "-l+v-o Jane[m] Jane[m]").await;
    jane.fence().await;
    jane.nick("jane_").await;
    jane.say("#ptg", "4");
    assert_eq!(said(&bot.hears().await), ("jane_", Role::Voice, "4"));
    jane.say("ptgbot", "help");
    let private = bot.hears().await;
    assert_eq!((said(&private), &private.place), (("jane_", Role::Member, "help"), &Place::Private));
    jane.part("#ptg").await;
    jane.send_raw("JOIN #ptg key");
    jane.expect("names", |line| line.contains(" 366 ")).await;
    jane.say("@#ptg", "not for us unless we are op");
    jane.notice("#ptg", "#swift now noticed");
    jane.say("#ptg", "\u{1}ACTION waves\u{1}");
    jane.say("#ptg", "* #swift now edited");
    jane.say("#ptg", "5");
    assert_eq!(said(&bot.hears().await), ("jane_", Role::Member, "5"));
    let answer = Outgoing::Reply {
        to: Target::Room("#ptg".into()),
        user: Some(Person::new(&Network::nearest("test"), "jane_", Folding::Rfc1459)),
        in_reply_to: None,
        reply: Reply::from("one\ntwo"),
    };
    bot.says(answer).await;
    jane.expect_from("ptgbot", "PRIVMSG #ptg :jane_: one").await;
    jane.expect_from("ptgbot", "PRIVMSG #ptg :two").await;
    jane.say("ptgbot", "\u{1}VERSION\u{1}");
    jane.say("ptgbot", "\u{1}PING 12 34\u{1}");
    jane.expect_from("ptgbot", "NOTICE jane_ :\u{1}VERSION ptgbot").await;
    jane.expect_from("ptgbot", "NOTICE jane_ :\u{1}PING 12 34\u{1}").await;
}

async fn a_kick_a_kill_and_a_crash_are_survived(mut ircd: Ircd) {
    let (mut bot, mut op) = room(&ircd, settings(&ircd)).await;
    op.kick("#ptg", "ptgbot", "out").await;
    bot.announces("after the kick").await;
    op.expect_from("ptgbot", "PRIVMSG #ptg :after the kick").await;
    op.say("#ptg", "1");
    assert_eq!(said(&bot.hears().await), ("gibi", Role::Op, "1"));

    op.oper().await;
    op.kill("ptgbot", "test");
    bot.announces("after the kill").await;
    op.expect_from("ptgbot", "PRIVMSG #ptg :after the kill").await;
    op.say("#ptg", "2");
    assert_eq!(said(&bot.hears().await), ("gibi", Role::Op, "2"));

    ircd.crash().await;
    op.closed().await;
    let outlet = tokio::spawn(async move {
        bot.announces("after the crash").await;
        bot
    });
    ircd.start().await;
    let mut op = RawClient::register(&ircd, "gibi").await;
    op.join("#ptg").await;
    let mut bot = outlet.await.expect("the bot lives");
    op.say("#ptg", "3");
    assert_eq!(said(&bot.hears().await).2, "3");
    bot.announces("still here").await;
    op.expect_from("ptgbot", "PRIVMSG #ptg :still here").await;
}

async fn a_ban_is_waited_out(ircd: Ircd) {
    let mut op = RawClient::register(&ircd, "gibi").await;
    op.join("#ptg").await;
    op.mode("#ptg", "+b ptgbot!*@*").await;
    let mut bot = Bot::start(settings(&ircd));
    let jane = RawClient::register(&ircd, "jane").await;
    let heard = async {
        loop {
            jane.say("ptgbot", "are you there?");
            if timeout(Duration::from_millis(200), bot.hears()).await.is_ok() {
                return;
            }
        }
    };
    timeout(PATIENCE, heard).await.expect("the bot is on the server");
    op.mode("#ptg", "-b ptgbot!*@*").await;
    op.expect("the bot", |line| line.contains("JOIN") && line.contains("ptgbot")).await;
}

async fn a_flood_arrives_whole_and_in_order(ircd: Ircd) {
    let (mut bot, mut op) = room(&ircd, settings(&ircd)).await;
    let text = "x".repeat(350);
    for n in 0..14 {
        bot.announces(&format!("line {n} {text}")).await;
    }
    for n in 0..14 {
        let next = op.expect_from("ptgbot", "PRIVMSG #ptg :line").await;
        assert!(next.contains(&format!(":line {n} ")) && next.ends_with(&text), "{next}");
    }
    assert!(!op.log().iter().any(|line| line.contains("QUIT")), "no excess flood");
}

async fn long_lines_arrive_whole(ircd: Ircd) {
    let (mut bot, mut op) = room(&ircd, settings(&ircd)).await;
    op.say("#ptg", "hello");
    bot.hears().await;
    let words: Vec<String> = (0..120).map(|n| format!("wört{n}😀")).collect();
    bot.announces(&words.join(" ")).await;
    let mut arrived = Vec::new();
    while arrived.len() < words.len() {
        let line = op.expect_from("ptgbot", "PRIVMSG #ptg").await;
        assert!(line.len() <= 510 && !line.contains('\u{fffd}'), "{line}");
        let (_, text) = line.split_once("PRIVMSG #ptg :").expect("a message");
        arrived.extend(text.split(' ').map(str::to_owned));
    }
    assert_eq!(arrived, words);
}

async fn tls_is_verified(ircd: Ircd) {
    let mut untrusted = settings(&ircd);
    (untrusted.server, untrusted.port) = ("localhost".parse().expect("a host"), ircd.tls_port());
    untrusted.security = Security::Tls { ca_file: None, client: None };
    let mut bot = Bot::start(untrusted.clone());
    let refused = timeout(PATIENCE, bot.inbox.next()).await.expect("in time").expect("an end");
    let refused = refused.expect_err("an unknown authority");
    let expected = format!("cannot verify the TLS certificate of localhost:{}", ircd.tls_port());
    assert!(refused.to_string().starts_with(&expected), "{refused}");

    let identity = ircd.certificates().client("bot");
    let client = ClientCertificate::new(&identity.certificate, &identity.key);
    untrusted.security = Security::Tls { ca_file: Some(ircd.certificates().authority.clone()), client: Some(client) };
    untrusted.timing.identify = Duration::from_millis(100);
    let (_bot, mut op) = room(&ircd, untrusted).await;
    let whois = op.whois("ptgbot").await;
    let print = identity.fingerprint("sha256");
    op.oper().await;
    let whois = if whois.iter().any(|l| l.to_lowercase().contains(&print)) { whois } else { op.whois("ptgbot").await };
    assert!(whois.iter().any(|line| line.to_lowercase().contains(&print)), "{whois:#?}");
}

async fn a_taken_nick_is_regained(ircd: Ircd) {
    let Some(services) = Services::anope(&ircd).await else { return };
    let mut ghost = RawClient::register(&ircd, "ptgbot").await;
    services.register(&mut ghost, "sesame").await;
    let mut op = RawClient::register(&ircd, "gibi").await;
    op.join("#ptg").await;
    let mut with_password = settings(&ircd);
    with_password.password = Some("sesame".into());
    with_password.identify = IdentifyOrder::NickFirst;
    let mut bot = Bot::start(with_password);
    op.expect("the bot", |line| line.contains("JOIN") && line.contains("ptgbot_")).await;
    op.expect("its nick", |line| line.starts_with(":ptgbot_!") && line.ends_with("NICK :ptgbot")).await;
    op.say("#ptg", "ptgbot: #swift now x");
    assert_eq!(bot.hears().await.bot, "ptgbot");
}

async fn channels_for_identified_people_are_joined(ircd: Ircd) {
    let Some(services) = Services::anope(&ircd).await else { return };
    let mut owner = RawClient::register(&ircd, "ptgbot").await;
    services.register(&mut owner, "sesame").await;
    owner.quit().await;
    let mut op = RawClient::register(&ircd, "gibi").await;
    op.join("#ptg").await;
    op.mode("#ptg", "+R").await;
    let mut with_password = settings(&ircd);
    with_password.password = Some("sesame".into());
    with_password.timing.rejoin_first = Duration::from_secs(300);
    let _bot = Bot::start(with_password);
    op.expect("the bot", |line| line.contains("JOIN") && line.contains("ptgbot")).await;
}

/// On ircd-hybrid services see the fingerprint by themselves; on InspIRCd it is SASL EXTERNAL.
async fn a_certificate_is_as_good_as_a_password(ircd: Ircd) {
    let Some(services) = Services::anope(&ircd).await else { return };
    let identity = ircd.certificates().client("bot");
    let mut owner = RawClient::register_tls(&ircd, "ptgbot", Some(&identity)).await;
    services.register(&mut owner, "sesame").await;
    owner.say("NickServ", "CERT ADD");
    owner.expect_from("NickServ", "certificate list").await;
    owner.quit().await;
    let mut op = RawClient::register(&ircd, "gibi").await;
    op.join("#ptg").await;
    op.mode("#ptg", "+R").await;
    let mut with_certificate = settings(&ircd);
    (with_certificate.server, with_certificate.port) = ("localhost".parse().expect("a host"), ircd.tls_port());
    let client = ClientCertificate::new(&identity.certificate, &identity.key);
    let ca_file = Some(ircd.certificates().authority.clone());
    with_certificate.security = Security::Tls { ca_file, client: Some(client) };
    with_certificate.timing.rejoin_first = Duration::from_secs(300);
    let _bot = Bot::start(with_certificate);
    op.expect("the bot", |line| line.contains("JOIN") && line.contains("ptgbot")).await;
}

async fn only_identified_people_are_heard(ircd: Ircd) {
    let Some(services) = Services::anope(&ircd).await else { return };
    let mut strict = settings(&ircd);
    strict.identified = Identified::Required;
    let (mut bot, mut op) = room(&ircd, strict).await;
    op.say("#ptg", "everyday words");
    assert_eq!(said(&bot.hears().await).2, "everyday words");
    op.say("#ptg", "#swift now refused");
    op.expect_from("ptgbot", "PRIVMSG #ptg :gibi: I take commands from people who are identified").await;
    services.register(&mut op, "sesame").await;
    let heard = async {
        // The refusal is remembered for a moment, as people are.
        loop {
            op.say("#ptg", "#swift now heard");
            if let Ok(request) = timeout(Duration::from_secs(2), bot.hears()).await {
                return request;
            }
        }
    };
    let request = timeout(PATIENCE, heard).await.expect("heard after identification");
    assert_eq!(said(&request), ("gibi", Role::Op, "#swift now heard"));
}

async fn services_that_come_later_are_asked_again(ircd: Ircd) {
    let Some(mut services) = Services::anope(&ircd).await else { return };
    let mut owner = RawClient::register(&ircd, "ptgbot").await;
    services.register(&mut owner, "sesame").await;
    owner.quit().await;
    services.process().stop().await;
    let mut with_password = settings(&ircd);
    with_password.password = Some("sesame".into());
    with_password.identify = IdentifyOrder::NickFirst;
    with_password.timing.identify = Duration::from_millis(200);
    let (_bot, mut op) = room(&ircd, with_password).await;
    op.mode("#ptg", "+R").await;
    op.kick("#ptg", "ptgbot", "unknown to services").await;
    services.linked(&ircd).await;
    op.expect("the bot", |line| line.contains("JOIN") && line.contains("ptgbot")).await;
}

async fn what_nobody_can_hear_is_refused(ircd: Ircd) {
    let (mut bot, _op) = room(&ircd, settings(&ircd)).await;
    let nobody = PersonId::new(&Network::nearest("test"), "nobody", Folding::Rfc1459);
    bot.says(Outgoing::Notify { to: nobody, revision: 1, reply: "lost".into() }).await;
    let refused = bot.under_way.pop().expect("one piece").await.expect_err("there is no such person");
    assert!(matches!(&refused, SendError::Refused(why) if why.contains("nobody")), "{refused}");
    bot.announces("heard").await;
    bot.is_heard().await;
}

async fn it_says_goodbye(ircd: Ircd) {
    let (mut bot, mut op) = room(&ircd, settings(&ircd)).await;
    bot.announces("last words").await;
    bot.stops().await;
    op.expect_from("ptgbot", "PRIVMSG #ptg :last words").await;
    op.expect_from("ptgbot", "QUIT").await;
}

#[tokio::test]
async fn sasl_identifies_before_the_first_join() {
    let Some(ircd) = Ircd::inspircd().await else { return };
    let Some(services) = Services::anope(&ircd).await else { return };
    let mut owner = RawClient::register(&ircd, "ptgbot").await;
    services.register(&mut owner, "sesame").await;
    owner.quit().await;
    let mut with_password = settings(&ircd);
    with_password.password = Some("sesame".into());
    with_password.nickserv = "nobody".parse().expect("a word");
    let (_bot, mut op) = room(&ircd, with_password).await;
    let whois = op.whois("ptgbot").await;
    assert!(whois.iter().any(|line| line.contains(" 330 ") && line.contains("ptgbot")), "{whois:#?}");
}

#[tokio::test]
async fn what_the_server_throttles_is_said_again() {
    let Some(ircd) = Ircd::hybrid().await else { return };
    let (mut bot, mut op) = room(&ircd, settings(&ircd)).await;
    op.oper().await;
    op.send_raw("SET FLOODCOUNT 2");
    op.send_raw("SET FLOODTIME 2");
    op.fence().await;
    for n in 0..4 {
        bot.announces(&format!("line {n}")).await;
    }
    let mut arrived = Vec::new();
    while arrived.len() < 4 {
        let line = op.expect_from("ptgbot", "PRIVMSG #ptg :line").await;
        arrived.extend(line.rsplit_once(' ').map(|(_, n)| n.to_owned()));
    }
    assert_eq!(arrived, ["0", "1", "2", "3"]);
}

#[tokio::test]
async fn an_enforced_rename_is_answered() {
    let Some(ircd) = Ircd::hybrid().await else { return };
    let Some(services) = Services::anope(&ircd).await else { return };
    let mut owner = RawClient::register(&ircd, "ptgbot").await;
    services.register(&mut owner, "sesame").await;
    owner.say("NickServ", "SET KILL QUICK");
    owner.expect_from("NickServ", "rotection").await;
    owner.quit().await;
    // The wrong password first: services then take the nick away, and the bot goes on under the one it is given.
    let mut wrong = settings(&ircd);
    wrong.password = Some("wrong".into());
    let (mut bot, mut op) = room(&ircd, wrong).await;
    let renamed = op.expect("a rename", |line| line.starts_with(":ptgbot!") && line.contains(" NICK :")).await;
    let (_, guest) = renamed.rsplit_once(':').expect("a new nick");
    op.say(guest, "who are you?");
    assert_eq!(bot.hears().await.bot, guest);
}
