import type { Wire } from "./wire";

/** The wires of a provider that speaks Anthropic's dialect, which reports the usage of every stream. */
export const ANTHROPIC_WIRES: readonly Wire[] = [
  { dialect: "messages", path: () => "messages", outputLimitField: "max_tokens", streamUsage: true },
];
