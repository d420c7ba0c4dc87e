import { z } from "zod";
import { modelTargets } from "#lib/db/schema/routing";

const DAY_MS = 86_400_000;
const milliseconds = z.int().positive().max(DAY_MS).nullable();
const count = z.int().positive().max(2_147_483_647).nullable();

/** How long a target may take, and how much it reads and its provider allows us. Null: Tollgate's own bound, or none. */
export const targetLimits = {
  connect_timeout_ms: milliseconds.describe("Until a connection is there; at most 10 s without it."),
  timeout_ms: milliseconds.describe("Until the first content of an answer."),
  idle_timeout_ms: milliseconds.describe("Between two parts of an answer."),
  max_concurrent: count.describe("Requests at the same time."),
  requests_per_minute: count,
  tokens_per_minute: count.describe("Input and output together, as estimated before the answer."),
  context_window: count.describe(
    "Tokens, input and output together, exactly: what is held for input of unknown length, such as documents. Null: the greater of the catalogue's and the model's. Without it, a target that no catalogue knows takes no such input under a hard budget if the model has others with a known window.",
  ),
};
type Limits = z.output<z.ZodObject<typeof targetLimits>>;

/** The same fields of a new target, each of which may be left out. */
export const targetLimitFields = {
  connect_timeout_ms: targetLimits.connect_timeout_ms.default(null),
  timeout_ms: targetLimits.timeout_ms.default(null),
  idle_timeout_ms: targetLimits.idle_timeout_ms.default(null),
  max_concurrent: targetLimits.max_concurrent.default(null),
  requests_per_minute: targetLimits.requests_per_minute.default(null),
  tokens_per_minute: targetLimits.tokens_per_minute.default(null),
  context_window: targetLimits.context_window.default(null),
};

/** Their columns, to be selected by the names of the API. */
export const targetLimitColumns = {
  connect_timeout_ms: modelTargets.connectTimeoutMs,
  timeout_ms: modelTargets.timeoutMs,
  idle_timeout_ms: modelTargets.idleTimeoutMs,
  max_concurrent: modelTargets.maxConcurrent,
  requests_per_minute: modelTargets.requestsPerMinute,
  tokens_per_minute: modelTargets.tokensPerMinute,
  context_window: modelTargets.contextWindow,
};

/** What to insert for them. */
export const targetLimitValues = (target: Limits) => ({
  connectTimeoutMs: target.connect_timeout_ms,
  timeoutMs: target.timeout_ms,
  idleTimeoutMs: target.idle_timeout_ms,
  maxConcurrent: target.max_concurrent,
  requestsPerMinute: target.requests_per_minute,
  tokensPerMinute: target.tokens_per_minute,
  contextWindow: target.context_window,
});
