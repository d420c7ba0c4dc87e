import { z } from "zod";
import {
  CALL_METERS,
  CALL_RATES,
  type CallField,
  PART_RATES,
  PARTS,
  type PartField,
  perCall,
  perPart,
} from "#lib/credit/prices/meters";
import { type CallRates, type Rates, RatesShape, type TokenRates } from "#lib/credit/prices/price";

const rate = RatesShape.shape.inputPerMtok.meta({ examples: ["2.5"] });

const parts = perPart((name) => rate.optional().describe(PARTS[name].description));
const tokenPrice = {
  input_per_mtok: rate,
  output_per_mtok: rate,
  cache_read_per_mtok: parts.cacheReadPerMtok,
  cache_write_per_mtok: parts.cacheWritePerMtok,
  cache_write_1h_per_mtok: parts.cacheWrite1hPerMtok,
  input_audio_per_mtok: parts.inputAudioPerMtok,
  input_image_per_mtok: parts.inputImagePerMtok,
  input_video_per_mtok: parts.inputVideoPerMtok,
  output_audio_per_mtok: parts.outputAudioPerMtok,
  output_image_per_mtok: parts.outputImagePerMtok,
  reasoning_per_mtok: parts.reasoningPerMtok,
} satisfies Record<PartField | "input_per_mtok" | "output_per_mtok", unknown>;

const rateOfCall = RatesShape.shape.webSearchPerCall.unwrap().meta({ examples: ["0.01"] });
const calls = perCall((name) => rateOfCall.optional().describe(CALL_METERS[name].description));
const callPrice = { web_search_per_call: calls.webSearchPerCall } satisfies Record<CallField, unknown>;

const PriceTier = z
  .strictObject({ above_input_tokens: z.int().positive(), ...tokenPrice })
  .meta({ id: "PriceTier" });
type TokenPrice = Omit<z.output<typeof PriceTier>, "above_input_tokens">;

/** Prices of tokens in US dollars per million, and of calls in US dollars each, as exact decimal strings. */
export const Price = z
  .strictObject({
    ...tokenPrice,
    ...callPrice,
    tiers: z
      .array(PriceTier)
      .max(20)
      .refine(
        (tiers) => tiers.every((tier, i) => i === 0 || startOf(tiers[i - 1]) < tier.above_input_tokens),
        {
          error: "Sort tiers by `above_input_tokens`, without repeats.",
        },
      )
      .optional()
      .describe(
        "A request with more input tokens than that is billed at these rates for all its tokens. Where a provider bills them from 200 000 tokens on, as xAI does, enter 199999.",
      ),
  })
  .meta({ id: "Price", description: "US dollars per million tokens, or per call, as decimal strings." });
export type Price = z.output<typeof Price>;
type CallPrice = Pick<Price, CallField>;

const startOf = (tier: { above_input_tokens: number } | undefined) => tier?.above_input_tokens ?? 0;

/** Normalized rates, for lib/credit: equal prices give equal rates, however they are written. */
export function ratesOf({ tiers, ...price }: Price): Rates {
  return {
    ...tokenRatesOf(price),
    ...callRatesOf(price),
    ...(tiers === undefined || tiers.length === 0
      ? {}
      : {
          tiers: tiers.map((tier) => ({
            aboveInputTokens: tier.above_input_tokens,
            ...tokenRatesOf(tier),
          })),
        }),
  };
}

/** The price in the contract's form. */
export function priceOf({ tiers, ...rates }: Rates): Price {
  return {
    ...tokenPriceOf(rates),
    ...callPriceOf(rates),
    ...(tiers === undefined
      ? {}
      : {
          tiers: tiers.map((tier) => ({
            above_input_tokens: tier.aboveInputTokens,
            ...tokenPriceOf(tier),
          })),
        }),
  };
}

function tokenRatesOf(price: TokenPrice): TokenRates {
  const rates: TokenRates = {
    inputPerMtok: plain(price.input_per_mtok),
    outputPerMtok: plain(price.output_per_mtok),
  };
  for (const name of PART_RATES) {
    const own = price[PARTS[name].field];
    if (own !== undefined) rates[name] = plain(own);
  }
  return rates;
}

function tokenPriceOf(rates: TokenRates): TokenPrice {
  const price: TokenPrice = {
    input_per_mtok: plain(rates.inputPerMtok),
    output_per_mtok: plain(rates.outputPerMtok),
  };
  for (const name of PART_RATES) {
    const own = rates[name];
    if (own !== undefined) price[PARTS[name].field] = plain(own);
  }
  return price;
}

function callRatesOf(price: CallPrice): CallRates {
  const rates: CallRates = {};
  for (const name of CALL_RATES) {
    const own = price[CALL_METERS[name].field];
    if (own !== undefined) rates[name] = plain(own);
  }
  return rates;
}

function callPriceOf(rates: CallRates): CallPrice {
  const price: CallPrice = {};
  for (const name of CALL_RATES) {
    const own = rates[name];
    if (own !== undefined) price[CALL_METERS[name].field] = plain(own);
  }
  return price;
}

/** Normalizes a decimal: "02.50" becomes "2.5". */
function plain(rate: string): string {
  const [whole = "", fraction = ""] = rate.split(".");
  const decimals = fraction.replace(/0+$/, "");
  return `${whole.replace(/^0+(?=\d)/, "")}${decimals === "" ? "" : `.${decimals}`}`;
}
