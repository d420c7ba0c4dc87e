import type { Model } from "#lib/services/models/model";
import type { Price } from "#lib/services/prices/price";
import { exactUsd } from "./usd";

type Strategy = Model["strategy"];
type Source = NonNullable<Model["price_source"]>;

/** Where a price comes from. */
export const SOURCE_WORDS: Record<Source, string> = {
  catalogue: "built-in catalogue",
  imported: "imported catalogue",
  manual: "manual",
};

/** In which order targets are tried. */
export const STRATEGY_WORDS: Record<Strategy, string> = {
  priority: "Priority",
  round_robin: "Round robin",
  weighted: "Weighted",
  least_latency: "Least latency",
  cheapest: "Cheapest",
};

/** "$2.5 in, $10 out": of a million tokens. */
export const priceWords = ({ input_per_mtok: input, output_per_mtok: output }: Price): string =>
  `${exactUsd(input)} in, ${exactUsd(output)} out`;

/** Every rate of a price, as a label and an amount. */
export function rateLines({ tiers, ...rates }: Price): { label: string; usd: string }[] {
  const lines = (each: Readonly<Record<string, string | number | undefined>>, suffix = "") =>
    Object.entries(each).flatMap(([name, value]) =>
      typeof value === "string" ? [{ label: `${rateLabel(name)}${suffix}`, usd: exactUsd(value) }] : [],
    );
  const inTiers = (tiers ?? []).flatMap(({ above_input_tokens: above, ...tier }) =>
    lines(tier, `, above ${above.toLocaleString("en-US")} input tokens`),
  );
  return [...lines(rates), ...inTiers];
}

/** "cache_read_per_mtok" is "Cache read, per million tokens". */
function rateLabel(name: string): string {
  const unit = name.endsWith("_per_call") ? "per call" : "per million tokens";
  const words = name.replace(/_per_(mtok|call)$/, "").replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}, ${unit}`;
}
