import "server-only";

export type KeyStatus = "active" | "expired" | "revoked";

/** An API key as people see it: enough to recognise it, nothing to use it with. */
export type KeySummary = {
  id: string;
  name: string;
  prefix: string;
  status: KeyStatus;
  organization: { id: string; name: string };
  /** Null: the key belongs to the organization as a whole. */
  owner: { id: string; name: string } | null;
  /** Null: every model. Empty: none. */
  allowedModels: string[] | null;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
  /** In the current UTC month, US dollars, exact. */
  spentThisMonthUsd: string;
  requestsThisMonth: number;
  /** Whether this actor may revoke it. */
  mayRevoke: boolean;
};

export function keyStatus(key: { revokedAt: Date | null; expiresAt: Date | null }, now: Date): KeyStatus {
  if (key.revokedAt !== null) return "revoked";
  return key.expiresAt !== null && key.expiresAt <= now ? "expired" : "active";
}
