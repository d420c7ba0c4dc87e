import { hash } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { newApiKey } from "#lib/auth/api-key";
import { hashOfKey } from "#lib/auth/key-hash";
import { budgetEvents, ledger } from "#lib/db/schema/credit";
import { events } from "#lib/db/schema/events";
import { accounts, apiKeys, apps, auditLog, organizations, users } from "#lib/db/schema/identity";
import { rejectionsHourly } from "#lib/db/schema/rejections";
import { usageGroups } from "#lib/db/schema/usage";
import { webhooks } from "#lib/db/schema/webhooks";
import { hashSecret } from "#lib/services/testing/context";
import type { Operation } from "../operation";
import type { RightsApi, Target } from "./rights-api";

/** A value that names something of the other tenant, and one of its shape that names nothing anywhere. */
export type Naming = { foreign: unknown; nowhere: unknown };

/** What the other tenant is called by, besides its ids. */
export const FOREIGN = {
  email: "Another.Person@foreign.example.com",
  oid: "foreign-oid",
  appId: "foreign-app-id",
  secret: newApiKey("live"),
  tag: "foreign-tag",
  metadata: { "foreign-name": "foreign-value" },
  model: "foreign-model",
  provider: "foreign-provider",
  code: "foreign_code",
  session: "foreign-session",
  endpoint: "foreign/endpoint",
  clientRequestId: "foreign-client-request",
} as const;

/** Gives the foreign tenant all that a name can stand for. The person has a confirmed account. */
export async function nameForeign({ world: { db }, foreign }: RightsApi): Promise<void> {
  const { user, key, app, request, organization } = foreign;
  await db
    .update(users)
    .set({
      email: FOREIGN.email,
      name: "Another Person",
      externalId: FOREIGN.oid,
      metadata: FOREIGN.metadata,
    })
    .where(eq(users.id, user));
  await db
    .update(accounts)
    .set({ email: FOREIGN.email, emailConfirmedAt: new Date(), homeOrganizationId: null })
    .where(sql`${accounts.id} = (select account_id from users where id = ${user})`);
  await db
    .update(organizations)
    .set({ name: "Foreign Inc.", metadata: FOREIGN.metadata })
    .where(eq(organizations.id, organization));
  await db
    .update(apiKeys)
    .set({
      keyHash: hashOfKey(hashSecret, FOREIGN.secret),
      tags: [FOREIGN.tag],
      keyPrefix: FOREIGN.secret.slice(0, 12),
      metadata: FOREIGN.metadata,
    })
    .where(eq(apiKeys.id, key));
  await db
    .update(apps)
    .set({ externalId: FOREIGN.appId, metadata: FOREIGN.metadata })
    .where(eq(apps.id, app));
  const { model, provider, clientRequestId, endpoint, code: errorCode, session: sessionId } = FOREIGN;
  await db
    .update(ledger)
    .set({ model, provider, clientRequestId, endpoint, errorCode, sessionId, tags: [FOREIGN.tag] })
    .where(eq(ledger.id, request));
  await db
    .update(usageGroups)
    .set({ model, provider, endpoint, tags: [FOREIGN.tag] })
    .where(eq(usageGroups.apiKeyId, key));
  await db
    .update(rejectionsHourly)
    .set({ model, code: FOREIGN.code })
    .where(eq(rejectionsHourly.apiKeyId, key));
}

/**
 * A text of the same shape that names nothing anywhere: for an id, another last digit, so that it sorts at the same
 * place; for other texts, other letters, so that nothing has a part of it.
 */
export const nowhereLike = (text: string): string =>
  /[0-9a-f-]{36}$/.test(text)
    ? `${text.slice(0, -1)}${text.endsWith("0") ? "1" : "0"}`
    : text.replace(/[a-z]/gi, "q");

const named = (foreign: string): Naming => ({ foreign, nowhere: nowhereLike(foreign) });
const list = ({ foreign, nowhere }: Naming): Naming => ({ foreign: [foreign], nowhere: [nowhere] });

const IDS: Readonly<Record<string, (target: Target) => string[]>> = {
  organizations: ({ organization }) => [organization],
  users: ({ user, invitee }) => [user, invitee],
  "api-keys": ({ key }) => [key],
  apps: ({ app }) => [app],
  providers: ({ provider }) => [provider],
  requests: ({ request }) => [request],
  notices: ({ notice }) => [notice],
  webhooks: ({ webhook, delivery }) => [webhook, delivery],
  "admin-tokens": ({ token }) => [token],
  // Models belong to the installation: everyone may see them.
  models: () => [],
};

const COLLECTION_NAMES: Readonly<Record<string, readonly string[]>> = {
  organizations: ["Foreign Inc."],
  users: ["Another Person"],
  "api-keys": ["rights-foreigner"],
  apps: ["foreign-app"],
  "admin-tokens": ["foreign-token"],
  providers: [],
  models: [],
};

const collectionOf = ({ path }: Pick<Operation, "path">): string => path.split("/")[1] ?? "";

/** The person by the id that another system has for them. */
const EXTERNAL: Naming = {
  foreign: `external_id:${FOREIGN.oid}`,
  nowhere: `external_id:${nowhereLike(FOREIGN.oid)}`,
};

/** By field: what it names. */
const FIELDS: Readonly<Record<string, (foreign: Target, operation: Operation) => Naming[]>> = {
  id: (foreign, operation) => [
    ...(IDS[collectionOf(operation)]?.(foreign) ?? []).map(named),
    ...(operation.path.startsWith("/users/{id}") ? [EXTERNAL] : []),
    ...(operation.path === "/requests/{id}" ? [named(FOREIGN.clientRequestId)] : []),
  ],
  ids: ({ user, invitee }) => [user, invitee].map((id) => list(named(id))),
  filter: ({ organization }) => [
    { foreign: { organization_id: organization }, nowhere: { organization_id: nowhereLike(organization) } },
    { foreign: { search: "Another" }, nowhere: { search: "Qqqqqqq" } },
  ],
  users: ({ organization }) => [
    {
      foreign: [{ external_id: "imported", organization_id: organization }],
      nowhere: [{ external_id: "imported", organization_id: nowhereLike(organization) }],
    },
  ],
  request_id: ({ rejection }) => [named(rejection)],
  session_id: ({ session }, { path }) => [named(path === "/requests" ? FOREIGN.session : session)],
  organization_id: ({ organization }) => [named(organization)],
  user_id: ({ user }) => [named(user), EXTERNAL],
  api_key_id: ({ key }) => [named(key)],
  app_id: ({ app }) => [named(app)],
  provider_id: ({ provider }) => [named(provider)],
  subject_id: ({ user, key, app }) => [user, key, app].map(named),
  actor_id: ({ user }) => [named(user)],
  scope_id: ({ user, organization }) => [user, organization].map(named),
  scope: ({ organization, user }) => [
    { foreign: { organization_id: organization }, nowhere: { organization_id: nowhereLike(organization) } },
    { foreign: { user_id: user }, nowhere: { user_id: nowhereLike(user) } },
  ],
  email: () => [named(FOREIGN.email), named(FOREIGN.email.toUpperCase())],
  external_id: (_, { path }) => [named(path.startsWith("/apps") ? FOREIGN.appId : FOREIGN.oid)],
  name: (_, operation) => (COLLECTION_NAMES[collectionOf(operation)] ?? []).map(named),
  search: ({ request }) =>
    [
      FOREIGN.email,
      "Foreign Inc.",
      "Another",
      FOREIGN.appId,
      FOREIGN.secret.slice(0, 12),
      FOREIGN.session,
      FOREIGN.clientRequestId,
      request,
    ].map(named),
  tag: () => [named(FOREIGN.tag)],
  tags: () => [list(named(FOREIGN.tag))],
  metadata: () => [{ foreign: FOREIGN.metadata, nowhere: { "foreign-name": "qqqqqqq-qqqqq" } }],
  model: () => [named(FOREIGN.model)],
  provider: () => [named(FOREIGN.provider)],
  allowed_models: () => [list(named(FOREIGN.model))],
  code: () => [named(FOREIGN.code)],
  client_request_id: () => [named(FOREIGN.clientRequestId)],
  error_code: () => [named(FOREIGN.code)],
  endpoint: () => [named(FOREIGN.endpoint)],
  key: () => [{ foreign: FOREIGN.secret, nowhere: newApiKey("live") }],
  key_sha256: () => [{ foreign: hash("sha256", FOREIGN.secret), nowhere: hash("sha256", newApiKey("live")) }],
};

/** Fields whose values stand for nothing that exists. */
const NAMING_NOTHING: ReadonlySet<string> = new Set(
  `budget rate_limits failure_mode fail_open_allowance_usd on_hang_up member_keys limit role password payment_valid_until
  payment_status reason allowed_ips expires_at status grace_seconds disabled create_users max_created_users create_key base_url credentials settings enabled type aliases
  strategy targets price context_window max_output_tokens drop_unsupported retries hedge_after_ms from to stream failed format group_by time_zone scope_type kind amount_usd
  action subject_type unread url events endpoint body set dry_run all_or_none
  payment_ends_within_days`.split(/\s+/),
);

/**
 * What a field can name, in the other tenant and nowhere.
 * @throws for a field that is not in these lists
 */
export function namingsOf(operation: Operation, field: string, foreign: Target, cursors: Cursors): Naming[] {
  if (field === "cursor") return cursors[collectionOf(operation)] ?? [];
  const naming = FIELDS[field];
  if (naming !== undefined) return naming(foreign, operation);
  if (NAMING_NOTHING.has(field)) return [];
  throw new Error(
    `${operation.method} ${operation.path}: does \`${field}\` name anything? Add it to FIELDS or NAMING_NOTHING in lib/admin-api/testing/foreign-names.ts, so that no answer tells whether another tenant has it.`,
  );
}

/** By collection: cursors that point at rows of the other tenant, and at none. */
export type Cursors = Readonly<Record<string, Naming[]>>;

export async function foreignCursors({ world: { db }, foreign }: RightsApi): Promise<Cursors> {
  const created = async (
    table:
      | typeof users
      | typeof apiKeys
      | typeof apps
      | typeof organizations
      | typeof events
      | typeof webhooks,
    id: string,
  ) => {
    const [row] = await db.execute<{ cursor: string }>(sql`
      select (extract(epoch from created_at) * 1000000)::bigint || '_' || id as cursor from ${table} where id = ${id}`);
    return row === undefined ? [] : [named(row.cursor)];
  };
  // The newest row is theirs: nothing of the own tenant is between it and a number that no row has yet.
  const numbered = async (table: typeof rejectionsHourly | typeof budgetEvents | typeof auditLog) => {
    const [row] = await db.execute<{ id: string; none: string }>(sql`
      select max(id)::text as id, (max(id) + 1000000)::text as none from ${table}
      where organization_id = ${foreign.organization}`);
    return row === undefined ? [] : [{ foreign: row.id, nowhere: row.none }];
  };
  const rejections = await numbered(rejectionsHourly);
  return {
    organizations: await created(organizations, foreign.organization),
    users: await created(users, foreign.user),
    "api-keys": await created(apiKeys, foreign.key),
    apps: await created(apps, foreign.app),
    requests: [named(foreign.request)],
    notices: await created(events, foreign.notice),
    webhooks: await created(webhooks, foreign.webhook),
    rejections,
    refusals: rejections,
    "budget-events": await numbered(budgetEvents),
    "audit-log": await numbered(auditLog),
  };
}
