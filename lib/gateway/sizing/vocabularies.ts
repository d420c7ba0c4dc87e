import { byName } from "#lib/providers/by-name";
import type { Encoding } from "./count-tokens";

/** What is known of how a model cuts texts into tokens whose tokenizer is not one of OpenAI's. */
export type Vocabulary = {
  /** OpenAI's vocabularies that the model's has, or that it is about as large as. */
  encodings: readonly Encoding[];
  /** Whether each digit is a token. */
  splitsDigits: boolean;
  /** Whether it may lack words that OpenAI's have. */
  isOwn: boolean;
  /** What it makes at most of what the others count. */
  times: number;
};

/** The first that matches an upstream model's name. */
const VOCABULARIES: readonly (Vocabulary & { model: RegExp })[] = [
  // Made from cl100k, but that digits are split (arxiv.org/abs/2309.16609, section 2.2).
  { model: /qwen|qwq|qvq/, encodings: ["cl100k"], splitsDigits: true, isOwn: false, times: 1 },
  // cl100k and 28 000 tokens more (arxiv.org/abs/2407.21783, section 3.2).
  {
    model: /llama-?v?3|distill-llama/,
    encodings: ["cl100k"],
    splitsDigits: false,
    isOwn: false,
    times: 1,
  },
  // Its newest makes up to 1.35 times as many tokens as those before (platform.claude.com, "What's new in Claude Opus
  // 4.7"), of which `isOwn` makes 1.5.
  { model: /claude/, encodings: ["o200k", "cl100k"], splitsDigits: true, isOwn: true, times: 1.3 },
  // Up to three digits are a token, as in OpenAI's (arxiv.org/abs/2412.19437, section 4.1).
  {
    model: /deepseek-(?:chat|reasoner|r\d|v?[3-9])/,
    encodings: ["o200k", "cl100k"],
    splitsDigits: false,
    isOwn: true,
    times: 1,
  },
  // As large as OpenAI's newest, at least nearly.
  {
    model: /deepseek|kimi|moonshot|gemma|gemini|glm|minimax|command|cohere|aya|llama-?4|grok|hunyuan|ernie/,
    encodings: ["o200k", "cl100k"],
    splitsDigits: true,
    isOwn: true,
    times: 1,
  },
];

/** As small as Llama 2's and Mistral 7B's, with 32 000 tokens. */
const SMALL: Vocabulary = {
  encodings: ["o200k", "cl100k", "p50k"],
  splitsDigits: true,
  isOwn: true,
  times: 1,
};

/** The vocabulary of an upstream model, by its name. */
export const vocabularyOf = byName((upstreamModel): Vocabulary => {
  const name = upstreamModel.toLowerCase();
  return VOCABULARIES.find(({ model }) => model.test(name)) ?? SMALL;
});
