/*
 * What `setup` creates, and how `cleanup` recognizes it. Nothing else is ever deleted.
 */

export const DEMO_ORGANIZATION = {
  name: "Tollgate Demo",
  budget: { limit_usd: "25", period: "month", soft_limit_percent: 80 },
} as const;

export const DEMO_USERS = [
  { email: "ada@demo.tollgate.example", name: "Ada Demo", role: "org_admin", keyName: "Ada's notebook" },
  { email: "ben@demo.tollgate.example", name: "Ben Demo", role: "member", keyName: "Ben's experiments" },
  { email: "cleo@demo.tollgate.example", name: "Cleo Demo", role: "viewer", keyName: null },
] as const;

/** On every key that setup creates. */
export const DEMO_TAG = "tollgate-setup";

/** Created only if no simulated provider has a model. */
export const DEMO_PROVIDER = { name: "setup-simulated", type: "simulated" } as const;
export const DEMO_MODEL = {
  name: "setup-chat",
  price: { input_per_mtok: "0.15", output_per_mtok: "0.6" },
  context_window: 128_000,
  max_output_tokens: 16_384,
} as const;
