/**
 * A bot in another language: drives `ptgbot stdio` and prints what it says.
 *
 *     cargo build --release && node examples/json_lines.ts target/release/ptgbot
 *
 * (Node.js 22.18 or later; an older one runs what `tsc` makes of it.) Each line goes to the bot as one JSON object; its
 * answers come back as JSON objects, the last of them `done`. When `done` is there, the change is on disk.
 * `ptgbot stdio --schema` prints what each object may hold.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const PROTOCOL = 1;

type Role = "member" | "voice" | "op";
type Outcome = "changed" | "answered" | "refused" | "ignored";
type Place = { room: string } | { user: string };

/** Something that is said, in a room or in private (without one), or the time: what is due by then follows. */
type Input =
  | { id?: string; room?: string; from: string; name?: string; role?: Role; text: string; at?: string }
  | { tick: string };

/** What the bot says. */
type Said =
  | { type: "reply"; to: Place; user: string; in_reply_to: string | null; text: string }
  | { type: "ack"; to: Place; in_reply_to: string | null }
  | { type: "notify"; to: { user: string }; text: string }
  | { type: "announce"; to: { room: string }; text: string };

type Output =
  | Said
  | { type: "hello"; protocol: number; program: string }
  | { type: "done"; id: string | null; outcome: Outcome; revision: number }
  | { type: "error"; line: number; text: string };

/** All that follows from a line, and how it ended. */
type Answer = { said: Said[]; outcome: Outcome; revision: number };

/** The bot takes the line for no line of the protocol; nothing has happened. */
class NotUnderstood extends Error {}

/** The process is gone. What was answered before is kept. */
class Ended extends Error {}

/** One `ptgbot stdio` process. Say one line at a time: what is read belongs to the last. */
class Bot {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<number | string>;

  private constructor(program: string, store: string) {
    this.#process = spawn(program, ["stdio", "--hello", "--store", store], { stdio: ["pipe", "pipe", "inherit"] });
    this.#ended = once(this.#process, "close").then(
      ([status, signal]) => status ?? signal,
      (error: Error) => error.message,
    );
    // What it said before it ended can still be read.
    this.#process.stdin!.on("error", () => {});
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  static async start(program: string, store: string): Promise<Bot> {
    const bot = new Bot(program, store);
    const hello = await bot.#read();
    if (hello.type !== "hello" || hello.protocol !== PROTOCOL) {
      await bot.close();
      throw new Ended(`the bot speaks another version of the protocol than ${PROTOCOL}: ${JSON.stringify(hello)}`);
    }
    return bot;
  }

  async ask(line: Input): Promise<Answer> {
    this.#process.stdin!.write(`${JSON.stringify(line)}\n`);
    const said: Said[] = [];
    while (true) {
      const output = await this.#read();
      switch (output.type) {
        case "reply":
        case "ack":
        case "notify":
        case "announce":
          said.push(output);
          break;
        case "done":
          return { said, outcome: output.outcome, revision: output.revision };
        case "error":
          throw new NotUnderstood(output.text);
        default: // A kind of line that came later into the protocol.
      }
    }
  }

  /** Ends the conversation and gives the exit status; the process has nothing left to save. */
  async close(): Promise<number | string> {
    this.#process.stdin!.end();
    return this.#ended;
  }

  async #read(): Promise<Output> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Ended(`the bot has ended with status ${await this.#ended}`);
    return JSON.parse(value) as Output;
  }
}

async function main(program: string, store = "memory:"): Promise<void> {
  const bot = await Bot.start(program, store);
  const conversation: Input[] = [
    { id: "1", room: "#ptg", from: "tony", role: "op", text: "~add swift nova" },
    { id: "2", from: "john", text: "subscribe #swift.*ring" },
    { id: "3", room: "#ptg", from: "jane", role: "voice", text: "#swift now ring placement" },
    { id: "4", room: "#ptg", from: "jane", role: "voice", text: "#swfit next cold storage" }, // Refused, with the name that was meant.
    { id: "5", room: "#ptg", from: "john", text: "+now" },
    { id: "6", room: "#ptg", from: "", text: "+now" }, // Not understood: nobody speaks.
  ];
  for (const line of conversation) {
    console.log(JSON.stringify(line));
    try {
      const answer = await bot.ask(line);
      for (const said of answer.said) console.log("   ", JSON.stringify(said));
      console.log(`    ${answer.outcome} at revision ${answer.revision}`);
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      console.log(`    not understood: ${error.message}`);
    }
  }
  process.exitCode = Number(await bot.close());
}

const [program = "ptgbot", store] = process.argv.slice(2);
main(program, store).catch((error: unknown) => {
  console.error(`json_lines.ts: ${error instanceof Ended ? error.message : error}`);
  process.exitCode = 1;
});
