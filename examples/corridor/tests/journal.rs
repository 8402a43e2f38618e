//! The contract of a journal, tried with the one in memory: with another, only `open` changes.

use ptgbot_runtime::store::MemoryJournal;
use ptgbot_runtime::testing::journal_contract;

#[tokio::test]
async fn the_journal_keeps_the_contract() {
    journal_contract(|| {
        let store = MemoryJournal::default();
        async move || store.clone()
    })
    .await
    .expect("it keeps the contract");
}
