/** How the targets of a model are ordered, as the API names it. */
export const STRATEGIES = ["priority", "round_robin", "weighted", "least_latency", "cheapest"] as const;
export type Strategy = (typeof STRATEGIES)[number];
