import type { Wire } from "./wire";

/** The wires of a provider that speaks Anthropic's dialect, which reports the usage of every stream, and counts for free. */
export const ANTHROPIC_WIRES: readonly Wire[] = [
  { dialect: "messages", path: () => "messages", outputLimitField: "max_tokens", streamUsage: true },
  {
    dialect: "count_tokens",
    path: () => "messages/count_tokens",
    outputLimitField: null,
    streamUsage: false,
  },
];
