import {
  CALL_METERS,
  CALL_RATES,
  type CallRate,
  PART_RATES,
  PARTS,
  type PartRate,
  type Usage,
} from "./meters";
import { type CompiledSide, compileRates, type Rates, rateText, type TokenRates, tierOf } from "./price";

/** Calls that are billed at one rate, in US dollars each. */
export type BilledCalls = { rate: CallRate; calls: number; perCall: string };

/** The calls of a usage that a price has a rate for. */
export const billedCalls = (usage: Usage, rates: Rates): BilledCalls[] =>
  CALL_RATES.flatMap((rate) => {
    const [calls, perCall] = [CALL_METERS[rate].count(usage), rates[rate]];
    return calls === 0 || perCall === undefined ? [] : [{ rate, calls, perCall }];
  });

/** Tokens that are billed at one rate. */
export type BilledTokens = {
  rate: PartRate | "inputPerMtok" | "outputPerMtok";
  tokens: number;
  perMtok: string;
};

/**
 * How `costPicoUsd` splits a usage: the tokens of each kind with their rate, in the order of a bill, and the tier they
 * are billed by. Parts of the input are told apart where they cost the same, too.
 */
export function billedTokens(
  usage: Usage,
  rates: Rates,
): { aboveInputTokens: number | null; billed: BilledTokens[] } {
  const tier = tierOf(compileRates(rates), usage.inputTokens);
  const { tiers = [], ...base } = rates;
  const reached = tiers.find(({ aboveInputTokens }) => aboveInputTokens === tier.aboveInputTokens);
  const taken = new Map<PartRate, number>();
  const split = (tokens: number, names: readonly PartRate[]) => {
    let left = tokens;
    for (const name of names) {
      const some = Math.max(0, Math.min(PARTS[name].count(usage), left));
      taken.set(name, some);
      left -= some;
    }
    return left;
  };
  const ownRates = ({ parts }: CompiledSide) => parts.map(({ name }) => name);
  const inputRates = ownRates(tier.input);
  // What was cached is worth a line of its own, also at the rate of the rest.
  const others = PART_RATES.filter((name) => PARTS[name].of === "input" && !inputRates.includes(name));
  const restOfInput = split(usage.inputTokens, [...inputRates, ...others]);
  const restOfOutput = split(usage.outputTokens, ownRates(tier.output));
  const each: TokenRates = reached ?? base;
  const partsOf = (side: "input" | "output") =>
    PART_RATES.filter((name) => PARTS[name].of === side).map((rate) => ({
      rate,
      tokens: taken.get(rate) ?? 0,
      perMtok: rateText(each, rate),
    }));
  const billed: BilledTokens[] = [
    { rate: "inputPerMtok", tokens: restOfInput, perMtok: each.inputPerMtok },
    ...partsOf("input"),
    { rate: "outputPerMtok", tokens: restOfOutput, perMtok: each.outputPerMtok },
    ...partsOf("output"),
  ];
  return {
    aboveInputTokens: reached?.aboveInputTokens ?? null,
    billed: billed.filter(({ tokens }) => tokens > 0),
  };
}
