import { z } from "zod";

/*
 * What the CLI reads from the Admin API's answers, and no more of it: what a newer server adds is let through.
 */

const text = z.string().nullish();
const texts = z.array(z.string()).nullish();

export const Budget = z.looseObject({
  limit_usd: z.string(),
  period: z.string(),
  soft_limit_percent: z.number().nullish(),
});
export const RateLimits = z.looseObject({
  requests_per_minute: z.number().nullish(),
  tokens_per_minute: z.number().nullish(),
  max_concurrent: z.number().nullish(),
});
export type RateLimits = z.output<typeof RateLimits>;

const limits = { budget: Budget.nullish(), rate_limits: RateLimits.nullish() };

export const Organization = z.looseObject({
  id: z.string(),
  name: z.string(),
  ...limits,
  failure_mode: text,
  on_hang_up: text,
  suspended_at: text,
  created_at: text,
});
export type Organization = z.output<typeof Organization>;

export const User = z.looseObject({
  id: z.string(),
  email: z.string(),
  name: text,
  role: text,
  organization_id: text,
  external_id: text,
  ...limits,
  payment_valid_until: text,
  payment_status: text,
  created_at: text,
});
export type User = z.output<typeof User>;

const Named = z.looseObject({ name: z.string() });

export const ApiKey = z.looseObject({
  id: z.string(),
  name: z.string(),
  key_prefix: z.string(),
  organization_id: text,
  user_id: text,
  ...limits,
  allowed_models: texts,
  allowed_ips: texts,
  provider_id: text,
  expires_at: text,
  revoked_at: text,
  tags: texts,
  created_at: text,
  user: Named.nullish(),
  organization: Named.nullish(),
  spent_this_month_usd: text,
});
export type ApiKey = z.output<typeof ApiKey>;
/** What creating and rotating answer: the key itself, this once. */
export const ApiKeyWithSecret = ApiKey.extend({ key: z.string() });

export const Provider = z.looseObject({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  base_url: text,
  enabled: z.boolean().nullish(),
  created_at: text,
});
export type Provider = z.output<typeof Provider>;

export const ProviderTest = z.looseObject({
  healthy: z.boolean(),
  latency_ms: z.number().nullish(),
  error: text,
});

export const Model = z.looseObject({
  id: z.string(),
  name: z.string(),
  aliases: texts,
  strategy: text,
  targets: z.array(z.looseObject({ provider_id: text, provider_name: text, upstream_model: text })),
  context_window: z.number().nullish(),
  max_output_tokens: z.number().nullish(),
  enabled: z.boolean().nullish(),
});
export type Model = z.output<typeof Model>;

export const Usage = z.looseObject({
  period: z.looseObject({ start: text, end: text }),
  budget: z
    .looseObject({ limit_usd: z.string(), spent_usd: text, held_usd: text, remaining_usd: text })
    .nullable(),
  requests: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cost_usd: z.string(),
});
export type Usage = z.output<typeof Usage>;

export const ExpirySyncOfOne = z.looseObject({
  user_id: z.string(),
  email: text,
  payment_valid_until: text,
  payment_status: z.string(),
});
export const ExpirySyncOfAll = z.looseObject({ checked: z.number(), expired: z.number() });

export const Metrics = z.looseObject({
  total_requests: z.number(),
  requests_by_provider: z.record(z.string(), z.number()),
  average_response_ms: z.number().nullable(),
  uptime_seconds: z.number(),
  users: z.number(),
  organizations: z.number(),
  api_keys: z.looseObject({ active: z.number(), revoked: z.number(), total: z.number() }),
  top_users: z.array(
    z.looseObject({ user_id: text, email: text, cost_usd: z.string(), requests: z.number() }),
  ),
  last_updated: text,
});

export const AdminToken = z.looseObject({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  organization_id: text,
  token_prefix: text,
  expires_at: text,
  created_at: text,
});
export type AdminToken = z.output<typeof AdminToken>;
/** What creating answers: the token itself, this once. */
export const AdminTokenWithSecret = AdminToken.extend({ token: z.string() });

/** An app or a token, which is only counted. */
export const Owned = z.looseObject({ id: z.string() });

export const LedgerRow = z.looseObject({ cost_usd: text });
/** An answer of which nothing is read. */
export const Anything = z.unknown();
