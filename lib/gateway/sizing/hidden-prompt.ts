import { byName } from "#lib/providers/by-name";
import { isOpenModel } from "./markdown-servers";

/**
 * Tokens that a provider adds to a prompt and bills: instructions for tools, and system prompts of its own. Claude's
 * have up to 804, for a choice that demands a tool (platform.claude.com/docs/en/agents-and-tools/tool-use/overview),
 * grok-4's some 700; gpt-oss has its format's. OpenAI's others add nothing beyond what is counted for messages and tools.
 */
const PROMPTS: readonly { model: RegExp; always: number; withTools: number }[] = [
  { model: /gpt-oss/, always: 120, withTools: 250 },
  { model: /(?:^|\/)(?:gpt-|chatgpt-|o[1-9]|codex-)/, always: 0, withTools: 0 },
  { model: /claude/, always: 0, withTools: 1_000 },
  { model: /grok-4/, always: 900, withTools: 1_200 },
  // Templates with a system prompt of their own, which they print if the messages have none or always.
  { model: /devstral|vibe/, always: 2_000, withTools: 2_700 },
  { model: /command|c4ai|aya|cohere/, always: 1_000, withTools: 1_700 },
  { model: /mistral|magistral|ministral|voxtral|pixtral/, always: 800, withTools: 1_500 },
];
/**
 * Templates of open models describe how to call tools in 100 to 400 tokens. Many have a system prompt of up to 400 for
 * messages without one (Phi-4's reasoning models, DBRX, Llama 2, SmolLM3, Granite).
 */
const OPEN = { always: 500, withTools: 1_200 };
/** The families of open models, at any provider and with any tuning. */
const OPEN_FAMILY =
  /llama|qwen|qwq|qvq|phi-?\d|dbrx|dolphin|marco|granite|smollm|deepseek|gemma|\byi-|internlm|glm|kimi|minimax|nemotron|hunyuan|ernie|seed|olmo|tulu|falcon|exaone|solar|apriel|hermes|orca|vicuna|wizard|zephyr|starcoder|mixtral|jamba|baichuan|lfm\d|arctic|gigachat|reka|bielik|cogito|nous|openchat|tinyllama|stablelm|mpt-|rwkv|longcat|ling-|ring-|step-?\d|mimo/;
/** A name of one's own does not say which template a model has: then a small budget is not lost to a guess. */
const OTHERS = { always: 0, withTools: 700 };

/** The most tokens that a model's provider adds to a prompt. */
export function hiddenPromptTokens(upstreamModel: string, hasTools: boolean): number {
  const { always, withTools } = promptOf(upstreamModel);
  return hasTools ? withTools : always;
}

const promptOf = byName((upstreamModel) => {
  const name = upstreamModel.toLowerCase();
  return (
    PROMPTS.find(({ model }) => model.test(name)) ??
    (isOpenModel(name) && OPEN_FAMILY.test(name) ? OPEN : OTHERS)
  );
});

/** What Claude adds to explain tools, and grok-4 always. */
const LIKELY: readonly { model: RegExp; always: number; withTools: number }[] = [
  { model: /claude/, always: 0, withTools: 346 },
  { model: /grok-4/, always: 680, withTools: 680 },
];

/** The tokens that a model's provider likely adds to a prompt. */
export function likelyHiddenPromptTokens(upstreamModel: string, hasTools: boolean): number {
  const { always, withTools } = likelyPromptOf(upstreamModel);
  return hasTools ? withTools : always;
}

const likelyPromptOf = byName((upstreamModel) => {
  const name = upstreamModel.toLowerCase();
  return LIKELY.find(({ model }) => model.test(name)) ?? { always: 0, withTools: 0 };
});
