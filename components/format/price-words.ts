import type { Model } from "#lib/services/models/model";
import type { Price } from "#lib/services/prices/price";
import { fieldLabel } from "./field-label";
import { exactUsd } from "./usd";

type Strategy = Model["strategy"];
type Source = NonNullable<Model["price_source"]>;

/** Where a price comes from. */
export const SOURCE_WORDS: Record<Source, string> = {
  catalogue: "Built-in catalogue",
  imported: "Imported catalogue",
  manual: "Manual",
};

/** In which order targets are tried. */
export const STRATEGY_WORDS: Record<Strategy, string> = {
  priority: "Priority",
  round_robin: "Round robin",
  weighted: "Weighted",
  least_latency: "Least latency",
  cheapest: "Cheapest",
};

/** With every digit, and cents at least: "$2.50". */
function rateUsd(usd: string): string {
  const [whole = "", fraction = ""] = exactUsd(usd).split(".");
  return `${whole}.${fraction.padEnd(2, "0")}`;
}

/** "$2.50 in, $10.00 out": of a million tokens. */
export const priceWords = ({ input_per_mtok: input, output_per_mtok: output }: Price): string =>
  `${rateUsd(input)} in, ${rateUsd(output)} out`;

/** Every rate of a price, as a label and an amount: of a million tokens unless the label says "per call". */
export function rateLines({ tiers, ...rates }: Price): { label: string; usd: string }[] {
  const lines = (each: Readonly<Record<string, string | number | undefined>>, suffix = "") =>
    Object.entries(each).flatMap(([name, value]) =>
      typeof value === "string" ? [{ label: `${rateLabel(name)}${suffix}`, usd: rateUsd(value) }] : [],
    );
  const inTiers = (tiers ?? []).flatMap(({ above_input_tokens: above, ...tier }) =>
    lines(tier, `, above ${above.toLocaleString("en-US")}`),
  );
  return [...lines(rates), ...inTiers];
}

/** "cache_read_per_mtok" is "Cache read", and "web_search_per_call" is "Web search per call". */
const rateLabel = (name: string): string => fieldLabel(name.replace(/_per_mtok$/, ""));
