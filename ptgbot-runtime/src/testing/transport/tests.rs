//! The suite over networks that keep the contract, and over some that break it.

mod memory_network;
mod pipe;

use super::transport_contract;
use memory_network::{Fault, memory_network};
use pipe::pipe;

#[tokio::test]
async fn a_pipe_keeps_the_contract() {
    let tried = transport_contract(pipe).await.expect("it keeps the contract");
    assert!(tried.held().contains(&"what_was_taken_arrives_once"), "{tried}");
    assert!(tried.left_out().contains(&"lines_after_a_break_are_heard_once"), "{tried}");
}

#[tokio::test]
async fn a_network_in_memory_keeps_the_contract() {
    transport_contract(async || memory_network(None)).await.expect("it keeps the contract");
}

#[tokio::test(start_paused = true)]
async fn the_suite_names_what_is_broken() {
    for (fault, fact) in [
        (Fault::MishearsPlaces, "lines in a room are heard in order and with who said them"),
        (Fault::DropsEdits, "an edit names the message that was said"),
        (Fault::CutsOff, "a message is cut into pieces that are not empty and hold all its words"),
        (Fault::TellsTheFirstLine, "a message is cut into pieces that are not empty and hold all its words"),
        (Fault::ForgetsAfterReady, "a wait for leave to send that is given up loses nothing"),
        (Fault::TellsTwice, "what was taken arrives once"),
        (Fault::TellsTheRoom, "a notification arrives at its person alone"),
        (Fault::SwallowsNobodys, "what nobody can get is refused and stops nothing"),
        (Fault::TakesTooEarly, "nothing counts as taken while the connection is broken"),
        (Fault::RepeatsAfterBreak, "what was taken before a break does not come again"),
        (Fault::EndsBadly, "the inbox ends without an error where the network ends"),
    ] {
        let broken = transport_contract(async || memory_network(Some(fault))).await.expect_err("broken").to_string();
        assert!(broken.contains(fact), "{fault:?}: {broken}");
    }
}
