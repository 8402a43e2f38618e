//! What `--help` shows of each command: lines as they are typed, with what they are for.

pub(super) const PTGBOT: &str = "Without a command: the demo.

Examples:
  ptgbot
      Try it out, in this terminal and in a browser
  ptgbot new event.json
      Begin an event of your own
  ptgbot import --store sqlite:board.sqlite event.json
      Put it on a board, for `ptgbot-irc --store sqlite:board.sqlite`";

pub(super) const DEMO: &str = "Examples:
  ptgbot demo
      The same as ptgbot alone";

pub(super) const STDIO: &str = "Examples:
  ptgbot stdio
      One JSON object a line; the board is in ptgbot.sqlite
  ptgbot stdio --store memory: --name board
      A bot called board that forgets when it ends";

pub(super) const IMPORT: &str = "Examples:
  ptgbot import --store sqlite:board.sqlite event.json
  ptgbot import --store sqlite:board.sqlite --dry-run event.json
      What would change
  ptgbot import --store sqlite:board.sqlite --from frab --timezone Europe/Berlin schedule.xml
      A programme of another program
  ptgbot export --store sqlite:board.sqlite | ptgbot import --store sqlite:copy.sqlite -
      From standard input";

pub(super) const NEW: &str = "Examples:
  ptgbot new
      Ask for everything, and write event.json
  ptgbot new --name oct2026 --zone Europe/Dublin --days '2026-10-19 5' --slots 09:00-17:00/60/15 --room Ballroom,Liffey -
      Ask nothing, and print it";

pub(super) const CHECK: &str = "Examples:
  ptgbot check event.json
  ptgbot check --store sqlite:board.sqlite
      The board as it stands
  ptgbot check --json --from csv --timezone Europe/Berlin rooms.csv
      For a script, before an import";

pub(super) const EXPORT: &str = "Examples:
  ptgbot export --store sqlite:board.sqlite > event.json
  ptgbot export --store sqlite:board.sqlite --public --at 2026-10-19T09:00:00Z
      What everybody could see then";

pub(super) const RENDER: &str = "Examples:
  ptgbot render --store sqlite:board.sqlite --out site
  ptgbot render --config ptgbot.toml --out /var/www/ptg
      With what the bot's pages say";

pub(super) const SERVE: &str = "Examples:
  ptgbot serve --store sqlite:board.sqlite --listen 127.0.0.1:8000
  ptgbot serve --config ptgbot.toml --listen 127.0.0.1:8001
      With what the bot's pages say, beside the bot
  ptgbot serve --store postgres://ptgbot@db.example.org/ptgbot --boards --listen 127.0.0.1:8000
      All boards of a database";

pub(super) const HISTORY: &str = "Examples:
  ptgbot history --store sqlite:board.sqlite
  ptgbot history --store sqlite:board.sqlite --track nova --json
      One track, for a script";

pub(super) const REPORT: &str = "Examples:
  ptgbot report --store sqlite:board.sqlite
  ptgbot report --store sqlite:board.sqlite --day tuesday --format html > tuesday.html
  ptgbot report --store sqlite:board.sqlite --track nova --format json";

pub(super) const COPY: &str = "Examples:
  ptgbot copy --from sqlite:board.sqlite --to postgres://ptgbot@db.example.org/ptgbot?board=oct2026
      Move a board to a database, with its history";

pub(super) const BACKUP: &str = "Examples:
  ptgbot backup --store sqlite:board.sqlite board-monday.sqlite
  ptgbot backup --store sqlite:board.sqlite --force /srv/backup/board.sqlite
      Over the copy of yesterday
  ptgbot backup --store sqlite:board.sqlite - | gzip > board.sqlite.gz";

pub(super) const VERIFY: &str = "Examples:
  ptgbot verify --store sqlite:board.sqlite";

pub(super) const REHEARSE: &str = "Examples:
  ptgbot rehearse --store sqlite:board.sqlite
  ptgbot rehearse --file event.json --at tuesday --speed 60
      A minute each second, from Tuesday morning
  ptgbot rehearse --store sqlite:board.sqlite --replay
      What has happened, as it came";

pub(super) const BOARDS: &str = "Examples:
  ptgbot boards --store postgres://ptgbot@db.example.org/ptgbot";

#[cfg(test)]
mod tests {
    use super::super::Cli;
    use clap::CommandFactory;

    #[test]
    fn every_command_has_examples_that_are_understood() {
        crate::testing::examples(Cli::command()).expect("examples");
    }
}
