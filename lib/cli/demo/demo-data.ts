/*
 * What `setup` creates, and how `cleanup` recognizes it. Nothing else is ever deleted.
 */

export const DEMO_ORGANIZATIONS = [
  { name: "Tollgate Demo", budget: { limit_usd: "25", period: "month", soft_limit_percent: 80 } },
  { name: "Tollgate Demo Labs", budget: { limit_usd: "5", period: "day" } },
] as const;

/** Users with different limits, and what their keys show. */
export const DEMO_USERS = [
  {
    organization: "Tollgate Demo",
    person: {
      email: "ada@demo.tollgate.example",
      name: "Ada Demo",
      role: "org_admin",
      budget: { limit_usd: "10", period: "month" },
    },
    keyName: "Ada's notebook",
    shows: "$10 a month, within the organization's $25",
  },
  {
    organization: "Tollgate Demo",
    person: {
      email: "ben@demo.tollgate.example",
      name: "Ben Demo",
      role: "member",
      rate_limits: { requests_per_minute: 3 },
    },
    keyName: "Ben's experiments",
    shows: "three requests a minute: the fourth is a 429 with retry-after",
  },
  {
    organization: "Tollgate Demo Labs",
    person: {
      email: "cleo@demo.tollgate.example",
      name: "Cleo Demo",
      role: "member",
      budget: { limit_usd: "0.000001", period: "day" },
    },
    keyName: "Cleo's prototype",
    shows: "a budget that no request fits: a 429 insufficient_quota that says what is left",
  },
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
