import { withoutQuotes } from "./about-our-account";
import type { ProviderError } from "./error-body";

/**
 * Statuses about where the request was sent: a model or a deployment that is gone or not ready (404, 409, 410,
 * 423, 424), a wrong address (405, 421), a place that may not be served (451), a proxy's own (407, 408, 425, 498,
 * 499).
 */
const STATUSES = new Set([404, 405, 407, 408, 409, 410, 421, 423, 424, 425, 451, 498, 499]);

/** Error codes and types about the model, which the target names and not the client. */
const CODES =
  /model_?(?:not_?(?:found|available|exist|ready|supported|active|allowed|open)|decommissioned|deprecated|retired|unavailable|error|terminated)|(?:unknown|invalid|unavailable|unsupported|no_such|inaccessible|deprecated)_?model|deployment_?not_?found|resource_?not_?found|^not_?found/i;

/** The same in words, without what is quoted. */
const MESSAGES: readonly RegExp[] = [
  /\bmodel\b.{0,120}\b(?:does not exist|doesn't exist|not exist|not found|could not be found|was not found|decommissioned|deprecated|retired|removed|shut down|sunset|discontinued|no longer (?:supported|available|exists|served)|end of (?:its )?life|not (?:currently )?(?:available|deployed|loaded|running|served)|is loading|currently loading)\b/i,
  /\b(?:invalid|unknown|unrecognized|no such|not found the|unable to access(?: non-serverless)?|failed to load) model\b/i,
  /\bmodel (?:identifier|id|name)\b.{0,40}\b(?:is invalid|not valid|unknown|not recognized)\b|\b(?:invalid|not a valid) model (?:id|name)\b/i,
  /\bno (?:models? loaded|endpoints? (?:found|available)|providers? available|instances? available|available (?:channels?|providers?|endpoints?))\b/i,
  /\bon-demand throughput isn.t supported\b|\bdoes not work with the specified model\b/i,
  /模型不存在|模型.{0,20}(?:下线|停用)|无可用渠道/,
];

/** Whether an error is about the target's model or address, so that another target may serve the request. */
export function isAboutTheTarget(status: number | null, error: ProviderError | null): boolean {
  if (status !== null && STATUSES.has(status)) return true;
  if (error === null) return false;
  if (error.param === "model") return true;
  if ([error.code, error.type].some((name) => name !== null && CODES.test(name))) return true;
  const text = withoutQuotes(error.message ?? "");
  return MESSAGES.some((pattern) => pattern.test(text));
}
