import { z } from "zod";
import type { PicoUsd } from "#lib/credit/money";
import {
  ASKS_EVERYTHING,
  type Asks,
  CALL_METERS,
  CALL_RATES,
  type CallRate,
  PART_RATES,
  PARTS,
  type PartRate,
  perCall,
  perPart,
  type Usage,
} from "./meters";

const Rate = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,24})?$/, 'must be a decimal string in USD per million tokens, such as "2.5"');

/** US dollars for one call. */
const RateOfCall = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,24})?$/, 'must be a decimal string in USD, such as "0.01"');

const tokenRates = {
  inputPerMtok: Rate,
  outputPerMtok: Rate,
  ...perPart(() => Rate.optional()),
};
const Tier = z.strictObject({ aboveInputTokens: z.int().positive(), ...tokenRates });

/** The shape of rates, for schemas that contain a price. */
export const RatesShape = z.strictObject({
  ...tokenRates,
  ...perCall(() => RateOfCall.optional()),
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
export type TokenRates = Omit<Rates, "tiers" | CallRate>;
/** The rates of what is billed by the call, whatever the tier. */
export type CallRates = Pick<Rates, CallRate>;

/** A part with a rate of its own. */
type CompiledPart = {
  name: PartRate;
  count: (usage: Usage) => number;
  rate: bigint;
  asked: (typeof PARTS)[PartRate]["asked"];
};

/** Parts are in descending order of their rates; what they leave costs the rate for the rest. */
export type CompiledSide = { rest: bigint; parts: readonly CompiledPart[] };

type CompiledTier = { aboveInputTokens: number; input: CompiledSide; output: CompiledSide };

/** A call with a rate. */
type CompiledCall = { name: CallRate; rate: bigint };

/** Rates prepared for the hot path: whole numbers of 1/`divisor` picodollars per token or call. */
export type CompiledRates = {
  divisor: bigint;
  base: CompiledTier;
  tiers: readonly CompiledTier[];
  calls: readonly CompiledCall[];
  /** The parts for which each tier has a rate of its own. */
  given: ReadonlySet<PartRate>;
};

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
    calls: CALL_RATES.flatMap((name) => {
      const usd = base[name];
      // A dollar for one is a million for a million.
      return usd === undefined ? [] : [{ name, rate: scaled(usd, decimals) * 1_000_000n }];
    }),
    given: new Set(PART_RATES.filter((name) => [base, ...tiers].every((tier) => tier[name] !== undefined))),
  };
}

/** A decimal as a whole number of its last digit. */
function scaled(text: string, decimals: number): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}

/**
 * Calculates the exact cost of a request, rounded up once to the next picodollar.
 *
 * The parts that have a rate of their own are taken from the total in descending order of their rates; the rest costs
 * the rate for input or output. So tokens that a provider counts in two parts (a cached picture) are charged once, at
 * the higher rate, and parts that exceed the total are not charged beyond it.
 * @throws RangeError for a count that is not a whole number
 */
export function costPicoUsd(usage: Usage, rates: CompiledRates): PicoUsd {
  const tier = tierOf(rates, usage.inputTokens);
  const input = costOfSide(usage, usage.inputTokens, tier.input);
  const tokens = input + costOfSide(usage, usage.outputTokens, tier.output);
  return divideUp(tokens + costOfCalls(rates, (name) => CALL_METERS[name].count(usage)), rates.divisor);
}

function costOfCalls({ calls }: CompiledRates, countOf: (name: CallRate) => number): bigint {
  let total = 0n;
  for (const { name, rate } of calls) total += BigInt(countOf(name)) * rate;
  return total;
}

/** Whether a price has a rate for what is billed by the call. */
export const hasCallRate = ({ calls }: CompiledRates, rate: CallRate): boolean =>
  calls.some(({ name }) => name === rate);

function costOfSide(usage: Usage, tokens: number, side: CompiledSide): bigint {
  let left = tokens;
  let total = 0n;
  for (const { count, rate } of side.parts) {
    const taken = Math.min(count(usage), left);
    if (taken <= 0) continue;
    left -= taken;
    total += BigInt(taken) * rate;
  }
  return total + BigInt(left) * side.rest;
}

/**
 * Calculates the most that a request within these bounds can cost: the most expensive tier that its input can reach,
 * with every token at that tier's highest rate among those it asks for, and all calls.
 */
export function boundPicoUsd(
  inputTokenBound: number,
  outputTokenBound: number,
  rates: CompiledRates,
  asks: Asks = ASKS_EVERYTHING,
): PicoUsd {
  const input = BigInt(inputTokenBound);
  const output = BigInt(outputTokenBound);
  let max = 0n;
  const consider = (tier: CompiledTier) => {
    const most = input * highestRate(tier.input, asks) + output * highestRate(tier.output, asks);
    if (most > max) max = most;
  };
  consider(rates.base);
  for (const tier of rates.tiers) if (inputTokenBound > tier.aboveInputTokens) consider(tier);
  return divideUp(max + costOfCalls(rates, (name) => CALL_METERS[name].most(asks)), rates.divisor);
}

/** Parts are in descending order: the first that is asked for, unless the rest costs more. */
function highestRate({ rest, parts }: CompiledSide, asks: Asks): bigint {
  for (const { rate, asked } of parts) {
    if (rate <= rest) return rest;
    if (asked === null || asks[asked]) return rate;
  }
  return rest;
}

function compileTier(aboveInputTokens: number, rates: TokenRates, decimals: number): CompiledTier {
  const rateOf = (name: PartRate): bigint => scaled(rateText(rates, name), decimals);
  const compileSide = (of: "input" | "output", rest: bigint): CompiledSide => ({
    rest,
    parts: PART_RATES.filter((name) => PARTS[name].of === of)
      .map((name) => ({ name, count: PARTS[name].count, rate: rateOf(name), asked: PARTS[name].asked }))
      .filter(({ rate }) => rate !== rest)
      .sort((a, b) => (a.rate < b.rate ? 1 : -1)),
  });
  return {
    aboveInputTokens,
    input: compileSide("input", scaled(rates.inputPerMtok, decimals)),
    output: compileSide("output", scaled(rates.outputPerMtok, decimals)),
  };
}

/** The rate of a part: its own, or that of what it is billed like. */
export function rateText(rates: TokenRates, name: PartRate): string {
  const { like } = PARTS[name];
  return rates[name] ?? (like === "cacheWritePerMtok" ? rateText(rates, like) : rates[like]);
}

/** The tier that a request of this input is billed by. */
export function tierOf(rates: CompiledRates, inputTokens: number): CompiledTier {
  let reached = rates.base;
  for (const tier of rates.tiers) if (inputTokens > tier.aboveInputTokens) reached = tier;
  return reached;
}

const above = (tier: { aboveInputTokens: number } | undefined) => tier?.aboveInputTokens ?? 0;
const divideUp = (value: bigint, divisor: bigint) =>
  divisor === 1n ? value : (value + divisor - 1n) / divisor;
