import { createInterface } from "node:readline";
import type { Cli } from "#lib/cli/cli";
import { CliError } from "#lib/cli/failure";
import { remark } from "#lib/cli/output/show";
import type { Completion, Message } from "./complete";

/** Answers the conversation so far. */
export type Answer = (messages: readonly Message[], signal: AbortSignal) => Promise<Completion>;

/**
 * Runs a conversation, line by line, until Ctrl-D or /exit. Ctrl-C stops an answer; at the prompt, it exits.
 * A message that failed is reported and left out of the conversation.
 */
export async function converse(cli: Cli, first: readonly Message[], answer: Answer): Promise<void> {
  const { input, prompts } = cli.io;
  if (input.isTerminal) remark(cli, "/new starts over, /exit or Ctrl-D exits, Ctrl-C stops an answer.");
  const reader = createInterface({
    input: input.stream,
    output: prompts,
    terminal: input.isTerminal,
    prompt: input.isTerminal ? "> " : "",
  });
  let answering: AbortController | null = null;
  reader.on("SIGINT", () => (answering ? answering.abort() : reader.close()));

  let messages: readonly Message[] = first;
  reader.prompt();
  for await (const line of reader) {
    const content = line.trim();
    if (content === "/exit") break;
    if (content === "/new") messages = first;
    else if (content !== "") {
      answering = new AbortController();
      const asked: readonly Message[] = [...messages, { role: "user", content }];
      try {
        const { text } = await answer(asked, answering.signal);
        messages = [...asked, { role: "assistant", content: text }];
      } catch (error) {
        if (answering.signal.aborted) remark(cli, "\n(stopped)");
        else if (error instanceof CliError) cli.io.err.write(`${error.message}\n`);
        else throw error;
      } finally {
        answering = null;
      }
    }
    if (cli.io.out.gone.aborted) break;
    reader.prompt();
  }
  reader.close();
  if (input.isTerminal) prompts.write("\n");
}
