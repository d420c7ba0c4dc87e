import type { PendingQuery, Row } from "postgres";
import { type AddressSet, addressSet } from "#lib/config/address-ranges";
import type { Sql } from "#lib/db/client";
import type { Payer } from "#lib/db/payer";
import type { Period } from "#lib/db/schema/columns";
import type { ScopeType } from "#lib/db/schema/credit";
import type { RateWindows } from "#lib/db/schema/identity";
import { isPlausibleKey } from "./api-key";
import { isExternalId } from "./external-id";
import { hashesOfKey } from "./key-hash";
import { markExpiredPayment } from "./mark-expired-payment";

/** `abort`: the provider's response is cut off and its cost estimated. `drain`: it is read to its end. */
export type HangUp = "abort" | "drain";

/**
 * The sender of a request, as last read. The hold compares each version again in the database, so that a change or a
 * revocation takes effect on the next request.
 */
export type Caller = Payer & {
  /** Whether any of these scopes has a hard budget. */
  hasBudget: boolean;
  /** All its hard budgets, the narrowest first, if one of them was spent; else null. */
  spentBudgets: readonly CallerBudget[] | null;
  /** What happens to a response when the client disconnects (the organization's choice). */
  onHangUp: HangUp;
  /** The lists of the key or app, its user and its organization: a model must be in each. Null allows every model. */
  allowedModels: readonly (readonly string[])[] | null;
  /** Null allows every address. */
  allowedIps: AddressSet | null;
  /** The only provider for its requests, if set. */
  providerId: string | null;
  /**
   * The US dollars that each replica may spend for its organization while the database is unavailable ("0" if not set).
   * Null if requests may not fail open, or a budget of zero blocks the caller.
   */
  failOpenAllowanceUsd: string | null;
  /** The rate windows by scope. Null without any. */
  rateLimits: Partial<Record<"api_key" | "user" | "app" | "organization", RateWindows>> | null;
  /** What lists show of its key; null for an app. */
  apiKeyPrefix: string | null;
  /** When the database was asked, by `performance.now()`. */
  readAtMs: number;
};

/** What a hard budget would have left if nothing were held, and what is held, in US dollars. */
export type CallerBudget = { scope: ScopeType; idleUsd: string; heldUsd: string };

/** How a caller may identify itself (contract: Data plane). */
export type Credentials =
  | { kind: "key"; key: string }
  | { kind: "app"; secret: string; appId: string; userOid: string | null };

/** `unknown_user`: the app is known, and its `x-user-oid` names no user. */
export type CallerRejection =
  | "invalid_api_key"
  | "unknown_user"
  | "organization_suspended"
  | "payment_expired";

/**
 * `usableMs`: how long a rotated secret still works; null for the current one. `validMs`: how long the caller is valid
 * unless it changes; null without an end.
 */
export type CallerFinding =
  | { found: true; caller: Caller; usableMs: number | null; validMs: number | null }
  | { found: false; reason: CallerRejection; who: CallerIds | null };

/** The owners in a caller's ledger rows, and what lists show of its key: also known for some rejected callers. */
export type CallerIds = {
  [Id in "organizationId" | "userId" | "apiKeyId" | "apiKeyPrefix" | "appId"]: string | null;
};

/** What a caller is counted by: the id of its key or app. */
export const callerIdOf = ({
  apiKeyId,
  appId,
  organizationId,
}: Pick<Caller, "apiKeyId" | "appId" | "organizationId">): string => apiKeyId ?? appId ?? organizationId;

type Fragment = PendingQuery<Row[]>;

type CallerRow = {
  organization_id: string;
  organization_period: Period;
  organization_version: string;
  user_id: string | null;
  user_period: Period;
  user_version: string | null;
  api_key_id: string | null;
  api_key_prefix: string | null;
  api_key_period: Period;
  api_key_version: string | null;
  app_id: string | null;
  app_period: Period;
  app_version: string | null;
  has_budget: boolean;
  spent_budgets: [scope: ScopeType, idleUsd: string, heldUsd: string][] | null;
  on_hang_up: HangUp;
  allowed_models: (string[] | null)[];
  allowed_ips: (string[] | null)[];
  provider_id: string | null;
  tags: string[];
  metadata_id: string | null;
  /** The metadata as JSON, if they are not among the known sets yet. */
  new_metadata: string | null;
  fail_open_usd: string | null;
  rate_limits: NonNullable<Caller["rateLimits"]>;
  usable_ms: number | null;
  valid_ms: number | null;
  ended: boolean;
  unknown_user: boolean;
  creates_users: boolean;
  suspended: boolean;
  payment_expired: boolean;
  payment_status: string | null;
};

/**
 * Reads a caller from the database. Marks an expired payment at once.
 * @param hashSecret hashes a key or an app's secret (lib/auth/api-key.ts)
 */
export async function readCaller(
  sql: Sql,
  hashSecret: (secret: string) => Buffer,
  credentials: Credentials,
): Promise<CallerFinding> {
  const readAtMs = performance.now();
  const rows =
    credentials.kind === "key"
      ? await readByKey(sql, hashSecret, credentials.key)
      : await readByApp(sql, hashSecret, credentials);
  return findingOf(sql, rows[0], readAtMs);
}

/** Reads who would send requests with a key, or an app's secret for none of its users, as readCaller does. */
export async function readCallerById(
  sql: Sql,
  id: { apiKeyId: string } | { appId: string },
): Promise<CallerFinding> {
  const readAtMs = performance.now();
  const current = sql`NULL::float8`;
  const rows =
    "apiKeyId" in id
      ? await readKeyRows(sql, current, sql`k.id = ${id.apiKeyId}::uuid`)
      : await readAppRows(sql, current, null, sql`a.id = ${id.appId}::uuid`);
  return findingOf(sql, rows[0], readAtMs);
}

async function findingOf(sql: Sql, row: CallerRow | undefined, readAtMs: number): Promise<CallerFinding> {
  if (!row) return { found: false, reason: "invalid_api_key", who: null };
  const who = idsOf(row);
  if (row.ended) return { found: false, reason: "invalid_api_key", who };
  if (row.unknown_user) return { found: false, reason: "unknown_user", who };
  if (row.suspended) return { found: false, reason: "organization_suspended", who };
  if (row.payment_expired) {
    if (row.user_id !== null && row.payment_status !== "expired") await markExpiredPayment(sql, row.user_id);
    return { found: false, reason: "payment_expired", who };
  }
  if (row.new_metadata !== null) {
    await sql`INSERT INTO metadata_sets VALUES (${row.metadata_id}, ${row.new_metadata}::text::jsonb) ON CONFLICT DO NOTHING`;
  }
  return { found: true, caller: toCaller(row, readAtMs), usableMs: row.usable_ms, validMs: row.valid_ms };
}

async function readByKey(sql: Sql, hashSecret: (secret: string) => Buffer, key: string) {
  if (!isPlausibleKey(key)) return [];
  const [current, earlier] = hashesOfKey(hashSecret, key);
  // A digest may have been imported of a key that was here already: that one counts.
  return readKeyRows(
    sql,
    sql`CASE WHEN k.key_hash NOT IN (${current}, ${earlier})
        THEN extract(epoch FROM k.previous_key_expires_at - now())::float8 * 1000 END`,
    sql`k.key_hash IN (${current}, ${earlier})
      OR (k.previous_key_hash IN (${current}, ${earlier}) AND k.previous_key_expires_at > now())
      ORDER BY k.created_at LIMIT 1`,
  );
}

/** @param usableMs how long the secret still works */
const readKeyRows = (sql: Sql, usableMs: Fragment, where: Fragment) => sql<CallerRow[]>`
    SELECT k.organization_id, o.version AS organization_version, k.user_id, u.version AS user_version,
      k.id AS api_key_id, k.key_prefix AS api_key_prefix, k.version AS api_key_version, NULL AS app_id, NULL AS app_version,
      coalesce(o.budget_period, 'month') AS organization_period, coalesce(u.budget_period, 'month') AS user_period,
      coalesce(k.budget_period, 'month') AS api_key_period, 'month' AS app_period,
      coalesce(o.budget_limit_usd, u.budget_limit_usd, k.budget_limit_usd) IS NOT NULL AS has_budget,
      ${spentBudgets(sql, "k", "api_key")} AS spent_budgets, o.on_hang_up,
      json_build_array(k.allowed_models, u.allowed_models, o.allowed_models) AS allowed_models,
      json_build_array(k.allowed_ips, CASE WHEN k.user_id IS NOT NULL THEN o.member_keys -> 'allowed_ips' END)
        AS allowed_ips, k.provider_id,
      to_json(k.tags) AS tags, ${metadataColumns(sql)},
      jsonb_strip_nulls(jsonb_build_object(
        'api_key', k.rate_limits, 'user', u.rate_limits, 'organization', o.rate_limits)) AS rate_limits,
      CASE WHEN o.failure_mode = 'fail_open' AND least(o.budget_limit_usd, u.budget_limit_usd, k.budget_limit_usd) IS DISTINCT FROM 0
        THEN trim_scale(coalesce(o.fail_open_allowance_usd, 0))::text END AS fail_open_usd,
      extract(epoch FROM least(k.expires_at, (u.payment_valid_until + 1)::timestamp AT TIME ZONE 'UTC') - now())::float8 * 1000
        AS valid_ms,
      ${usableMs} AS usable_ms,
      (coalesce(k.revoked_at <= now(), false) OR coalesce(k.expires_at <= now(), false)) AS ended,
      false AS unknown_user, false AS creates_users,
      o.suspended_at IS NOT NULL AS suspended,
      coalesce(u.payment_valid_until < (now() AT TIME ZONE 'UTC')::date, false) AS payment_expired,
      u.payment_status
    FROM api_keys k
    JOIN organizations o ON o.id = k.organization_id
    LEFT JOIN users u ON u.id = k.user_id
    ${mergedMetadata(sql, "k")}
    WHERE ${where}`;

type AppCredentials = Extract<Credentials, { kind: "app" }>;

/** Creates the user whom the app names, if there is none and it may. */
async function readByApp(
  sql: Sql,
  hashSecret: (secret: string) => Buffer,
  credentials: AppCredentials,
): Promise<readonly CallerRow[]> {
  const rows = await readAppOnce(sql, hashSecret, credentials);
  const [row] = rows;
  const { userOid } = credentials;
  if (!row?.unknown_user || !row.creates_users || row.ended || userOid === null) return rows;
  if (!isExternalId(userOid)) return rows;
  const [made] = await sql<{ exists: boolean }[]>`
    SELECT tollgate_create_app_user_v1(${row.app_id}::uuid, ${userOid}) AS exists`;
  return made?.exists === true ? readAppOnce(sql, hashSecret, credentials) : rows;
}

function readAppOnce(
  sql: Sql,
  hashSecret: (secret: string) => Buffer,
  { secret, appId, userOid }: AppCredentials,
) {
  const secretHash = hashSecret(secret);
  // The query searches for the keyed hash, so that no comparison can be timed.
  return readAppRows(
    sql,
    sql`CASE WHEN a.secret_hash <> ${secretHash}
        THEN extract(epoch FROM a.previous_secret_expires_at - now())::float8 * 1000 END`,
    userOid,
    sql`(a.secret_hash = ${secretHash}
        OR (a.previous_secret_hash = ${secretHash} AND a.previous_secret_expires_at > now()))
      AND (a.external_id = ${appId} OR a.id::text = ${appId})`,
  );
}

const readAppRows = (sql: Sql, usableMs: Fragment, userOid: string | null, where: Fragment) => sql<
  CallerRow[]
>`
    SELECT a.organization_id, o.version AS organization_version, u.id AS user_id, u.version AS user_version,
      NULL AS api_key_id, NULL AS api_key_prefix, NULL AS api_key_version, a.id AS app_id, a.version AS app_version,
      coalesce(o.budget_period, 'month') AS organization_period, coalesce(u.budget_period, 'month') AS user_period,
      'month' AS api_key_period, coalesce(a.budget_period, 'month') AS app_period,
      coalesce(o.budget_limit_usd, u.budget_limit_usd, a.budget_limit_usd) IS NOT NULL AS has_budget,
      ${spentBudgets(sql, "a", "app")} AS spent_budgets, o.on_hang_up,
      json_build_array(a.allowed_models, u.allowed_models, o.allowed_models) AS allowed_models,
      '[]'::json AS allowed_ips, NULL AS provider_id, '[]'::json AS tags,
      ${metadataColumns(sql)},
      jsonb_strip_nulls(jsonb_build_object(
        'app', a.rate_limits, 'user', u.rate_limits, 'organization', o.rate_limits)) AS rate_limits,
      CASE WHEN o.failure_mode = 'fail_open' AND least(o.budget_limit_usd, u.budget_limit_usd, a.budget_limit_usd) IS DISTINCT FROM 0
        THEN trim_scale(coalesce(o.fail_open_allowance_usd, 0))::text END AS fail_open_usd,
      extract(epoch FROM (u.payment_valid_until + 1)::timestamp AT TIME ZONE 'UTC' - now())::float8 * 1000 AS valid_ms,
      ${usableMs} AS usable_ms,
      a.disabled AS ended, (${userOid}::text IS NOT NULL AND u.id IS NULL) AS unknown_user,
      (a.create_users AND o.suspended_at IS NULL) AS creates_users,
      o.suspended_at IS NOT NULL AS suspended,
      coalesce(u.payment_valid_until < (now() AT TIME ZONE 'UTC')::date, false) AS payment_expired,
      u.payment_status
    FROM apps a
    JOIN organizations o ON o.id = a.organization_id
    LEFT JOIN users u ON u.organization_id = a.organization_id AND u.external_id = ${userOid}::text
    ${mergedMetadata(sql, "a")}
    WHERE ${where}`;

/** The metadata of a caller: its own pairs override its user's, and those its organization's. */
const mergedMetadata = (sql: Sql, own: "k" | "a") => sql`
    CROSS JOIN LATERAL (
      SELECT m.pairs, tollgate_metadata_id(m.pairs) AS id
      FROM (SELECT o.metadata || coalesce(u.metadata, '{}') || ${sql(own)}.metadata AS pairs) m
    ) m`;

const metadataColumns = (sql: Sql) => sql`m.id AS metadata_id,
      CASE WHEN m.id IS NOT NULL AND NOT EXISTS (SELECT FROM metadata_sets s WHERE s.id = m.id) THEN m.pairs::text END
        AS new_metadata`;

/**
 * The budgets of a key or an app, its user and its organization, if one of them is spent. A counter is found as the
 * hold finds it (tollgate_hold_v1): a range of one value, read from its end.
 */
const spentBudgets = (sql: Sql, own: "k" | "a", scope: ScopeType) => sql`
  (SELECT CASE WHEN bool_or(b.spent >= b.max_usd) THEN
      json_agg(json_build_array(b.scope, (b.max_usd - b.spent)::text, b.held::text) ORDER BY b.ord) END
    FROM (
      SELECT s.*, coalesce(c.spent_usd, 0) AS spent, coalesce(c.held_usd, 0) AS held
      FROM (VALUES
        (1, ${scope}::text, ${sql(own)}.id, ${sql(own)}.budget_period, ${sql(own)}.budget_limit_usd),
        (2, 'user', u.id, u.budget_period, u.budget_limit_usd),
        (3, 'organization', o.id, o.budget_period, o.budget_limit_usd)
      ) AS s (ord, scope, id, period, max_usd)
      LEFT JOIN LATERAL (
        SELECT c.spent_usd, c.held_usd FROM counters c
        WHERE c.scope_id = s.id AND c.period = s.period AND c.period_start
          BETWEEN tollgate_period_start(s.period, now()) AND tollgate_period_start(s.period, now())
        ORDER BY c.period_start DESC LIMIT 1
      ) c ON true
      WHERE s.max_usd IS NOT NULL
    ) b)`;

const idsOf = (row: CallerRow): CallerIds => ({
  organizationId: row.organization_id,
  userId: row.user_id,
  apiKeyId: row.api_key_id,
  apiKeyPrefix: row.api_key_prefix,
  appId: row.app_id,
});

/** Without the scopes that set no bound; null if none does. */
function listsOf(bounds: readonly (string[] | null)[]): string[][] | null {
  const lists = bounds.filter((list) => list !== null);
  return lists.length > 0 ? lists : null;
}

/** The addresses in each of the lists. */
function addressesOf(bounds: readonly (string[] | null)[]): AddressSet | null {
  const sets = listsOf(bounds)?.map(addressSet);
  return sets ? { has: (address) => sets.every((set) => set.has(address)) } : null;
}

function toCaller(row: CallerRow, readAtMs: number): Caller {
  return {
    organizationId: row.organization_id,
    organizationPeriod: row.organization_period,
    organizationVersion: Number(row.organization_version),
    userId: row.user_id,
    userPeriod: row.user_period,
    userVersion: row.user_version === null ? null : Number(row.user_version),
    apiKeyId: row.api_key_id,
    apiKeyPeriod: row.api_key_period,
    apiKeyVersion: row.api_key_version === null ? null : Number(row.api_key_version),
    appId: row.app_id,
    appPeriod: row.app_period,
    appVersion: row.app_version === null ? null : Number(row.app_version),
    hasBudget: row.has_budget,
    spentBudgets:
      row.spent_budgets?.map(([scope, idleUsd, heldUsd]) => ({ scope, idleUsd, heldUsd })) ?? null,
    onHangUp: row.on_hang_up,
    allowedModels: listsOf(row.allowed_models),
    allowedIps: addressesOf(row.allowed_ips),
    providerId: row.provider_id,
    tags: row.tags,
    metadataId: row.metadata_id,
    failOpenAllowanceUsd: row.fail_open_usd,
    rateLimits: Object.keys(row.rate_limits).length > 0 ? row.rate_limits : null,
    apiKeyPrefix: row.api_key_prefix,
    readAtMs,
  };
}
