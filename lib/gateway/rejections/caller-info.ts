import { presentedPrefix } from "#lib/auth/api-key";
import type { CallerFinding, CallerIds, Credentials } from "#lib/auth/caller";

/** Who sends a request and for which model, as far as known: rejections are counted by it. */
export type CallerInfo = CallerIds & {
  /** For an unknown key: the part that may be shown. */
  keyPrefix: string | null;
  /** As the client names it. */
  model: string | null;
};

export const UNKNOWN_CALLER: CallerInfo = {
  organizationId: null,
  userId: null,
  apiKeyId: null,
  apiKeyPrefix: null,
  appId: null,
  keyPrefix: null,
  model: null,
};

/** After a look-up: also for a caller that was rejected; for an unknown key, its prefix. */
export function callerInfoOf(credentials: Credentials, finding: CallerFinding): CallerInfo {
  const ids = finding.found ? finding.caller : finding.who;
  if (ids !== null) return callerInfo(ids, null);
  const keyPrefix = credentials.kind === "key" ? presentedPrefix(credentials.key) : null;
  return { ...UNKNOWN_CALLER, keyPrefix };
}

export const callerInfo = (ids: CallerIds, model: string | null): CallerInfo => ({
  organizationId: ids.organizationId,
  userId: ids.userId,
  apiKeyId: ids.apiKeyId,
  apiKeyPrefix: ids.apiKeyPrefix,
  appId: ids.appId,
  keyPrefix: null,
  model,
});
