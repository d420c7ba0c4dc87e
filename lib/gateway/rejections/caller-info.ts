import { presentedPrefix } from "#lib/auth/api-key";
import type { CallerFinding, CallerIds, Credentials } from "#lib/auth/caller";

/** Who asks, and for what, as far as its stages have found it out: what a refusal is counted under. */
export type Asker = CallerIds & {
  /** Of a key that nobody has: as much as may be shown of it. */
  keyPrefix: string | null;
  /** As the client calls it. */
  model: string | null;
};

export const unknownAsker = (): Asker => ({
  organizationId: null,
  userId: null,
  apiKeyId: null,
  appId: null,
  keyPrefix: null,
  model: null,
});

/** Notes who it is: also a caller that may not go on, and of one that nobody knows what it has presented. */
export function noteAsker(asker: Asker, credentials: Credentials, finding: CallerFinding): void {
  const who = finding.found ? finding.caller : finding.who;
  if (who === null) {
    asker.keyPrefix = credentials.kind === "key" ? presentedPrefix(credentials.key) : null;
    return;
  }
  asker.organizationId = who.organizationId;
  asker.userId = who.userId;
  asker.apiKeyId = who.apiKeyId;
  asker.appId = who.appId;
}
