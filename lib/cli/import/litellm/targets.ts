import type { FileProvider } from "#lib/services/key-file/key-file";
import { type Deployment, isSame } from "./deployment";
import type { Fields } from "./values";

/** A target as `POST /models` takes it, with a provider instead of its id. */
export type NewTarget = {
  provider: FileProvider;
  fields: Fields & { upstream_model: string };
  /** The model whose price in a catalogue it gets, if there is one. */
  pricedAs: string | undefined;
};

type Grouped = { strategy: string; targets: NewTarget[]; left: string[] };

const STRATEGIES: ReadonlyMap<unknown, string> = new Map([
  [undefined, "weighted"],
  ["simple-shuffle", "weighted"],
  ["latency-based-routing", "least_latency"],
  ["cost-based-routing", "cheapest"],
]);
const GREATEST_WEIGHT = 1000;

/**
 * A model's targets: its own deployments by LiteLLM's strategy, and after all of them those that it falls back to.
 * One deployment, or deployments with an `order`, are tried in order.
 */
export function groupTargets(
  own: readonly Deployment[],
  fallbacks: readonly Deployment[],
  routing: unknown,
): Grouped {
  const left: string[] = [];
  const others = fallbacks.filter(
    (each, at) => ![...own, ...fallbacks.slice(0, at)].some((earlier) => isSame(earlier, each)),
  );
  if (own.length === 1 || own.some(({ order }) => order !== undefined)) {
    const orders = [...new Set(own.map(({ order }) => order ?? Number.POSITIVE_INFINITY))].toSorted(
      (a, b) => a - b,
    );
    const targets = own.map((each) =>
      targetOf(each, { priority: orders.indexOf(each.order ?? Number.POSITIVE_INFINITY) }),
    );
    return {
      strategy: "priority",
      targets: [...targets, ...others.map((each, at) => targetOf(each, { priority: orders.length + at }))],
      left,
    };
  }
  const strategy = STRATEGIES.get(routing) ?? "weighted";
  if (!STRATEGIES.has(routing)) left.push(`The strategy ${String(routing)} becomes weighted.`);
  const weights = weightsOf(own);
  const targets = own.map((each, at) =>
    targetOf(each, strategy === "weighted" ? { weight: weights[at] ?? 1 } : {}),
  );
  if (strategy === "weighted")
    return { strategy, targets: [...targets, ...others.map((each) => targetOf(each, { weight: 0 }))], left };
  if (others.length > 0) left.push(`Fallbacks have no place beside the strategy ${strategy}.`);
  return { strategy, targets, left };
}

const targetOf = ({ provider, upstreamModel, target, pricedAs }: Deployment, place: Fields): NewTarget => ({
  provider,
  pricedAs: target.price === undefined ? pricedAs : undefined,
  fields: { upstream_model: upstreamModel, ...place, ...target },
});

/** By `weight`, or else by `rpm` or `tpm`, as LiteLLM shuffles; in whole numbers. */
function weightsOf(own: readonly Deployment[]): number[] {
  const by = (["weight", "rpm", "tpm"] as const).find((name) =>
    own.some(({ weights }) => weights[name] !== undefined),
  );
  if (by === undefined) return own.map(() => 1);
  const given = own.map(({ weights }) => weights[by] ?? 0);
  const greatest = Math.max(...given);
  if (given.every((each) => Number.isInteger(each)) && greatest <= GREATEST_WEIGHT) return given;
  return given.map((each) => Math.ceil((each / greatest) * GREATEST_WEIGHT));
}
