import { calcPrice, findProvider, type ModelInfo, type ModelPrice } from "@pydantic/genai-prices";
import { parseRates, type Rates, type TokenRates } from "./price";

/** What the catalogue knows of a model. */
export type CatalogueEntry = {
  /** Which entry the price is from, for the price version's record. */
  origin: string;
  rates: Rates;
  contextWindow: number | null;
};

const RATE_OF_KEY = {
  input_mtok: "inputPerMtok",
  output_mtok: "outputPerMtok",
  cache_read_mtok: "cacheReadPerMtok",
  cache_write_mtok: "cacheWritePerMtok",
  input_audio_mtok: "inputAudioPerMtok",
  output_audio_mtok: "outputAudioPerMtok",
} as const;
type RateKey = keyof typeof RATE_OF_KEY;

/**
 * Dimensions that are no rate of ours and still cannot make a request cheaper than its provider bills:
 * tools are billed only where a request asks for them, and the gateway refuses those it cannot price;
 * cached audio is charged as audio, which is dearer.
 */
const COVERED_KEYS = new Set([
  "web_searches_kcount",
  "storage_searches_kcount",
  "social_searches_kcount",
  "code_executions_kcount",
  "cache_audio_read_mtok",
]);

/** One-hour cache writes: we count one kind of write, so a model with both is charged the dearer. */
const DEARER_WRITE_KEY = "cache_write_1h_mtok";

/** These search by themselves and bill every search, whatever the request asks for. */
const BILLS_BESIDES_TOKENS = /search-preview|search-api|deep-research/i;

/** Whether a model, going by its name, bills more than its tokens whatever is asked of it. */
export const billsBesidesTokens = (model: string): boolean => BILLS_BESIDES_TOKENS.test(model);

/**
 * The catalogue's price of a model at a time, from `@pydantic/genai-prices`: its rates, each number's
 * shortest decimal text taken as exact, and never its floating-point sums.
 *
 * A price that depends on the time of day becomes the dearest of that day, since a price version is
 * frozen when a request is held. Null where the catalogue does not know the model, and also where
 * billing by our rates alone would charge less than the provider does: a dimension we do not count
 * (images, video, seconds, pages, requests, citations), an audio model without audio rates, models that
 * search by themselves. Such a model needs a price given by hand.
 *
 * @param providerCatalogueId the catalogue's id of a provider ("openai"), see catalogueProviderId
 * @param at the price changes that had begun by then apply
 */
export function cataloguePrice(providerCatalogueId: string, model: string, at: Date): CatalogueEntry | null {
  if (billsBesidesTokens(model)) return null;
  const found = calcPrice({}, model, { providerId: providerCatalogueId, timestamp: at });
  if (found === null) return null;
  const prices = timesOfDay(found.model, at).flatMap((timestamp) => {
    const then = calcPrice({}, model, { providerId: providerCatalogueId, timestamp });
    return then === null ? [] : [then.model_price];
  });
  const rates = dearestRates(prices);
  if (rates === null) return null;
  if (/audio/i.test(model) && rates.inputAudioPerMtok === undefined) return null;
  return {
    origin: `genai-prices: ${found.provider.id}/${found.model.id}`,
    rates,
    contextWindow: found.model.context_window ?? null,
  };
}

/** The catalogue's id of the provider behind a base URL, null where it knows none there. */
export function catalogueProviderId(baseUrl: string): string | null {
  return findProvider({ providerApiUrl: baseUrl })?.id ?? null;
}

/** The moments of a day at which a model's price may change. */
function timesOfDay(model: ModelInfo, at: Date): Date[] {
  if (!Array.isArray(model.prices)) return [at];
  const times = model.prices.flatMap(({ constraint }) =>
    constraint?.type === "time_of_date" ? [constraint.start_time, constraint.end_time] : [],
  );
  if (times.length === 0) return [at];
  const day = at.toISOString().slice(0, 10);
  return ["00:00:00Z", ...times].map((time) => new Date(`${day}T${time}`));
}

/** Our rates, each the dearest among `prices`; null where one of them has a dimension that we do not bill. */
function dearestRates(prices: readonly ModelPrice[]): Rates | null {
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
    .map((start) => ({ aboveInputTokens: start, ...ratesAbove(prices, start) }));
  const base = ratesAbove(prices, 0);
  return parseRates(tiers.length === 0 ? base : { ...base, tiers });
}

function isBillable(price: ModelPrice): boolean {
  const keys = Object.keys(price).filter((key) => price[key] !== undefined);
  return (
    price.input_mtok !== undefined &&
    keys.every((key) => key in RATE_OF_KEY || COVERED_KEYS.has(key) || key === DEARER_WRITE_KEY)
  );
}

function ratesAbove(prices: readonly ModelPrice[], start: number): TokenRates {
  const dearest = (key: RateKey) => Math.max(...prices.map((price) => rateAbove(price, key, start)));
  const wanted = (key: RateKey) =>
    prices.some((p) => p[key] !== undefined || (key === "cache_write_mtok" && DEARER_WRITE_KEY in p));
  const optional = (["cache_read_mtok", "cache_write_mtok", "input_audio_mtok", "output_audio_mtok"] as const)
    .filter(wanted)
    .map((key) => [RATE_OF_KEY[key], decimalText(dearest(key))]);
  return {
    inputPerMtok: decimalText(dearest("input_mtok")),
    outputPerMtok: decimalText(dearest("output_mtok")),
    ...Object.fromEntries(optional),
  };
}

/** A key's number for a request whose input is just above `start`; a missing one costs what its parent does. */
function rateAbove(price: ModelPrice, key: RateKey, start: number): number {
  if (key === "cache_write_mtok") {
    const writes = [key, DEARER_WRITE_KEY].map((name) => numberAbove(price[name], start));
    const known = writes.filter((rate) => rate !== undefined);
    if (known.length > 0) return Math.max(...known);
  }
  const own = numberAbove(price[key], start);
  if (own !== undefined) return own;
  // Embedding models have no output rate: they put nothing out.
  if (key === "output_mtok") return 0;
  return numberAbove(price[key === "output_audio_mtok" ? "output_mtok" : "input_mtok"], start) ?? 0;
}

function numberAbove(value: ModelPrice[string], start: number): number | undefined {
  if (typeof value !== "object") return value;
  const reached = value.tiers.filter((tier) => tier.start <= start).sort((a, b) => a.start - b.start);
  return reached.at(-1)?.price ?? value.base;
}

/** The shortest decimal text that is this number, without an exponent. */
export function decimalText(value: number): string {
  const text = String(value);
  const [mantissa = "", exponent] = text.split("e-");
  if (exponent === undefined) return text;
  const [whole = "", fraction = ""] = mantissa.split(".");
  return `0.${"0".repeat(Number(exponent) - whole.length)}${whole}${fraction}`;
}
