import "server-only";
import type { Sql } from "#lib/db/client";
import { isPlausibleKey } from "./api-key";

/**
 * Who sends a request, as last read. Each version is compared again by the hold, in the database:
 * a caller that was changed or revoked since is found out on its very next request.
 */
export type Caller = {
  organizationId: string;
  organizationVersion: number;
  userId: string | null;
  userVersion: number | null;
  apiKeyId: string | null;
  apiKeyVersion: number | null;
  appId: string | null;
  appVersion: number | null;
  /** Null: every model. */
  allowedModels: readonly string[] | null;
  tags: readonly string[];
};

/** How a caller may identify itself (contract: Data plane). */
export type Credentials =
  | { kind: "key"; key: string }
  | { kind: "app"; secret: string; appId: string; userOid: string | null };

export type CallerRefusal = "invalid_api_key" | "organization_suspended" | "payment_expired";

export type CallerFinding = { found: true; caller: Caller } | { found: false; reason: CallerRefusal };

type CallerRow = {
  organization_id: string;
  organization_version: string;
  user_id: string | null;
  user_version: string | null;
  api_key_id: string | null;
  api_key_version: string | null;
  app_id: string | null;
  app_version: string | null;
  allowed_models: string[] | null;
  tags: string[];
  ended: boolean;
  suspended: boolean;
  payment_expired: boolean;
};

/**
 * Reads a caller from the database.
 * @param hashSecret what a key or an app's secret is stored as (lib/auth/api-key.ts)
 */
export async function readCaller(
  sql: Sql,
  hashSecret: (secret: string) => Buffer,
  credentials: Credentials,
): Promise<CallerFinding> {
  const rows =
    credentials.kind === "key"
      ? await readByKey(sql, hashSecret, credentials.key)
      : await readByApp(sql, hashSecret, credentials);
  const [row] = rows;
  if (!row || row.ended) return { found: false, reason: "invalid_api_key" };
  if (row.suspended) return { found: false, reason: "organization_suspended" };
  if (row.payment_expired) return { found: false, reason: "payment_expired" };
  return { found: true, caller: toCaller(row) };
}

async function readByKey(sql: Sql, hashSecret: (secret: string) => Buffer, key: string) {
  if (!isPlausibleKey(key)) return [];
  return sql<CallerRow[]>`
    SELECT k.organization_id, o.version AS organization_version, k.user_id, u.version AS user_version,
      k.id AS api_key_id, k.version AS api_key_version, NULL AS app_id, NULL AS app_version,
      k.allowed_models, k.tags,
      (coalesce(k.revoked_at <= now(), false) OR coalesce(k.expires_at <= now(), false)) AS ended,
      o.suspended_at IS NOT NULL AS suspended,
      coalesce(u.payment_valid_until < (now() AT TIME ZONE 'UTC')::date, false) AS payment_expired
    FROM api_keys k
    JOIN organizations o ON o.id = k.organization_id
    LEFT JOIN users u ON u.id = k.user_id
    WHERE k.key_hash = ${hashSecret(key)}`;
}

async function readByApp(
  sql: Sql,
  hashSecret: (secret: string) => Buffer,
  { secret, appId, userOid }: { secret: string; appId: string; userOid: string | null },
) {
  // The secret's keyed hash is part of the search, so that no comparison is left to be timed.
  return sql<CallerRow[]>`
    SELECT a.organization_id, o.version AS organization_version, u.id AS user_id, u.version AS user_version,
      NULL AS api_key_id, NULL AS api_key_version, a.id AS app_id, a.version AS app_version,
      a.allowed_models, '{}'::text[] AS tags,
      (a.disabled OR (${userOid}::text IS NOT NULL AND u.id IS NULL)) AS ended,
      o.suspended_at IS NOT NULL AS suspended,
      coalesce(u.payment_valid_until < (now() AT TIME ZONE 'UTC')::date, false) AS payment_expired
    FROM apps a
    JOIN organizations o ON o.id = a.organization_id
    LEFT JOIN users u ON u.organization_id = a.organization_id AND u.external_id = ${userOid}::text
    WHERE a.secret_hash = ${hashSecret(secret)} AND (a.external_id = ${appId} OR a.id::text = ${appId})`;
}

function toCaller(row: CallerRow): Caller {
  return {
    organizationId: row.organization_id,
    organizationVersion: Number(row.organization_version),
    userId: row.user_id,
    userVersion: row.user_version === null ? null : Number(row.user_version),
    apiKeyId: row.api_key_id,
    apiKeyVersion: row.api_key_version === null ? null : Number(row.api_key_version),
    appId: row.app_id,
    appVersion: row.app_version === null ? null : Number(row.app_version),
    allowedModels: row.allowed_models,
    tags: row.tags,
  };
}
