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
    ///
    /// # Panics
    /// When it cannot be made for another reason; says what `ip` says.
    pub async fn make() -> Option<Self> {
        if skip::program("ip").is_none() {
            skip::missing("iproute2");
            return None;
        }
        match Self::try_to_make().await {
            Ok(made) => Some(made),
            Err(said) if FORBIDDEN.iter().any(|words| said.contains(words)) => {
                skip::because(&format!("this process may make no network: {said}"));
                None
            }
            Err(said) => panic!("{said}"),
        }
    }

    async fn try_to_make() -> Result<Self, String> {
        // Of all that ask for a name at the same time one gets it, and with it a cable and addresses of its own. A network
        // that a killed test has left behind keeps its.
        let mut number = 0;
        while let Err(said) = ip(&format!("netns add ptgbot{number}")).await {
            if !said.contains("File exists") || number == MOST {
                return Err(said);
            }
            number += 1;
        }
        // Four addresses of those that lead nowhere else.
        let (net, first) = (format!("10.213.{}", number / 64), number % 64 * 4);
        let (near, address) = (format!("{net}.{}", first + 1), format!("{net}.{}", first + 2));
        let (name, here, there) = (format!("ptgbot{number}"), format!("ptgh{number}"), format!("ptgt{number}"));
        let elsewhere = Self { name, here, there, address };
        let Self { name, here, there, address } = &elsewhere;
        for step in [
            format!("link add {here} type veth peer name {there} netns {name}"),
            format!("address add {near}/30 dev {here}"),
            format!("link set {here} up"),
            format!("-netns {name} address add {address}/30 dev {there}"),
            format!("-netns {name} link set {there} up"),
        ] {
            ip(&step).await?;
        }
        Ok(elsewhere)
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
        self.set_cable("down").await;
    }

    /// All passes again.
    pub async fn connect(&self) {
        self.set_cable("up").await;
    }

    async fn set_cable(&self, state: &str) {
        let set = ip(&format!("-netns {} link set {} {state}", self.name, self.there)).await;
        set.unwrap_or_else(|said| panic!("{said}"));
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

/// Configures the network; else what is in its way.
async fn ip(step: &str) -> Result<(), String> {
    let failed = |said: &dyn std::fmt::Display| format!("ip {step}: {said}");
    let done = Command::new("ip").args(step.split(' ')).output().await.map_err(|error| failed(&error))?;
    if done.status.success() { Ok(()) } else { Err(failed(&String::from_utf8_lossy(&done.stderr).trim())) }
}

/// What the system says to those who may not.
const FORBIDDEN: [&str; 2] = ["Operation not permitted", "Permission denied"];
/// As many as there are addresses for.
const MOST: usize = 64 * 256 - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_networks_of_one_process_do_not_meet() {
        let Some(one) = Elsewhere::make().await else { return };
        let two = Elsewhere::make().await.expect("another one");
        assert!(one.name != two.name && one.address() != two.address());
        let (name, address) = (two.name.clone(), one.address.clone());
        drop(one);
        let left = ip(&format!("netns exec {name} ip address show")).await;
        assert_eq!(left, Ok(()), "{address} is gone, and the other one is there");
    }

    #[tokio::test]
    async fn what_is_wrong_is_told() {
        let said = ip("link set no-such-link up").await.expect_err("there is none");
        assert!(said.starts_with("ip link set no-such-link up: ") && said.contains("no-such-link"), "{said}");
    }
}
