//! The real counterparts do what the whole-system tests rely on.

use ptgbot_tests::ircd::Software;
use ptgbot_tests::raw_client::numeric;
use ptgbot_tests::{Ircd, RawClient, Services, on_both};

on_both!(
    two_clients_talk,
    modes_and_kicks_reach_everybody,
    an_operator_kills_a_client,
    a_restart_breaks_connections_and_takes_new_ones,
    tls_is_verified_and_shows_the_client_certificate,
    only_clients_that_drive_the_test_have_no_flood_limits,
    nickserv_identification_is_seen_by_others,
    a_protected_nick_is_taken_away_and_regained,
    a_known_certificate_identifies,
);

#[tokio::test]
async fn hybrid_throttles_a_busy_channel() {
    let Some(ircd) = Ircd::hybrid().await else {
        return;
    };
    let mut crowd = Vec::new();
    for nick in ["kim", "lou", "max", "ned", "oz"] {
        let mut client = RawClient::register_limited(&ircd, nick).await;
        client.join("#ptg").await;
        crowd.push(client);
    }
    for text in ["one", "two", "three"] {
        for client in &crowd {
            client.say("#ptg", text);
        }
    }
    let mut throttled = 0;
    for client in &mut crowd {
        let seen = client.fence().await;
        throttled += seen.iter().filter(|line| line.contains(THROTTLED)).count();
    }
    assert!(throttled > 0);
}

const THROTTLED: &str = "*** Message to #ptg throttled due to flooding";

async fn two_clients_talk(ircd: Ircd) {
    let mut jane = RawClient::register(&ircd, "jane").await;
    let mut john = RawClient::register(&ircd, "john").await;
    jane.join("#ptg").await;
    john.join("#ptg").await;
    jane.say("#ptg", "hello");
    john.expect_from("jane", "PRIVMSG #ptg :hello").await;
    john.notice("jane", "hush");
    jane.expect_from("john", "NOTICE jane :hush").await;
    assert_eq!(jane.names("#ptg").await.len(), 2);
    jane.quit().await;
    john.expect_from("jane", "QUIT").await;
}

async fn modes_and_kicks_reach_everybody(ircd: Ircd) {
    let mut op = RawClient::register(&ircd, "gibi").await;
    let mut jane = RawClient::register(&ircd, "jane").await;
    op.join("#ptg").await;
    jane.join("#ptg").await;
    op.mode("#ptg", "+v jane").await;
    jane.expect_from("gibi", "MODE #ptg +v").await;
    let mut names = op.names("#ptg").await;
    names.sort();
    assert_eq!(names, ["+jane", "@gibi"]);
    op.mode("#ptg", "+o-v jane jane").await;
    jane.nick("jane_").await;
    op.expect_from("jane", "NICK").await;
    op.kick("#ptg", "jane_", "enough").await;
    jane.expect_from("gibi", "KICK #ptg jane_ :enough").await;
    jane.join("#ptg").await;
    assert!(jane.names("#ptg").await.contains(&"jane_".to_owned()));
}

async fn an_operator_kills_a_client(ircd: Ircd) {
    let mut oper = RawClient::register(&ircd, "oper").await;
    let mut jane = RawClient::register(&ircd, "jane").await;
    oper.join("#ptg").await;
    jane.join("#ptg").await;
    oper.oper().await;
    oper.kill("jane", "test");
    jane.closed().await;
    oper.expect_from("jane", "QUIT").await;
}

async fn only_clients_that_drive_the_test_have_no_flood_limits(ircd: Ircd) {
    let mut jane = RawClient::register(&ircd, "jane").await;
    let john = RawClient::register(&ircd, "john").await;
    let mut slow = RawClient::register_limited(&ircd, "slow").await;
    jane.join("#ptg").await;
    slow.fence().await;
    for count in 0..40 {
        john.say("jane", &format!("quick {count}"));
        slow.say("jane", &format!("slow {count}"));
    }
    // The server reads what is left of a limited client about once a second.
    jane.expect_from("john", "quick 39").await;
    assert!(!jane.log().iter().any(|line| line.contains(":slow 39")));
}

async fn a_restart_breaks_connections_and_takes_new_ones(mut ircd: Ircd) {
    let mut jane = RawClient::register(&ircd, "jane").await;
    ircd.restart().await;
    jane.closed().await;
    let mut jane = RawClient::register(&ircd, "jane").await;
    ircd.crash().await;
    jane.closed().await;
    ircd.start().await;
    RawClient::register(&ircd, "jane").await.quit().await;
}

async fn tls_is_verified_and_shows_the_client_certificate(ircd: Ircd) {
    let identity = ircd.certificates().client("jane");
    let mut jane = RawClient::register_tls(&ircd, "jane", Some(&identity)).await;
    let whois = jane.whois("jane").await;
    let print = identity.fingerprint("sha256");
    assert!(whois.iter().any(|line| line.to_lowercase().contains(&print)), "{whois:#?}");
    RawClient::register_tls(&ircd, "john", None).await.quit().await;
}

async fn nickserv_identification_is_seen_by_others(mut ircd: Ircd) {
    let Some(mut services) = Services::anope(&ircd).await else {
        return;
    };
    let mut jane = RawClient::register(&ircd, "jane").await;
    services.register(&mut jane, "sesame").await;
    jane.quit().await;

    let mut jane = RawClient::register(&ircd, "jane").await;
    let mut john = RawClient::register(&ircd, "john").await;
    assert!(!john.sees_identified("jane").await);
    services.identify(&mut jane, "sesame").await;
    assert!(john.sees_identified("jane").await);
    jane.nick("janet").await;
    assert!(!john.sees_identified("janet").await);

    ircd.restart().await;
    services.linked(&ircd).await;
    let mut jane = RawClient::register(&ircd, "jane").await;
    services.identify(&mut jane, "sesame").await;
}

async fn a_protected_nick_is_taken_away_and_regained(ircd: Ircd) {
    let Some(services) = Services::anope(&ircd).await else {
        return;
    };
    let mut jane = RawClient::register(&ircd, "jane").await;
    services.register(&mut jane, "sesame").await;
    jane.say("NickServ", "SET KILL QUICK");
    jane.expect_from("NickServ", "Protection is now on").await;
    let mut other = RawClient::register(&ircd, "other").await;
    other.say("NickServ", "REGAIN jane sesame");
    jane.closed().await;
    other.expect_from("other", "NICK :jane").await;
    other.quit().await;

    let mut thief = RawClient::register(&ircd, "jane").await;
    thief.expect_from("jane", "NICK :Guest").await;
}

async fn a_known_certificate_identifies(ircd: Ircd) {
    let Some(services) = Services::anope(&ircd).await else {
        return;
    };
    let identity = ircd.certificates().client("jane");
    let mut jane = RawClient::register_tls(&ircd, "jane", Some(&identity)).await;
    services.register(&mut jane, "sesame").await;
    jane.say("NickServ", "CERT ADD");
    jane.expect_from("NickServ", "added to jane's certificate list").await;
    jane.quit().await;

    let mut jane = RawClient::register_tls(&ircd, "jane", Some(&identity)).await;
    jane.expect_from("NickServ", "you are now identified to jane").await;
    services.recognized(&mut jane).await;
    let mut john = RawClient::register(&ircd, "john").await;
    assert!(john.sees_identified("jane").await);
    jane.quit().await;

    if ircd.software() == Software::Inspircd {
        let mut jane = RawClient::connect_tls(&ircd, Some(&identity)).await;
        sasl(&mut jane, "EXTERNAL", "+", "903").await;
        let mut jane = RawClient::connect(&ircd).await;
        sasl(&mut jane, "PLAIN", "AGphbmUAd3Jvbmc=", "904").await;
        // NUL jane NUL sesame
        sasl(&mut jane, "PLAIN", "AGphbmUAc2VzYW1l", "903").await;
        jane.send_raw("CAP END");
        jane.introduce("jane", "slow").await;
        services.recognized(&mut jane).await;
        assert!(john.sees_identified("jane").await);
    }
}

async fn sasl(client: &mut RawClient, mechanism: &str, answer: &str, outcome: &str) {
    client.send_raw("CAP REQ :sasl");
    client.expect("ACK", |line| line.contains(" ACK :sasl")).await;
    client.send_raw(&format!("AUTHENTICATE {mechanism}"));
    client.expect("a prompt", |line| line.starts_with("AUTHENTICATE ")).await;
    client.send_raw(&format!("AUTHENTICATE {answer}"));
    client.expect(outcome, |line| numeric(line) == Some(outcome)).await;
}
