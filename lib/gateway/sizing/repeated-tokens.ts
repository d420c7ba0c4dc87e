import type { Call } from "#lib/dialects/call";
import { byName } from "#lib/providers/by-name";
import { isOpenModel } from "./markdown-servers";

/** What the templates of DeepSeek 3.2, Muse Glimmer and Apriel write with each copy of the tools, and without tools. */
const REPEATED_PROMPT = { always: 150, withTools: 700 };
/** Kimi K3's tags, as they are in a tokenizer that has no tokens for them. */
const MORE_TOKENS_PER_MESSAGE = 8;
/** Templates that list the names of all tools after each message of a user and each result. */
const listsTools = byName((upstreamModel) => /giga/i.test(upstreamModel));
const TOKENS_PER_LISTED_TOOL = 4;
const TOKENS_PER_LIST = 16;
/**
 * An indented JSON object around each result (Command R7B and A), and with tools a reminder of 150 tokens after each
 * message of a user (Command R in Ollama, template/command-r.gotmpl).
 */
const reminds = byName((upstreamModel) => /command|c4ai|aya|cohere/i.test(upstreamModel));
const TOKENS_PER_TURN = { always: 80, withTools: 200 };

/** Families whose makers' templates write the tools once, and names that say what a model was made from instead. */
const WRITES_TOOLS_ONCE = /qwen|qwq|gpt-oss|glm|kimi|minimax|gemma|llama-?v?[34]/;
const HAS_OTHER_TEMPLATE = /distill|hermes|apriel|nemotron|tulu|cogito|dolphin/;
const writesToolsOnce = byName((upstreamModel) => {
  const name = upstreamModel.toLowerCase();
  return WRITES_TOOLS_ONCE.test(name) && !HAS_OTHER_TEMPLATE.test(name);
});

/**
 * Tokens that a model's chat template may write of a body again, beyond what is in it: each byte may be a token. Other
 * providers than those of open models may write the name of its call with each result, as Gemini's API does.
 * @param asCharged the tokens of its tools and schemas, where they are counted, and only for templates that may write them
 * again
 */
export function repeatedTokens(
  { answers, growth: { repeats }, messageCount }: Pick<Call, "answers" | "growth" | "messageCount">,
  upstreamModel: string,
  asCharged: { promptTokens: number } | null = null,
): number {
  const { promptBytes, resultNameBytes, resultLabelBytes, escapedBytes, toolNameBytes, turns } = repeats;
  // An embedding has no chat template.
  if (answers === 0) return 0;
  if (!isOpenModel(upstreamModel)) return resultNameBytes;
  const hasTools = promptBytes > 0;
  const isOnce = asCharged !== null && writesToolsOnce(upstreamModel);
  const copies = isOnce ? 0 : repeats.systemMessages + (hasTools ? repeats.sameUserMessages : 0);
  const prompt =
    (asCharged?.promptTokens ?? promptBytes) +
    (hasTools ? REPEATED_PROMPT.withTools : REPEATED_PROMPT.always);
  const each = listsTools(upstreamModel)
    ? toolNameBytes + repeats.tools * TOKENS_PER_LISTED_TOOL + TOKENS_PER_LIST
    : reminds(upstreamModel)
      ? TOKENS_PER_TURN[hasTools ? "withTools" : "always"]
      : 0;
  return (
    resultLabelBytes +
    escapedBytes +
    toolNameBytes +
    copies * prompt +
    turns * each +
    messageCount * MORE_TOKENS_PER_MESSAGE
  );
}
