//! How fast the bot answers and how much memory it takes: said, never judged.
//!
//! A test program of its own: no other test runs beside it and takes the machine's time.

use ptgbot_tests::stage::Who::{Gibi, Jane};
use ptgbot_tests::{Homeserver, Stage};
use std::io::Write;
use std::time::{Duration, Instant};

#[tokio::test]
async fn sixty_commands_are_answered_in_a_plain_and_in_an_encrypted_room() {
    let Some(server) = Homeserver::shared().await else { return };
    measure("plain", Stage::plain(&server).await).await;
    measure("encrypted", Stage::encrypted(&server).await).await;
}

/// From the moment at which a person's client begins to send until the same person's client shows the answer.
async fn measure(kind: &str, mut stage: Stage) {
    stage.answered(Gibi, "#cinder").await;
    let mut times = Vec::new();
    for number in 0..60 {
        let begun = Instant::now();
        if number % 2 == 0 {
            stage.done(Jane, &format!("#swift now topic {number}")).await;
        } else {
            stage.answered(Jane, "#swift").await;
        }
        times.push(begun.elapsed());
    }
    times.sort();
    let figure = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)];
    let memory = stage.bot.memory();
    assert!(memory > 0 && times[0] > Duration::ZERO);
    // Past the capture of the test's output: this is what the run is for.
    let mut said = std::io::stderr();
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    let _ = writeln!(
        said,
        "figure: {kind} room, 60 commands, {profile} build: median {:.0?}, 95% under {:.0?}, slowest {:.0?}; \
         the bot holds {memory} kB",
        figure(50),
        figure(95),
        times[times.len() - 1]
    );
}
