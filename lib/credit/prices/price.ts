import { z } from "zod";
import type { PicoUsd } from "#lib/credit/money";

const Rate = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,24})?$/, 'must be a decimal string in USD per million tokens, such as "2.5"');

const tokenRates = {
  inputPerMtok: Rate,
  outputPerMtok: Rate,
  /** Where it is missing, cached tokens cost the input rate; likewise the next two, and the output rate for the last. */
  cacheReadPerMtok: Rate.optional(),
  cacheWritePerMtok: Rate.optional(),
  inputAudioPerMtok: Rate.optional(),
  outputAudioPerMtok: Rate.optional(),
};
const Tier = z.strictObject({ aboveInputTokens: z.int().positive(), ...tokenRates });

/** The shape of rates, for schemas of which a price is a part. */
export const RatesShape = z.strictObject({
  ...tokenRates,
  /**
   * A request whose input is above `aboveInputTokens` is priced by that tier *as a whole*, every one of
   * its tokens, in and out. So genai-prices calculates (`calc_mtok_price`: `total_input_tokens >
   * tier.start` chooses one rate for all) and so OpenAI, Google and Anthropic bill.
   */
  tiers: z
    .array(Tier)
    .refine((tiers) => tiers.every((tier, i) => i === 0 || above(tiers[i - 1]) < tier.aboveInputTokens), {
      error: "must rise by aboveInputTokens",
    })
    .optional(),
});

/** A model's prices: plain data that never changes once it is a price version. */
export type Rates = z.output<typeof RatesShape>;
/** The rates of one tier, or of a model without tiers. */
export type TokenRates = Omit<Rates, "tiers">;

/** What a provider says a request used. Whole numbers, not negative. */
export type Usage = {
  /** All input: cached, cache-written and audio tokens included. */
  inputTokens: number;
  cachedTokens: number;
  cacheWriteTokens: number;
  /** All output: reasoning and audio tokens included. */
  outputTokens: number;
  /** For the record only: reasoning costs the output rate. */
  reasoningTokens: number;
  inputAudioTokens: number;
  outputAudioTokens: number;
};

type CompiledTier = {
  aboveInputTokens: number;
  input: bigint;
  cacheRead: bigint;
  cacheWrite: bigint;
  inputAudio: bigint;
  output: bigint;
  outputAudio: bigint;
  dearestTextInput: bigint;
  dearestInput: bigint;
  dearestOutput: bigint;
};

/** Rates ready for the hot path: whole numbers of 1/`divisor` picodollars per token. */
export type CompiledRates = { divisor: bigint; base: CompiledTier; tiers: readonly CompiledTier[] };

/**
 * Checks rates that come from outside: the database's JSON, or a person.
 * @throws ZodError naming what is wrong
 */
export function parseRates(value: unknown): Rates {
  return RatesShape.parse(value);
}

/**
 * Parses rates once, so that no request has to.
 * @throws SyntaxError for a rate that is not a decimal string (parseRates lets none through)
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
 * What a request cost, exact, rounded up once to the next picodollar.
 *
 * Parts of the input are taken out of its total in the order audio, cache-written, cached; what
 * remains costs the input rate. So tokens that a provider counts in two parts (cached audio) are
 * charged once, as the dearer, and parts that exceed the total are not charged beyond it.
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
 * The most that a request within these bounds can cost, whatever its tokens turn out to be: the dearest
 * tier that its input can reach, all of it cache-written where that is dearer.
 * @param options.audio false where the request can neither carry nor ask for audio
 */
export function boundPicoUsd(
  inputTokenBound: number,
  outputTokenBound: number,
  rates: CompiledRates,
  options: { audio: boolean } = { audio: true },
): PicoUsd {
  const input = BigInt(inputTokenBound);
  const output = BigInt(outputTokenBound);
  let dearest = 0n;
  const consider = (tier: CompiledTier) => {
    const perInput = options.audio ? tier.dearestInput : tier.dearestTextInput;
    const perOutput = options.audio ? tier.dearestOutput : tier.output;
    dearest = greater(dearest, input * perInput + output * perOutput);
  };
  consider(rates.base);
  for (const tier of rates.tiers) if (inputTokenBound > tier.aboveInputTokens) consider(tier);
  return divideUp(dearest, rates.divisor);
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
  const dearestTextInput = greater(greater(input, cacheRead), cacheWrite);
  const dearestInput = greater(dearestTextInput, inputAudio);
  const dearestOutput = greater(output, outputAudio);
  return {
    aboveInputTokens,
    input,
    cacheRead,
    cacheWrite,
    inputAudio,
    output,
    outputAudio,
    dearestTextInput,
    dearestInput,
    dearestOutput,
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
