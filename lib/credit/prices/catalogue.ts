import { calcPrice, findProvider, type ModelInfo, type ModelPrice } from "@pydantic/genai-prices";
import { withCacheWrites } from "./claude-on-clouds";
import { decimalText } from "./decimal-text";
import { CALL_RATES, type CallRate, PART_RATES, type PartRate } from "./meters";
import { namesLedTo } from "./moving-alias";
import { type CallRates, parseRates, type Rates, type TokenRates } from "./price";

/** What the catalogue knows about a model. */
export type CatalogueEntry = {
  /** The entry the price comes from, recorded in the price version. */
  origin: string;
  rates: Rates;
  contextWindow: number | null;
};

/** The catalogue's name of each part that has a rate of its own. */
const KEY_OF_PART = {
  cacheReadPerMtok: "cache_read_mtok",
  cacheWritePerMtok: "cache_write_mtok",
  cacheWrite1hPerMtok: "cache_write_1h_mtok",
  inputAudioPerMtok: "input_audio_mtok",
  inputImagePerMtok: "input_image_mtok",
  inputVideoPerMtok: "input_video_mtok",
  outputAudioPerMtok: "output_audio_mtok",
  outputImagePerMtok: "output_image_mtok",
  reasoningPerMtok: "output_reasoning_mtok",
} as const satisfies Record<PartRate, string>;
/** The catalogue's name of what is billed by the call, of which it has the price for a thousand. */
const KEY_OF_CALL = { webSearchPerCall: "web_searches_kcount" } as const satisfies Record<CallRate, string>;
type RateKey = (typeof KEY_OF_PART)[PartRate] | "input_mtok" | "output_mtok";
const RATE_KEYS: ReadonlySet<string> = new Set([
  "input_mtok",
  "output_mtok",
  ...Object.values(KEY_OF_PART),
  ...Object.values(KEY_OF_CALL),
]);

/** The rate of which a missing one is a part; other parts are billed like the input. */
const LIKE: Partial<Record<RateKey, RateKey>> = {
  output_audio_mtok: "output_mtok",
  output_image_mtok: "output_mtok",
  output_reasoning_mtok: "output_mtok",
  cache_write_1h_mtok: "cache_write_mtok",
};

/**
 * Dimensions without a rate of ours that still cannot make us charge less than the provider: tools are billed only when
 * a request asks for them, and the gateway rejects those it cannot price; cached media are charged as media,
 * which is more expensive.
 */
const COVERED_KEYS = new Set([
  "storage_searches_kcount",
  "social_searches_kcount",
  "code_executions_kcount",
  "cache_audio_read_mtok",
  "cache_image_read_mtok",
  "cache_video_read_mtok",
]);

/**
 * These models search on their own and bill every search or request, whatever it asks for, at any provider
 * (docs.perplexity.ai/pricing), or read and write for agents of their own what no hold covers (xAI's, Groq's, and a model with
 * `:online` at OpenRouter). A client may name them where a provider's models are listed.
 */
const BILLS_BESIDES_TOKENS =
  /search-preview|search-api|deep-research|(?:^|\/)sonar|multi-agent|(?:^|\/)compound(?:-|$)|:online$/i;

/** xAI bills a tier from its start on: "Requests whose prompt reaches 200k tokens" (docs.x.ai/developers/models). */
const BILLS_FROM_START = /grok/i;
const TOKENS_OF_ROUND_START = 1_000;

/**
 * The input above which a tier of a catalogue applies. Most providers bill requests above its start; for those that bill
 * from it on, that is one token less, which a catalogue may have subtracted already.
 */
export const tierAbove = (model: string, start: number): number =>
  BILLS_FROM_START.test(model) && start % TOKENS_OF_ROUND_START === 0 ? start - 1 : start;

/** Whether a model, judging by its name, always bills more than its tokens. */
export const billsBesidesTokens = (model: string): boolean => BILLS_BESIDES_TOKENS.test(model);

/**
 * Returns the catalogue's price of a model at a time, from `@pydantic/genai-prices`: its rates, taking each number's
 * shortest decimal text as exact, and never its floating-point sums.
 *
 * If a price depends on the time of day, this is the highest of that day, since a price version is frozen at the hold. Of a
 * name that moves from release to release, it is no less than the newest one's.
 * Null if the catalogue does not know the model, or if our rates alone would charge less than the provider does: a
 * dimension we do not count (seconds, pages, requests, citations), an audio model without audio
 * rates, a model that searches on its own. Such a model needs a manual price.
 *
 * @param providerCatalogueId the catalogue's id of a provider ("openai"), see catalogueProviderId
 * @param at selects the price changes that have started by then
 */
export function cataloguePrice(providerCatalogueId: string, model: string, at: Date): CatalogueEntry | null {
  if (billsBesidesTokens(model)) return null;
  const found = calcPrice({}, model, { providerId: providerCatalogueId, timestamp: at });
  if (found === null) return null;
  const names = [model, ...namesLedTo(found.provider, model)];
  const rates = highestRates(
    model,
    names.flatMap((name) => pricesOfDay(providerCatalogueId, name, at)),
  );
  if (rates === null) return null;
  if (/audio/i.test(model) && rates.inputAudioPerMtok === undefined) return null;
  return {
    origin: `genai-prices: ${found.provider.id}/${found.model.id}`,
    rates: withCacheWrites(model, rates),
    contextWindow: windowOf(found.model),
  };
}

/** What the catalogue says that a model reads at most, whether or not we can bill it. */
export function catalogueWindow(providerCatalogueId: string, model: string): number | null {
  const found = calcPrice({}, model, { providerId: providerCatalogueId });
  return found === null ? null : windowOf(found.model);
}

/**
 * Windows that the catalogue has as a million, and what they are (developers.openai.com/api/docs/models/gpt-4.1,
 * ai.google.dev/gemini-api/docs/models). It has none of Gemini Pro since 2.5.
 */
const MILLION = 1_000_000;
const NOT_A_MILLION: readonly (readonly [RegExp, number])[] = [
  [/gpt-4\.1/, 1_047_576],
  [/gemini-1\.5-pro/, 2_097_152],
  [/gemini/, 1_048_576],
];

const GEMINI_PRO = /gemini-(?:2\.5|[3-9](?:\.\d)?)-pro(?:-preview)?$/;

function windowOf({ id, context_window: given }: ModelInfo): number | null {
  const told = given ?? (GEMINI_PRO.test(id) ? MILLION : undefined);
  const known = told === MILLION ? NOT_A_MILLION.find(([model]) => model.test(id)) : undefined;
  return known?.[1] ?? told ?? null;
}

/** Newer names of hosts (together-ai 0.52.0), and those that the catalogue has. */
const RENAMED_HOSTS: ReadonlyMap<string, string> = new Map([
  ["https://api.together.ai/", "https://api.together.xyz/"],
]);

/** Returns the catalogue's id of the provider at a base URL, or null if it knows none. */
export function catalogueProviderId(baseUrl: string): string | null {
  let providerApiUrl = baseUrl;
  for (const [newer, known] of RENAMED_HOSTS) {
    if (`${baseUrl}/`.startsWith(newer)) providerApiUrl = known + baseUrl.slice(newer.length);
  }
  return findProvider({ providerApiUrl })?.id ?? null;
}

/** The prices that a model has on a day. */
function pricesOfDay(providerId: string, model: string, at: Date): ModelPrice[] {
  const found = calcPrice({}, model, { providerId, timestamp: at });
  if (found === null) return [];
  return timesOfDay(found.model, at).flatMap((timestamp) => {
    const then = calcPrice({}, model, { providerId, timestamp });
    return then === null ? [] : [then.model_price];
  });
}

/** The times of day at which a model's price may change. */
function timesOfDay(model: ModelInfo, at: Date): Date[] {
  if (!Array.isArray(model.prices)) return [at];
  const times = model.prices.flatMap(({ constraint }) =>
    constraint?.type === "time_of_date" ? [constraint.start_time, constraint.end_time] : [],
  );
  if (times.length === 0) return [at];
  const day = at.toISOString().slice(0, 10);
  return ["00:00:00Z", ...times].map((time) => new Date(`${day}T${time}`));
}

/** Our rates, each the highest among `prices`; null if one of them has a dimension that we do not bill. */
function highestRates(model: string, prices: readonly ModelPrice[]): Rates | null {
  if (prices.length === 0 || !prices.every(isBillable)) return null;
  const starts = new Set<number>();
  for (const price of prices) {
    for (const value of Object.values(price)) {
      if (typeof value === "object") for (const tier of value.tiers) starts.add(tier.start);
    }
  }
  const tiers = [...starts]
    .filter((start) => start > 0)
    .sort((a, b) => a - b)
    .map((start) => ({ aboveInputTokens: tierAbove(model, start), ...ratesAbove(prices, start) }));
  const base = ratesAbove(prices, 0);
  const rates = { ...base, ...callRates(prices) };
  return parseRates(tiers.length === 0 ? rates : { ...rates, tiers });
}

function callRates(prices: readonly ModelPrice[]): CallRates {
  const rates: CallRates = {};
  for (const name of CALL_RATES) {
    const known = prices.flatMap((price) => {
      const perThousand = price[KEY_OF_CALL[name]];
      return typeof perThousand === "number" ? [perThousand] : [];
    });
    if (known.length > 0) rates[name] = decimalText(Math.max(...known), -3);
  }
  return rates;
}

function isBillable(price: ModelPrice): boolean {
  const keys = Object.keys(price).filter((key) => price[key] !== undefined);
  return price.input_mtok !== undefined && keys.every((key) => RATE_KEYS.has(key) || COVERED_KEYS.has(key));
}

function ratesAbove(prices: readonly ModelPrice[], start: number): TokenRates {
  const highest = (key: RateKey) => Math.max(...prices.map((price) => rateAbove(price, key, start)));
  const parts = PART_RATES.filter((part) => prices.some((price) => price[KEY_OF_PART[part]] !== undefined));
  return {
    inputPerMtok: decimalText(highest("input_mtok")),
    outputPerMtok: decimalText(highest("output_mtok")),
    ...Object.fromEntries(parts.map((part) => [part, decimalText(highest(KEY_OF_PART[part]))])),
  };
}

/** A key's rate for a request whose input is just above `start`; a missing one defaults to its parent's. */
function rateAbove(price: ModelPrice, key: RateKey, start: number): number {
  const own = numberAbove(price[key], start);
  if (own !== undefined) return own;
  // Embedding models have no output and no output rate.
  if (key === "output_mtok") return 0;
  return key === "input_mtok" ? 0 : rateAbove(price, LIKE[key] ?? "input_mtok", start);
}

function numberAbove(value: ModelPrice[string], start: number): number | undefined {
  if (typeof value !== "object") return value;
  const reached = value.tiers.filter((tier) => tier.start <= start).sort((a, b) => a.start - b.start);
  return reached.at(-1)?.price ?? value.base;
}
