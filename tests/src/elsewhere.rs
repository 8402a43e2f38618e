//! Another machine, as far as the network goes: a namespace of its own, one cable away, that can be cut off.

use std::process::Stdio;

use tokio::process::Command;

use crate::skip;

/// A network with one address, reached from here alone. It ends with the test.
#[derive(Debug)]
pub struct Elsewhere {
    name: String,
    /// The two ends of the cable.
    here: String,
    there: String,
    address: String,
}

impl Elsewhere {
    /// A network of one test's own, or `None` (said aloud) where this process may not make any.
    pub async fn make() -> Option<Self> {
        let number = std::process::id();
        let (name, here, there) = (format!("ptgbot{number}"), format!("ptgh{number}"), format!("ptgt{number}"));
        // Four addresses of those that lead nowhere else.
        let subnet = format!("10.213.{}.{}", number / 64 % 256, number % 64 * 4);
        let (base, last) = subnet.rsplit_once('.').expect("it has dots");
        let last: u32 = last.parse().expect("it is a number");
        let (near, address) = (format!("{base}.{}", last + 1), format!("{base}.{}", last + 2));
        let elsewhere = Self { name, here, there, address };
        let Self { name, here, there, address } = &elsewhere;
        for step in [
            format!("netns add {name}"),
            format!("link add {here} type veth peer name {there} netns {name}"),
            format!("address add {near}/30 dev {here}"),
            format!("link set {here} up"),
            format!("-netns {name} address add {address}/30 dev {there}"),
            format!("-netns {name} link set {there} up"),
        ] {
            if !ip(&step).await {
                skip::because("this process may make no network namespace");
                return None;
            }
        }
        Some(elsewhere)
    }

    /// The address of whoever listens there.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The same command, run there.
    pub fn command(&self, command: &Command) -> Command {
        let command = command.as_std();
        let mut there = Command::new("ip");
        there.args(["netns", "exec", &self.name]).arg(command.get_program()).args(command.get_args());
        there.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(folder) = command.get_current_dir() {
            there.current_dir(folder);
        }
        there
    }

    /// From now on nothing passes, and nobody is told so.
    pub async fn cut_off(&self) {
        assert!(ip(&format!("-netns {} link set {} down", self.name, self.there)).await);
    }

    /// All passes again.
    pub async fn connect(&self) {
        assert!(ip(&format!("-netns {} link set {} up", self.name, self.there)).await);
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        for step in [["link", "delete", &self.here], ["netns", "delete", &self.name]] {
            let mut command = std::process::Command::new("ip");
            // What was not made cannot be deleted.
            let _ = command.args(step).stderr(Stdio::null()).status();
        }
    }
}

/// Configures the network; false where that is not allowed.
async fn ip(step: &str) -> bool {
    let done = Command::new("ip").args(step.split(' ')).stderr(Stdio::null()).status().await;
    done.is_ok_and(|status| status.success())
}
