import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CliError, EXIT } from "#lib/cli/failure";
import type { Io } from "#lib/cli/io";

/**
 * Asks the person at the terminal for a line.
 * @param secret does not echo the input
 * @throws CliError when the person cancels (Ctrl-C, Ctrl-D)
 */
export function ask(io: Io, question: string, { secret = false } = {}): Promise<string> {
  const { input, prompts } = io;
  // readline echoes to its output, which must not show a secret.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  if (secret) prompts.write(question);
  const reader = createInterface({
    input: input.stream,
    output: secret ? nowhere : prompts,
    terminal: input.isTerminal,
  });
  return new Promise((resolve, reject) => {
    reader.once("close", () => reject(new CliError("Cancelled.", EXIT.failed)));
    reader.question(secret ? "" : question, (answer) => {
      resolve(answer.trim());
      reader.close();
      if (secret) prompts.write("\n");
    });
  });
}
