//! The page of the sample event as browsers ask for it, and the answer that nothing changed.

use super::nginx::Nginx;
use super::wire::{Answer, Client, Load, load};
use super::{ROUNDS, Server, Threads};
use crate::Row;
use crate::bot::Programs;
use crate::stdio::median;
use ptgbot_tests::skip;
use std::error::Error;
use std::path::Path;

pub(super) async fn measure(programs: &Programs) -> Result<Vec<Row>, Box<dyn Error>> {
    let wrk = skip::needs("wrk").ok_or("wrk is not installed")?;
    let nginx = skip::needs("nginx").ok_or("nginx is not installed")?;
    let store = programs.store("page.sqlite");
    programs.import(&store, &serde_json::from_str(SAMPLE_EVENT)?)?;
    let ours = Server::of(programs, &store, Threads::One).await?;
    let (plain, gzip) = (page(&ours.address, "identity").await?, page(&ours.address, "gzip").await?);
    let nginx = Nginx::with(&nginx, &plain.body, &gzip.body, programs.scratch.path()).await?;
    let measured = beside(&wrk, &ours.address, &nginx.server.address).await;
    nginx.stop().await;
    measured
}

async fn beside(wrk: &Path, ours: &str, nginx: &str) -> Result<Vec<Row>, Box<dyn Error>> {
    let (our_page, their_page) = (page(ours, BROWSER).await?, page(nginx, BROWSER).await?);
    let (Some("br"), Some("gzip")) = (our_page.header("content-encoding"), their_page.header("content-encoding"))
    else {
        return Err("the page is not compressed".into());
    };
    let accepts = format!("Accept-Encoding: {BROWSER}");
    let known = format!("If-None-Match: {}", our_page.header("etag").ok_or("the page has no tag")?);
    let measures = [(ours, vec![&accepts]), (nginx, vec![&accepts]), (ours, vec![&accepts, &known])];
    let mut loads: [Vec<Load>; 3] = Default::default();
    for (address, headers) in &measures {
        load(wrk, address, headers, 1).await?;
    }
    for _ in 0..ROUNDS {
        for ((address, headers), loads) in measures.iter().zip(&mut loads) {
            loads.push(load(wrk, address, headers, SECONDS).await?);
        }
    }
    let [page, theirs, unchanged] = loads;
    let size = |answer: &Answer| answer.body.len();
    Ok(vec![
        row(format!("nginx, one worker, gzip_static: the sample page, {} bytes", size(&their_page)), &theirs, None, ""),
        row(
            format!("our page, one thread, {} bytes, against it", size(&our_page)),
            &page,
            Some(&theirs),
            "0.9 ×, p99 not above",
        ),
        row("not modified, against our page".into(), &unchanged, Some(&page), "1.2 ×"),
    ])
}

/// A ratio is the median of the rounds' ratios.
fn row(what: String, loads: &[Load], beside: Option<&[Load]>, goal: &'static str) -> Row {
    let rates: Vec<_> = loads.iter().map(|load| load.rate).collect();
    let p99 = median(&loads.iter().map(|load| load.p99).collect::<Vec<_>>());
    let ratio = beside.map_or_else(String::new, |beside| {
        let ratios: Vec<_> = rates.iter().zip(beside).map(|(rate, beside)| rate / beside.rate).collect();
        format!("{:.2} ×, ", median(&ratios))
    });
    Row { what, figure: format!("{ratio}{:.0}/s, p99 {p99:.2} ms", median(&rates)), goal }
}

async fn page(address: &str, encodings: &str) -> Result<Answer, Box<dyn Error>> {
    Client::connect(address).await?.get("/", &[("Accept-Encoding", encodings)]).await
}

/// The event that the pages are tested with.
const SAMPLE_EVENT: &str = include_str!("../../../../../ptgbot-render/tests/data/event.json");
const BROWSER: &str = "gzip, br";
const SECONDS: u32 = 2;
