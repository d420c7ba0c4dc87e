import { z } from "zod";
import { billsBesidesTokens, tierAbove } from "#lib/credit/prices/catalogue";
import { decimalText } from "#lib/credit/prices/decimal-text";
import type { PartRate } from "#lib/credit/prices/meters";
import { type CallRates, type Rates, RatesShape, type TokenRates } from "#lib/credit/prices/price";

/** The prices in an entry of a LiteLLM catalogue, or why Tollgate cannot bill by them. */
export type LiteLlmEntry =
  | { rates: Rates; contextWindow: number | null; maxOutputTokens: number | null }
  | { reason: string };

const Entry = z.record(z.string(), z.unknown());
type Entry = z.output<typeof Entry>;

/** Rates by kind of token. Only these can have tiers. */
const RATE_OF_KEY = {
  input_cost_per_token: "inputPerMtok",
  output_cost_per_token: "outputPerMtok",
  cache_read_input_token_cost: "cacheReadPerMtok",
  cache_creation_input_token_cost: "cacheWritePerMtok",
  cache_creation_input_token_cost_above_1hr: "cacheWrite1hPerMtok",
  input_cost_per_audio_token: "inputAudioPerMtok",
  input_cost_per_image_token: "inputImagePerMtok",
  input_cost_per_video_token: "inputVideoPerMtok",
  output_cost_per_audio_token: "outputAudioPerMtok",
  output_cost_per_image_token: "outputImagePerMtok",
  output_cost_per_reasoning_token: "reasoningPerMtok",
} as const satisfies Record<string, PartRate | "inputPerMtok" | "outputPerMtok">;
type RateKey = keyof typeof RATE_OF_KEY;
const isRateKey = (key: string): key is RateKey => Object.hasOwn(RATE_OF_KEY, key);

/** An older name. */
const ALIASES: Readonly<Record<string, RateKey>> = {
  input_cost_per_token_cache_hit: "cache_read_input_token_cost",
};

/**
 * Prices that do not apply to requests through Tollgate: batches, service tiers, tools that cost extra, and the
 * same rates in a provider's own unit (dbu). Searches have a rate of their own (callRates).
 */
const NOT_APPLICABLE =
  /_batch(es|_requests)|_flex$|_priority$|_dbu?_cost_|^(search_context|file_search|code_interpreter|computer_use|vector_store|web_search)_/;

/** Cheaper cached variants of a kind, charged at the rate of that kind. */
const PART_OF: Readonly<Record<string, RateKey>> = {
  cache_read_input_audio_token_cost: "input_cost_per_audio_token",
  cache_creation_input_audio_token_cost: "input_cost_per_audio_token",
  cache_read_input_image_token_cost: "input_cost_per_image_token",
  cache_creation_input_image_token_cost: "input_cost_per_image_token",
  cache_read_input_video_token_cost: "input_cost_per_video_token",
};

/** The price of one picture, where its tokens have a rate: what it comes to, not a price beside it. */
const SAME_AS: Readonly<Record<string, RateKey>> = {
  input_cost_per_image: "input_cost_per_image_token",
  output_cost_per_image: "output_cost_per_image_token",
};

const TIERED = /^(.+)_above_(\d+)(k?)_tokens$/;

/**
 * Reads the exact rates of one entry. Returns a reason instead if the provider bills by more than tokens, such as by
 * image, second or request.
 */
export function litellmEntry(model: string, value: unknown): LiteLlmEntry {
  const parsed = Entry.safeParse(value);
  if (!parsed.success) return { reason: "is not an object" };
  const entry = parsed.data;
  if (
    billsBesidesTokens(model) ||
    (entry.litellm_provider === "perplexity" && "search_context_cost_per_query" in entry)
  ) {
    return { reason: "bills searches in addition to tokens" };
  }
  const collected = collectRates(entry);
  if ("reason" in collected) return collected;
  const base = tokenRates(collected.base);
  if (base === null) return { reason: "has no input_cost_per_token or no output_cost_per_token" };
  if (/audio/i.test(model) && base.inputAudioPerMtok === undefined)
    return { reason: "has no rate for audio" };
  const tiers = tiersOf(model, collected);
  const all = { ...base, ...callRates(entry) };
  const rates = RatesShape.safeParse(tiers.length === 0 ? all : { ...all, tiers });
  if (!rates.success) return { reason: "has a rate with too many digits" };
  return {
    rates: rates.data,
    contextWindow: tokenCount(entry.max_input_tokens),
    maxOutputTokens: tokenCount(entry.max_output_tokens),
  };
}

type KnownRates = Partial<Record<RateKey, number>>;
type Collected = { base: KnownRates; above: ReadonlyMap<number, KnownRates> };

function collectRates(entry: Entry): Collected | { reason: string } {
  const base: KnownRates = {};
  const above = new Map<number, KnownRates>();
  for (const [name, value] of Object.entries(entry)) {
    if (!name.includes("cost") || value === null || NOT_APPLICABLE.test(name)) continue;
    const [, tieredName, digits, thousands] = TIERED.exec(name) ?? [];
    const plainName = tieredName ?? name;
    const key = isRateKey(plainName) ? plainName : ALIASES[plainName];
    if (key === undefined) {
      if (value === 0 || isCovered(name, value, entry)) continue;
      return { reason: `is billed by ${name}, which Tollgate does not count` };
    }
    if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
      return { reason: `${name} is not a valid rate` };
    }
    const start = digits === undefined ? 0 : Number(digits) * (thousands === "k" ? 1000 : 1);
    const rates = start === 0 ? base : (above.get(start) ?? {});
    if (start !== 0) above.set(start, rates);
    rates[key] = Math.max(value, rates[key] ?? 0);
  }
  // Embedding models have no output.
  if (entry.mode === "embedding") base.output_cost_per_token ??= 0;
  return { base, above };
}

/** Whether another rate already charges at least this. */
function isCovered(name: string, value: unknown, entry: Entry): boolean {
  const same = SAME_AS[name];
  if (same !== undefined && typeof entry[same] === "number") return true;
  const whole = PART_OF[name];
  const wholeRate = whole && entry[whole];
  return typeof value === "number" && typeof wholeRate === "number" && value <= wholeRate;
}

/** Completes each tier: a kind without a rate costs what it does in the tier below. */
function tiersOf(model: string, { base, above }: Collected): (TokenRates & { aboveInputTokens: number })[] {
  let below = base;
  return [...above.keys()]
    .sort((a, b) => a - b)
    .flatMap((start) => {
      below = { ...below, ...above.get(start) };
      const rates = tokenRates(below);
      return rates === null ? [] : [{ aboveInputTokens: tierAbove(model, start), ...rates }];
    });
}

const SearchCosts = z.record(z.string(), z.number().nonnegative());

/** By the size of the context that a search is to have: a request may ask for the most expensive. */
function callRates({ search_context_cost_per_query: costs }: Entry): CallRates {
  const parsed = SearchCosts.safeParse(costs);
  const known = parsed.success ? Object.values(parsed.data) : [];
  return known.length === 0 ? {} : { webSearchPerCall: decimalText(Math.max(...known)) };
}

function tokenRates(known: KnownRates): TokenRates | null {
  const { input_cost_per_token: input, output_cost_per_token: output } = known;
  if (input === undefined || output === undefined) return null;
  const rates: TokenRates = { inputPerMtok: perMtok(input), outputPerMtok: perMtok(output) };
  for (const [key, rate] of Object.entries(known)) {
    if (isRateKey(key) && rate !== undefined) rates[RATE_OF_KEY[key]] = perMtok(rate);
  }
  return rates;
}

/** Converts US dollars per token to exact US dollars per million. */
export const perMtok = (usdPerToken: number): string => decimalText(usdPerToken, 6);

const TokenCount = z.int().positive().max(2_147_483_647).nullable().catch(null);

/** A whole number of tokens that the database can keep, else null: it is no reason to go without the price. */
const tokenCount = (value: unknown): number | null => TokenCount.parse(value);
