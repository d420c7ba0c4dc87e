import { z } from "zod";
import type { PicoUsd } from "#lib/credit/money";

const Rate = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,24})?$/, 'must be a decimal string in USD per million tokens, such as "2.5"');

const tokenRates = {
  inputPerMtok: Rate,
  outputPerMtok: Rate,
  /** Defaults to the input rate, as do the next two; the last defaults to the output rate. */
  cacheReadPerMtok: Rate.optional(),
  cacheWritePerMtok: Rate.optional(),
  inputAudioPerMtok: Rate.optional(),
  outputAudioPerMtok: Rate.optional(),
};
const Tier = z.strictObject({ aboveInputTokens: z.int().positive(), ...tokenRates });

/** The shape of rates, for schemas that contain a price. */
export const RatesShape = z.strictObject({
  ...tokenRates,
  /**
   * A request whose input is above `aboveInputTokens` pays that tier's rates for *all* of its tokens, input and
   * output. OpenAI, Google and Anthropic bill this way, and genai-prices calculates so (`calc_mtok_price`:
   * `total_input_tokens > tier.start` selects one rate for all).
   */
  tiers: z
    .array(Tier)
    .refine((tiers) => tiers.every((tier, i) => i === 0 || above(tiers[i - 1]) < tier.aboveInputTokens), {
      error: "must be in ascending order of aboveInputTokens",
    })
    .optional(),
});

/** A model's prices: plain data that never changes once it is a price version. */
export type Rates = z.output<typeof RatesShape>;
/** The rates of one tier, or of a model without tiers. */
export type TokenRates = Omit<Rates, "tiers">;

/** The usage that a provider reports. Whole numbers, not negative. */
export type Usage = {
  /** All input: cached, cache-written and audio tokens included. */
  inputTokens: number;
  cachedTokens: number;
  cacheWriteTokens: number;
  /** All output: reasoning and audio tokens included. */
  outputTokens: number;
  /** Recorded only: reasoning costs the output rate. */
  reasoningTokens: number;
  inputAudioTokens: number;
  outputAudioTokens: number;
};

export const NO_USAGE: Usage = {
  inputTokens: 0,
  cachedTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  inputAudioTokens: 0,
  outputAudioTokens: 0,
};

type CompiledTier = {
  aboveInputTokens: number;
  input: bigint;
  cacheRead: bigint;
  cacheWrite: bigint;
  inputAudio: bigint;
  output: bigint;
  outputAudio: bigint;
  maxTextInput: bigint;
  maxInput: bigint;
  maxOutput: bigint;
};

/** Rates prepared for the hot path: whole numbers of 1/`divisor` picodollars per token. */
export type CompiledRates = { divisor: bigint; base: CompiledTier; tiers: readonly CompiledTier[] };

/**
 * Validates rates from outside: the database's JSON, or user input.
 * @throws ZodError saying what is wrong
 */
export function parseRates(value: unknown): Rates {
  return RatesShape.parse(value);
}

/**
 * Parses rates once, so that requests do not have to.
 * @throws SyntaxError for a rate that is not a decimal string (parseRates rejects those)
 */
export function compileRates(rates: Rates): CompiledRates {
  const { tiers = [], ...base } = rates;
  const texts = [base, ...tiers].flatMap((tier) => Object.values(tier).filter((v) => typeof v === "string"));
  // A USD-per-million rate of up to six decimals is a whole number of picodollars per token.
  const decimals = Math.max(6, ...texts.map((text) => text.split(".")[1]?.length ?? 0));
  return {
    divisor: 10n ** BigInt(decimals - 6),
    base: compileTier(0, base, decimals),
    tiers: tiers.map((tier) => compileTier(tier.aboveInputTokens, tier, decimals)),
  };
}

/**
 * Calculates the exact cost of a request, rounded up once to the next picodollar.
 *
 * Parts of the input are taken from its total in the order audio, cache-written, cached; the rest costs the
 * input rate. So tokens that a provider counts in two parts (cached audio) are charged once, at the higher rate,
 * and parts that exceed the total are not charged beyond it.
 * @throws RangeError for a count that is not a whole number
 */
export function costPicoUsd(usage: Usage, rates: CompiledRates): PicoUsd {
  const tier = tierOf(rates, usage.inputTokens);
  let input = usage.inputTokens;
  let total = 0n;
  const take = (tokens: number, rate: bigint) => {
    const taken = Math.min(tokens, input);
    if (taken <= 0) return;
    input -= taken;
    total += BigInt(taken) * rate;
  };
  take(usage.inputAudioTokens, tier.inputAudio);
  take(usage.cacheWriteTokens, tier.cacheWrite);
  take(usage.cachedTokens, tier.cacheRead);
  take(input, tier.input);
  const audio = Math.min(usage.outputAudioTokens, usage.outputTokens);
  if (audio > 0) total += BigInt(audio) * tier.outputAudio;
  if (usage.outputTokens > audio) total += BigInt(usage.outputTokens - audio) * tier.output;
  return divideUp(total, rates.divisor);
}

/**
 * Calculates the most that a request within these bounds can cost, whatever its tokens are: the most expensive tier
 * that its input can reach, with every token at that tier's highest rate.
 * @param options.audio false if the request can neither contain nor ask for audio
 */
export function boundPicoUsd(
  inputTokenBound: number,
  outputTokenBound: number,
  rates: CompiledRates,
  options: { audio: boolean } = { audio: true },
): PicoUsd {
  const input = BigInt(inputTokenBound);
  const output = BigInt(outputTokenBound);
  let max = 0n;
  const consider = (tier: CompiledTier) => {
    const perInput = options.audio ? tier.maxInput : tier.maxTextInput;
    const perOutput = options.audio ? tier.maxOutput : tier.output;
    max = greater(max, input * perInput + output * perOutput);
  };
  consider(rates.base);
  for (const tier of rates.tiers) if (inputTokenBound > tier.aboveInputTokens) consider(tier);
  return divideUp(max, rates.divisor);
}

function compileTier(aboveInputTokens: number, rates: TokenRates, decimals: number): CompiledTier {
  const scaled = (rate: string) => {
    const [whole = "", fraction = ""] = rate.split(".");
    return BigInt(whole + fraction.padEnd(decimals, "0"));
  };
  const input = scaled(rates.inputPerMtok);
  const output = scaled(rates.outputPerMtok);
  const orInput = (rate: string | undefined) => (rate === undefined ? input : scaled(rate));
  const cacheRead = orInput(rates.cacheReadPerMtok);
  const cacheWrite = orInput(rates.cacheWritePerMtok);
  const inputAudio = orInput(rates.inputAudioPerMtok);
  const outputAudio = rates.outputAudioPerMtok === undefined ? output : scaled(rates.outputAudioPerMtok);
  const maxTextInput = greater(greater(input, cacheRead), cacheWrite);
  const maxInput = greater(maxTextInput, inputAudio);
  const maxOutput = greater(output, outputAudio);
  return {
    aboveInputTokens,
    input,
    cacheRead,
    cacheWrite,
    inputAudio,
    output,
    outputAudio,
    maxTextInput,
    maxInput,
    maxOutput,
  };
}

function tierOf(rates: CompiledRates, inputTokens: number): CompiledTier {
  let reached = rates.base;
  for (const tier of rates.tiers) if (inputTokens > tier.aboveInputTokens) reached = tier;
  return reached;
}

const greater = (a: bigint, b: bigint) => (a > b ? a : b);
const above = (tier: { aboveInputTokens: number } | undefined) => tier?.aboveInputTokens ?? 0;
const divideUp = (value: bigint, divisor: bigint) =>
  divisor === 1n ? value : (value + divisor - 1n) / divisor;
