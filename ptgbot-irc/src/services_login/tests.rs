//! What services say, and what the bot makes of it.

use super::*;

fn settings(password: Option<&str>) -> Settings {
    let mut settings = Settings::new("irc.example.org", 6697, "ptgbot", "#ptg").unwrap();
    settings.password = password.map(Into::into);
    settings
}

fn said(out: &mut VecDeque<Command>) -> Vec<String> {
    out.drain(..).map(|c| String::from(&c)).collect()
}

#[test]
fn channels_wait_for_services_to_answer() {
    let (settings, now) = (settings(Some("secret")), Instant::now());
    for answer in ["You are successfully identified as ptgbot.", "Password accepted - you are now recognized."] {
        let (mut login, mut out) = (ServicesLogin::new(&settings, Duty::Acts), VecDeque::new());
        login.welcomed("ptgbot", false, &settings, now, &mut out);
        assert_eq!(said(&mut out), ["PRIVMSG NickServ :IDENTIFY secret"]);
        login.notice("This nickname is registered. Please choose another or /msg NickServ IDENTIFY password", now);
        assert!(!login.may_join());
        login.notice(answer, now);
        assert!(!login.may_join(), "the server shows it a moment later");
        let shown = login.wake_at().unwrap();
        login.tick("ptgbot", &settings, shown, &mut out);
        assert!(shown < now + settings.timing.identify && login.is_known());
    }
}

#[test]
fn silent_services_and_a_wrong_password_do_not_keep_us_out() {
    let (settings, now) = (settings(Some("secret")), Instant::now());
    let (mut login, mut out) = (ServicesLogin::new(&settings, Duty::Acts), VecDeque::new());
    login.welcomed("ptgbot", false, &settings, now, &mut out);
    assert_eq!(login.wake_at(), Some(now + settings.timing.identify));
    login.tick("ptgbot", &settings, now + settings.timing.identify, &mut out);
    assert!(login.may_join() && !login.is_known());

    login.welcomed("ptgbot", false, &settings, now, &mut out);
    assert!(login.notice("Password incorrect.", now), "it is told");
    assert!(login.may_join() && !login.is_known());
}

#[test]
fn without_secrets_channels_are_joined_at_once() {
    let (settings, now) = (settings(None), Instant::now());
    let (mut login, mut out) = (ServicesLogin::new(&settings, Duty::Acts), VecDeque::new());
    assert!(!login.may_join());
    login.welcomed("ptgbot", false, &settings, now, &mut out);
    assert!(login.may_join() && out.is_empty());
}

#[test]
fn a_taken_nick_is_regained_after_identification() {
    let (settings, now) = (settings(Some("secret")), Instant::now());
    let (mut login, mut out) = (ServicesLogin::new(&settings, Duty::Acts), VecDeque::new());
    login.welcomed("ptgbot_", false, &settings, now, &mut out);
    assert_eq!(said(&mut out), ["PRIVMSG NickServ :IDENTIFY secret ptgbot"]);
    login.tick("ptgbot_", &settings, now, &mut out);
    assert!(out.is_empty(), "services answer first");
    login.known();
    login.tick("ptgbot_", &settings, now, &mut out);
    assert_eq!(said(&mut out), ["PRIVMSG NickServ :REGAIN ptgbot secret"]);
    login.tick("ptgbot_", &settings, now + AFTER_REGAIN, &mut out);
    assert_eq!(said(&mut out), ["NICK ptgbot"]);
    login.tick("ptgbot_", &settings, now + FIRST_REGAIN, &mut out);
    assert_eq!(said(&mut out), ["PRIVMSG NickServ :RECOVER ptgbot secret"]);
    login.renamed("ptgbot", now + FIRST_REGAIN);
    login.known();
    assert_eq!(login.wake_at(), None);
}

#[test]
fn an_enforced_rename_is_answered() {
    let (settings, now) = (settings(Some("secret")), Instant::now());
    let (mut login, mut out) = (ServicesLogin::new(&settings, Duty::Acts), VecDeque::new());
    login.welcomed("ptgbot", false, &settings, now, &mut out);
    login.tick("ptgbot", &settings, now + settings.timing.identify, &mut out);
    out.clear();
    let later = now + Duration::from_secs(60);
    login.renamed("Guest1234", later);
    login.tick("Guest1234", &settings, later, &mut out);
    assert_eq!(said(&mut out), ["PRIVMSG NickServ :IDENTIFY secret ptgbot"]);
    assert!(login.wake_at().is_some());
}

#[test]
fn a_nick_that_is_taken_away_again_and_again_is_asked_for_less_and_less() {
    let (settings, mut now) = (settings(None), Instant::now());
    let (mut login, mut out) = (ServicesLogin::new(&settings, Duty::Acts), VecDeque::new());
    login.welcomed("ptgbot", false, &settings, now, &mut out);
    let mut waits = Vec::new();
    for _ in 0..4 {
        now += Duration::from_secs(2);
        login.renamed("Guest1", now);
        let at = login.wake_at().unwrap();
        waits.push((at - now).as_secs());
        now = at;
        login.tick("Guest1", &settings, now, &mut out);
        assert_eq!(said(&mut out), ["NICK ptgbot"]);
        login.renamed("ptgbot", now);
    }
    assert_eq!(waits, [0, 10, 20, 40]);
}

#[test]
fn other_services_want_the_nick_first() {
    let (mut settings, now) = (settings(Some("secret")), Instant::now());
    settings.identify = IdentifyOrder::NickFirst;
    settings.account = Some("events".parse().unwrap());
    let (mut login, mut out) = (ServicesLogin::new(&settings, Duty::Acts), VecDeque::new());
    login.welcomed("ptgbot", false, &settings, now, &mut out);
    assert_eq!(said(&mut out), ["PRIVMSG NickServ :IDENTIFY events secret"]);
}

#[test]
fn without_a_password_the_nick_is_tried_again_and_again() {
    let (settings, now) = (settings(None), Instant::now());
    let (mut login, mut out) = (ServicesLogin::new(&settings, Duty::Acts), VecDeque::new());
    login.welcomed("ptgbot_", false, &settings, now, &mut out);
    login.tick("ptgbot_", &settings, now, &mut out);
    assert_eq!(said(&mut out), ["NICK ptgbot"]);
    assert_eq!(login.wake_at(), Some(now + FIRST_REGAIN));
}

/// Welcomed with a password, and identified at once.
fn identified() -> (ServicesLogin, Settings, Instant, VecDeque<Command>) {
    let (settings, now) = (settings(Some("secret")), Instant::now());
    let (mut login, mut out) = (ServicesLogin::new(&settings, Duty::Acts), VecDeque::new());
    login.welcomed("ptgbot", false, &settings, now, &mut out);
    login.known();
    out.clear();
    (login, settings, now, out)
}

/// Lets time pass until services are asked again; how long that took, in seconds.
fn asks_again(login: &mut ServicesLogin, nick: &str, settings: &Settings, now: &mut Instant) -> u64 {
    let (start, mut out) = (*now, VecDeque::new());
    loop {
        *now = login.wake_at().unwrap().max(*now);
        login.tick(nick, settings, *now, &mut out);
        if said(&mut out).iter().any(|line| line.contains("IDENTIFY")) {
            return (*now - start).as_secs();
        }
    }
}

#[test]
fn services_that_are_away_are_asked_again_and_again() {
    let (settings, mut now) = (settings(Some("secret")), Instant::now());
    let mut login = ServicesLogin::new(&settings, Duty::Acts);
    login.welcomed("ptgbot", false, &settings, now, &mut VecDeque::new());
    let mut waits = Vec::new();
    for _ in 0..8 {
        login.services_are_away(now);
        assert!(login.may_join());
        waits.push(asks_again(&mut login, "ptgbot", &settings, &mut now));
    }
    assert_eq!(waits, [10, 20, 40, 80, 160, 300, 300, 300]);
    login.notice("You are successfully identified as ptgbot.", now);
    login.known();
    assert!(login.is_known() && login.wake_at().is_none());
}

#[test]
fn services_that_say_nothing_are_asked_again() {
    let (settings, mut now) = (settings(Some("secret")), Instant::now());
    let mut login = ServicesLogin::new(&settings, Duty::Acts);
    login.welcomed("ptgbot", false, &settings, now, &mut VecDeque::new());
    let silence = settings.timing.identify.as_secs();
    assert_eq!(asks_again(&mut login, "ptgbot", &settings, &mut now), silence + 10);
    assert_eq!(asks_again(&mut login, "ptgbot", &settings, &mut now), silence + 20);
}

#[test]
fn a_rename_right_after_identifying_is_followed_by_another_identification() {
    let (settings, mut now) = (settings(Some("secret")), Instant::now());
    let mut login = ServicesLogin::new(&settings, Duty::Acts);
    login.welcomed("ptgbot", false, &settings, now, &mut VecDeque::new());
    now += Duration::from_secs(1);
    login.renamed("Guest1234", now);
    assert_eq!(asks_again(&mut login, "Guest1234", &settings, &mut now), 4);
}

#[test]
fn each_rename_is_followed_by_another_identification() {
    let (mut login, settings, mut now, _) = identified();
    for _ in 0..3 {
        now += Duration::from_secs(30);
        login.renamed("Guest1234", now);
        assert_eq!(asks_again(&mut login, "Guest1234", &settings, &mut now), 0);
        login.known();
        now += Duration::from_secs(2);
        login.renamed("ptgbot", now);
        assert_eq!(asks_again(&mut login, "ptgbot", &settings, &mut now), 3);
        login.known();
    }
}

#[test]
fn an_account_stays_ours_under_any_nick() {
    let (mut login, _, now, _) = identified();
    login.logged_in();
    login.renamed("Guest1234", now + Duration::from_secs(30));
    assert!(login.is_known());
}

#[test]
fn a_prompt_and_a_channel_for_identified_people_have_us_identify() {
    let prompt = "This nickname is registered and protected. If it is your nick, type /msg NickServ IDENTIFY password.";
    let signs: [fn(&mut ServicesLogin, &str, Instant); 2] =
        [|login, prompt, now| assert!(!login.notice(prompt, now)), |login, _, now| login.is_needed(now)];
    for sign in signs {
        let (mut login, settings, mut now, _) = identified();
        now += Duration::from_secs(30);
        sign(&mut login, prompt, now);
        assert!(!login.is_known());
        assert_eq!(asks_again(&mut login, "ptgbot", &settings, &mut now), 0);
        sign(&mut login, prompt, now);
        assert!(!login.may_join(), "asked already");
    }
}

#[test]
fn a_password_that_was_refused_is_not_pressed() {
    let (settings, mut now) = (settings(Some("secret")), Instant::now());
    let mut login = ServicesLogin::new(&settings, Duty::Acts);
    login.welcomed("ptgbot", false, &settings, now, &mut VecDeque::new());
    login.notice("Password incorrect.", now);
    for _ in 0..10 {
        login.is_needed(now);
    }
    assert_eq!(asks_again(&mut login, "ptgbot", &settings, &mut now), AFTER_REFUSAL.as_secs());
}

#[test]
fn a_nick_that_the_server_cuts_is_not_asked_for_again() {
    let (settings, now) = (settings(None), Instant::now());
    let (mut login, mut out) = (ServicesLogin::new(&settings, Duty::Acts), VecDeque::new());
    login.welcomed("ptgb", false, &settings, now, &mut out);
    login.nick_is_cut("ptgb", "ptgb", now);
    login.tick("ptgb", &settings, now, &mut out);
    assert!(out.is_empty() && login.wake_at().is_none());
}
