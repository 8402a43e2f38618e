//! The real counterparts do what the whole-system tests rely on.

use ptgbot_tests::raw_client::numeric;
use ptgbot_tests::{Ircd, RawClient, Services};

/// The same facts hold on both servers.
macro_rules! on_both {
    ($($fact:ident),* $(,)?) => {
        mod hybrid {
            $(#[tokio::test]
            async fn $fact() {
                let Some(ircd) = super::Ircd::hybrid().await else { return };
                super::$fact(ircd).await;
            })*
        }
        mod inspircd {
            $(#[tokio::test]
            async fn $fact() {
                let Some(ircd) = super::Ircd::inspircd().await else { return };
                super::$fact(ircd).await;
            })*
        }
    };
}

on_both!(
    two_clients_talk,
    modes_and_kicks_reach_everybody,
    an_operator_kills_a_client,
    a_restart_breaks_connections_and_takes_new_ones,
    tls_is_verified_and_shows_the_client_certificate,
    nickserv_identification_is_seen_by_others,
);

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

async fn nickserv_identification_is_seen_by_others(ircd: Ircd) {
    let Some(services) = Services::anope(&ircd).await else {
        return;
    };
    let mut jane = RawClient::register(&ircd, "jane").await;
    services.register(&mut jane, "sesame").await;
    jane.quit().await;

    let mut jane = RawClient::register(&ircd, "jane").await;
    let mut john = RawClient::register(&ircd, "john").await;
    assert!(!is_identified(&john.whois("jane").await));
    services.identify(&mut jane, "sesame").await;
    assert!(is_identified(&john.whois("jane").await));
    assert!(!is_identified(&jane.whois("john").await));
}

fn is_identified(whois: &[String]) -> bool {
    whois.iter().any(|line| matches!(numeric(line), Some("307" | "330")))
}
