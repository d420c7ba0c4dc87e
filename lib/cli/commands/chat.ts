import { text } from "node:stream/consumers";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { LedgerRow } from "#lib/cli/api/answers";
import { adminClient, segment } from "#lib/cli/api/client";
import {
  type ChatRequest,
  type Completion,
  completeStreamed,
  completeWhole,
  type DataPlane,
  type Message,
  modelNames,
} from "#lib/cli/chat/complete";
import { converse } from "#lib/cli/chat/interactive";
import type { Cli } from "#lib/cli/cli";
import { CliError, EXIT, wrongUsage } from "#lib/cli/failure";
import { wholeNumber } from "#lib/cli/options/values";
import { usd } from "#lib/cli/output/format";
import { print, printJson, remark } from "#lib/cli/output/show";
import { adminTokenIfAny, apiKey } from "#lib/cli/profile/connection";

/** `tollgate chat` */
export function addChatCommand(parent: CommandUnknownOpts, cli: Cli): void {
  parent
    .command("chat")
    .description("ask a model through the gateway, with an API key")
    .argument(
      "[prompt...]",
      'what to say; "-" stands for what stdin says, which is also read if nothing is given',
    )
    .option("-m, --model <model>", "which model; the first that the key may use unless given")
    .option("-s, --stream", "print the answer as it comes")
    .option("-i, --interactive", "go on talking, line by line")
    .option("--key <key>", "the API key; else TOLLGATE_API_KEY, else the profile's")
    .option("--system <text>", "what the model is told beforehand")
    .option("--max-tokens <n>", "the longest answer", wholeNumber(1))
    .option("--cost", "say on stderr what it cost")
    .addHelpText(
      "after",
      "\nExamples:\n  $ npx tollgate chat Hello\n  $ npx tollgate chat --model gpt-5-mini --stream 'Write a haiku'\n  $ git diff | npx tollgate chat 'Say what changes:' - --cost",
    )
    .action(async (words, options) => {
      const url = cli.url();
      const plane = { url, key: apiKey(url, { ...cli.globals(), key: options.key }, cli.io.env) };
      const system: Message[] = options.system ? [{ role: "system", content: options.system }] : [];
      const isConversation =
        options.interactive ?? (words.length === 0 && cli.io.input.isTerminal && !cli.globals().json);
      if (isConversation && cli.globals().json)
        throw wrongUsage("--interactive and --json do not go together.");
      const prompt = isConversation && words.length === 0 ? null : await promptOf(cli, words);
      const model = options.model ?? (await firstModel(cli, plane));
      const answer = (messages: readonly Message[], stream: boolean, signal: AbortSignal) =>
        respond(cli, plane, requestOf(model, messages, options.maxTokens), stream, options.cost, signal);

      const soFar: Message[] = [...system];
      if (prompt !== null) {
        soFar.push({ role: "user", content: prompt });
        const { text: said } = await answer(soFar, options.stream ?? isConversation, cli.io.out.gone);
        soFar.push({ role: "assistant", content: said });
      }
      if (!isConversation) return;
      await converse(cli, soFar, (messages, signal) => answer(messages, true, signal));
    });
}

const requestOf = (
  model: string,
  messages: readonly Message[],
  maxTokens: number | undefined,
): ChatRequest => ({
  model,
  messages,
  ...(maxTokens !== undefined && { max_completion_tokens: maxTokens }),
});

/** Asks, prints the answer as it is wanted, and says what it cost. */
async function respond(
  cli: Cli,
  plane: DataPlane,
  request: ChatRequest,
  stream: boolean,
  tellCost: boolean | undefined,
  signal: AbortSignal,
): Promise<Completion> {
  const { json } = cli.globals();
  const { out } = cli.io;
  let completion: Completion;
  if (stream) {
    const on = json
      ? { chunk: (chunk: string) => print(cli, chunk) }
      : { text: (piece: string) => out.write(shown(cli, piece)) };
    try {
      completion = await completeStreamed(plane, request, on, signal);
    } catch (error) {
      // The reader has gone away: there is nobody to tell.
      if (out.gone.aborted) return { text: "", costUsd: null, requestId: null, cutBy: null };
      if (!json) out.write("\n");
      throw error;
    }
    if (!json) out.write("\n");
  } else {
    const whole = await completeWhole(plane, request, signal);
    if (json) printJson(cli, whole.json);
    else print(cli, shown(cli, whole.text));
    completion = whole;
  }
  if (completion.cutBy === "length") remark(cli, "(cut: the answer reached its greatest length)");
  if (tellCost) remark(cli, await costLine(cli, plane, completion));
  return completion;
}

/** In a terminal, what a model says must not move the cursor or rename the window. */
const shown = (cli: Cli, said: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  cli.io.out.isTerminal ? said.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "") : said;

async function promptOf(cli: Cli, words: readonly string[]): Promise<string> {
  const { input } = cli.io;
  const reads = words.length === 0 || words.includes("-");
  const read = reads ? (await text(input.stream)).trim() : "";
  const prompt =
    words.length === 0 ? read : words.map((word) => (word === "-" ? `\n\n${read}` : word)).join(" ");
  if (prompt.trim() !== "") return prompt.trim();
  throw wrongUsage("There is nothing to say.", "Give a prompt: npx tollgate chat Hello, or one on stdin.");
}

async function firstModel(cli: Cli, plane: DataPlane): Promise<string> {
  const [model] = await modelNames(plane);
  if (model === undefined) {
    throw new CliError("The key may use no model.", EXIT.failed, {
      hint: "npx tollgate model list shows those that there are; model create makes one.",
    });
  }
  remark(cli, `(${model}; --model takes another)`);
  return model;
}

/** A stream's cost is in the ledger only, which an admin token may read. */
async function costLine(cli: Cli, { url }: DataPlane, { costUsd, requestId }: Completion): Promise<string> {
  if (costUsd !== null) return `cost: ${usd(costUsd)}`;
  const token = adminTokenIfAny(url, cli.globals(), cli.io.env);
  if (token === null || requestId === null)
    return "cost: in the ledger (streams tell it to an admin token only)";
  try {
    const { value } = await adminClient(url, token).get(`/requests/${segment(requestId)}`, LedgerRow);
    return `cost: ${usd(value.cost_usd) ?? "not known yet"}`;
  } catch {
    return `cost: in the ledger, under ${requestId}`;
  }
}
