//! The same facts hold on both chat servers.

/// Makes a test of each of these functions on ircd-hybrid and one on InspIRCd, each with a server of its own; skipped
/// where that server is not installed.
#[macro_export]
macro_rules! on_both {
    ($($fact:ident),* $(,)?) => {
        mod hybrid {
            $(#[tokio::test]
            async fn $fact() {
                let Some(ircd) = $crate::Ircd::hybrid().await else { return };
                super::$fact(ircd).await;
            })*
        }
        mod inspircd {
            $(#[tokio::test]
            async fn $fact() {
                let Some(ircd) = $crate::Ircd::inspircd().await else { return };
                super::$fact(ircd).await;
            })*
        }
    };
}
