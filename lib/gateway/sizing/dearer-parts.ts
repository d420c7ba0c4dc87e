import { PARTS, type PartRate } from "#lib/credit/prices/meters";
import type { Call } from "#lib/dialects/call";
import type { Model, Route } from "#lib/gateway/routing/routing";
import { ApiError } from "#lib/http/api-error";
import { byName } from "#lib/providers/by-name";
import { GPT_SINCE_5_6 } from "./newer-models";
import { mayHear, type Sounding } from "./sound";

type Dearer = {
  rate: PartRate;
  /** Models whose makers document a higher rate for it than for other input or output. */
  models: readonly RegExp[];
  isAsked: (call: Asked, upstreamModel: string) => boolean;
  /** Whether it is served all the same under a hard budget: every request of some clients has it. */
  isUsual?: true;
};
type Asked = Pick<Call, "asks" | "json"> & { media: Sounding };

/** OpenAI's models that hear and speak, and Alibaba's. */
const SPEAKING = [/gpt-.*(?:audio|realtime)/, /qwen.*omni/];

/**
 * What costs more than text (developers.openai.com/api/docs/pricing, ai.google.dev/gemini-api/docs/pricing,
 * platform.claude.com/docs/en/about-claude/pricing, help.aliyun.com/zh/model-studio/models): sound some six times as
 * much, a picture that is made up to twelve times, what is written to a cache a quarter more, for an hour twice as much,
 * at Kimi, too (forum.moonshot.ai/t/613). Qwen 4 has such a cache as well, whose price is read nowhere
 * (alibabacloud.com/help/en/model-studio/explicit-cache-qwen4). Gemini's Pro models bill sound like text, and so does 2.0 Flash-Lite.
 */
const DEARER: readonly Dearer[] = [
  {
    rate: "inputAudioPerMtok",
    models: [
      ...SPEAKING,
      /gemini-(?!2\.0-flash-lite).*flash/,
      /gemini-embedding-(?!001)/,
      /phi-4-multimodal/,
    ],
    // A file whose kind is not certain may be a recording, and a film has sound.
    isAsked: ({ media }, upstreamModel) => mayHear(media, upstreamModel),
  },
  {
    rate: "outputAudioPerMtok",
    models: [...SPEAKING, /gemini-.*(?:live|tts|native-audio)/],
    isAsked: ({ asks }) => asks.audioAnswer,
  },
  {
    // Such a model paints unasked.
    rate: "outputImagePerMtok",
    models: [/(?:gemini|gpt)-.*image/, /nano-banana/],
    isAsked: () => true,
  },
  {
    // No client asks for it by itself: Claude Code does with a subscription, or if it is told to.
    rate: "cacheWrite1hPerMtok",
    models: [/claude/, /kimi/, /qwen-?(?:[4-9]|\d\d)/],
    isAsked: ({ asks }) => asks.longCacheWrites,
  },
  {
    // Also Alibaba's (alibabacloud.com/help/en/model-studio/context-cache) and MiniMax's (platform.minimaxi.com/docs/guides/pricing-paygo).
    rate: "cacheWritePerMtok",
    models: [/claude/, /qwen/, /minimax/],
    isAsked: ({ asks, json }) => asks.cacheWrites && CACHE_MARK.test(json),
    // Claude Code marks each of its requests, and a quarter more is little beside not being served.
    isUsual: true,
  },
  {
    // Such a model writes unasked (developers.openai.com/api/docs/guides/prompt-caching).
    rate: "cacheWritePerMtok",
    models: [GPT_SINCE_5_6],
    isAsked: () => true,
    isUsual: true,
  },
];

/** A mark of what is to be cached, in any spelling of its letters. */
const CACHE_MARK = new RegExp(
  [..."cache_control"].map((letter) => `(?:${letter}|\\\\u00${letter.charCodeAt(0).toString(16)})`).join(""),
  "i",
);

/** A rate that a price needs, and a route whose price has none. */
export type MissingRate = { field: string; label: string; route: Route; isUsual: boolean };

/**
 * What a call may be billed for that costs more than text, and for which the price of one of the model's routes has no
 * rate: it would be held and charged as text. What is not usual is rejected, so it comes first, whichever route lacks it.
 * @returns null if there is none
 */
export function missingRate(call: Asked, { routes }: Pick<Model, "routes">): MissingRate | null {
  let usual: MissingRate | null = null;
  for (const route of routes) {
    // An in-process provider bills what its price says.
    if (route.target.baseUrl === "") continue;
    for (const { rate, isAsked, isUsual = false } of dearerAt(route.target.upstreamModel)) {
      if (route.rates.given.has(rate) || !isAsked(call, route.target.upstreamModel)) continue;
      const { field, label } = PARTS[rate];
      const missing = { field, label, route, isUsual };
      if (!isUsual) return missing;
      usual ??= missing;
    }
  }
  return usual;
}

const dearerAt = byName((upstreamModel) => {
  const name = upstreamModel.toLowerCase();
  return DEARER.filter(({ models }) => models.some((model) => model.test(name)));
});

/** The rejection under a hard budget. */
export const rateMissing = ({ field, label }: MissingRate, param: string): ApiError =>
  new ApiError(
    "invalid_request",
    `The provider bills this apart from text (${label.toLowerCase()}), and this model's price has no rate for it, so a hard budget cannot cover it. Leave it out, or ask an administrator to set ${field} in the model's price.`,
    { param },
  );
