import { text } from "node:stream/consumers";
import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
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
    .description("chat with a model through the gateway, with an API key")
    .argument("[prompt...]", 'the prompt; "-" inserts stdin, which is also read without a prompt')
    .option("-m, --model <model>", "the model (default: the first one that the key may use)")
    .option("-s, --stream", "print the answer as it arrives")
    .option("-i, --interactive", "continue the conversation, line by line")
    .option("--key <key>", "the API key (default: TOLLGATE_API_KEY, then the profile's key)")
    .addOption(new Option("--api-key <key>", "the same").hideHelp().conflicts("key"))
    .option("--system <text>", "a system message")
    .option("--max-tokens <n>", "the most output tokens", wholeNumber(1))
    .option("--cost", "print the cost on stderr")
    .addHelpText(
      "after",
      "\nExamples:\n  $ npx tollgate chat Hello\n  $ npx tollgate chat --model gpt-5-mini --stream 'Write a haiku'\n  $ git diff | npx tollgate chat 'Explain this change:' - --cost",
    )
    .action(async (words, options) => {
      const url = cli.url();
      const plane = {
        url,
        key: apiKey(url, { ...cli.globals(), key: options.key ?? options.apiKey }, cli.io.env),
      };
      const system: Message[] = options.system ? [{ role: "system", content: options.system }] : [];
      const isConversation =
        options.interactive ?? (words.length === 0 && cli.io.input.isTerminal && !cli.globals().json);
      if (isConversation && cli.globals().json) throw wrongUsage("--interactive cannot be used with --json.");
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

/** Sends a request and prints the answer, and its cost if asked to. */
async function respond(
  cli: Cli,
  plane: DataPlane,
  request: ChatRequest,
  stream: boolean,
  showCost: boolean | undefined,
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
      // The reader closed the pipe, as with `| head`.
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
  if (completion.cutBy === "length") remark(cli, "(cut off: the answer reached its maximum length)");
  if (showCost) remark(cli, await costLine(cli, plane, completion));
  return completion;
}

/** In a terminal, an answer must not move the cursor or rename the window. */
const shown = (cli: Cli, said: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this removes them.
  cli.io.out.isTerminal ? said.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "") : said;

async function promptOf(cli: Cli, words: readonly string[]): Promise<string> {
  const { input } = cli.io;
  const reads = words.length === 0 || words.includes("-");
  const read = reads ? (await text(input.stream)).trim() : "";
  const prompt =
    words.length === 0 ? read : words.map((word) => (word === "-" ? `\n\n${read}` : word)).join(" ");
  if (prompt.trim() !== "") return prompt.trim();
  throw wrongUsage("The prompt is empty.", "Pass one: npx tollgate chat Hello, or pipe one in.");
}

async function firstModel(cli: Cli, plane: DataPlane): Promise<string> {
  const [model] = await modelNames(plane);
  if (model === undefined) {
    throw new CliError("This key has no allowed models.", EXIT.failed, {
      hint: "Run npx tollgate model list to see the models, and model create to add one.",
    });
  }
  remark(cli, `(${model}; pass --model to use another)`);
  return model;
}

/** The cost of a stream is only in the ledger, which needs an admin token. */
async function costLine(cli: Cli, { url }: DataPlane, { costUsd, requestId }: Completion): Promise<string> {
  if (costUsd !== null) return `cost: ${usd(costUsd)}`;
  const token = adminTokenIfAny(url, cli.globals(), cli.io.env);
  if (token === null || requestId === null)
    return "cost: in the ledger (reading it for a stream needs an admin token)";
  try {
    const { value } = await adminClient(url, token).get(`/requests/${segment(requestId)}`, LedgerRow);
    return `cost: ${usd(value.cost_usd) ?? "unknown"}`;
  } catch {
    return `cost: in the ledger, under ${requestId}`;
  }
}
