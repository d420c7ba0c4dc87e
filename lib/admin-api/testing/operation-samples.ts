import type { Role } from "#lib/auth/actor";
import type { Operation } from "../operation";
import { isRecord } from "./leaf-fields";
import type { Call, Target } from "./rights-api";
import { secretOfKey } from "./tenants";

/**
 * A valid request of an operation about a target, and how its ids are scoped:
 * - `installation`: no tenant's, so that the role alone decides;
 * - `organization`: seen by the organization's org_admins and viewers, not by its members;
 * - `person`: seen by those and by the person.
 */
export type Sample = {
  of: "installation" | "organization" | "person";
  /** Path parameters, with the query (GET) or the body (others). */
  input: (target: Target) => Record<string, unknown>;
  /** For a list: the id in it that belongs to the target. A list leaves out what its caller may not see. */
  lists?: (target: Target) => string;
  /** The least role for what the caller sees but is not theirs, where it is above the operation's. */
  needs?: Role;
  /** The answer to a member about someone else's, where it is not 404 since ids do not matter. */
  othersToMember?: number;
  /** The answer to those who may, where this target is in a state that prevents it. */
  allowed?: number;
};

const DAY = "2020-01-01";
const NEXT_WEEK = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
const PRICE = { input_per_mtok: "1", output_per_mtok: "2" };

const none = () => ({});
const organization = ({ organization: id }: Target) => ({ id });
const user = ({ user: id }: Target) => ({ id });
const key = ({ key: id }: Target) => ({ id });
const app = ({ app: id }: Target) => ({ id });
const invitee = ({ invitee: id }: Target) => ({ id });
const webhook = ({ webhook: id }: Target) => ({ id });
const provider = ({ provider: id }: Target) => ({ id });
const model = ({ model: id }: Target) => ({ id });
const within = (target: Target) => ({ organization_id: target.organization });

const refusals: Sample = { of: "person", input: within, lists: ({ rejection }) => rejection };

/** By method and path. */
export const SAMPLES: Readonly<Record<string, Sample>> = {
  "POST /organizations": { of: "installation", input: () => ({ name: "new" }) },
  "GET /organizations": { of: "organization", input: none, lists: (target) => target.organization },
  "GET /organizations/{id}": { of: "organization", input: organization },
  "PATCH /organizations/{id}": {
    of: "organization",
    input: (target) => ({ ...organization(target), name: "renamed" }),
  },
  "DELETE /organizations/{id}": { of: "organization", input: organization, needs: "admin", allowed: 409 },
  "POST /organizations/{id}/suspend": { of: "organization", input: organization, needs: "admin" },
  "POST /organizations/{id}/resume": { of: "organization", input: organization, needs: "admin" },
  "GET /organizations/{id}/usage": { of: "organization", input: organization },
  "GET /organizations/{id}/users": { of: "organization", input: organization },

  "POST /users": {
    of: "organization",
    input: (target) => ({ ...within(target), email: "new@example.com" }),
  },
  "GET /users": { of: "person", input: within, lists: (target) => target.user },
  "POST /users/bulk": {
    of: "organization",
    input: ({ user: id }) => ({ ids: [id], set: { extend_days: 30 } }),
  },
  // What is wrong with a row is in the answer, as is an organization that the caller does not see.
  "POST /users/import": { of: "installation", input: () => ({ users: [{ email: "row@example.com" }] }) },
  "POST /users/sync-expiry": { of: "installation", input: none },
  "GET /users/{id}": { of: "person", input: user },
  "PATCH /users/{id}": { of: "person", input: (target) => ({ ...user(target), name: "renamed" }) },
  "DELETE /users/{id}": { of: "organization", input: invitee },
  "POST /users/{id}/invite": { of: "organization", input: invitee },
  "GET /users/{id}/sessions": { of: "person", input: user, needs: "org_admin" },
  "DELETE /users/{id}/sessions": { of: "person", input: user, needs: "org_admin" },
  "DELETE /users/{id}/sessions/{session_id}": {
    of: "person",
    input: (target) => ({ ...user(target), session_id: target.session }),
    needs: "org_admin",
  },
  "GET /users/{id}/usage": { of: "person", input: user },
  "POST /users/{id}/reset-usage": { of: "person", input: user },
  "POST /users/{id}/sync-expiry": { of: "person", input: user },

  "POST /api-keys": {
    of: "person",
    input: (target) => ({ name: "new", user_id: target.user }),
    othersToMember: 403,
  },
  "GET /api-keys": { of: "person", input: within, lists: (target) => target.key },
  "POST /api-keys/find": { of: "person", input: (target) => ({ key: secretOfKey(target.user) }) },
  "GET /api-keys/{id}": { of: "person", input: key },
  "PATCH /api-keys/{id}": { of: "person", input: (target) => ({ ...key(target), name: "renamed" }) },
  "DELETE /api-keys/{id}": { of: "person", input: key },
  "POST /api-keys/{id}/revoke": { of: "person", input: key },
  "POST /api-keys/{id}/rotate": { of: "person", input: key },
  "GET /api-keys/{id}/usage": { of: "person", input: key },

  "POST /apps": { of: "organization", input: (target) => ({ ...within(target), name: "new" }) },
  "GET /apps": { of: "organization", input: within, lists: (target) => target.app },
  "GET /apps/{id}": { of: "organization", input: app },
  "PATCH /apps/{id}": { of: "organization", input: (target) => ({ ...app(target), name: "renamed" }) },
  "DELETE /apps/{id}": { of: "organization", input: app },
  "POST /apps/{id}/rotate": { of: "organization", input: app },
  "GET /apps/{id}/usage": { of: "organization", input: app },

  "POST /providers": { of: "installation", input: () => ({ name: "new", type: "simulated" }) },
  "GET /providers": { of: "installation", input: none },
  "GET /providers/{id}": { of: "installation", input: provider },
  "PATCH /providers/{id}": {
    of: "installation",
    input: (target) => ({ ...provider(target), enabled: false }),
  },
  "DELETE /providers/{id}": { of: "installation", input: provider },
  "POST /providers/{id}/test": { of: "installation", input: provider },
  "GET /providers/{id}/models": { of: "installation", input: provider },
  // No catalogue has it.
  "GET /providers/{id}/price": {
    of: "installation",
    input: (target) => ({ ...provider(target), model: "m" }),
    allowed: 404,
  },
  "GET /provider-presets": { of: "installation", input: none },

  "POST /encryption-key/rotate": { of: "installation", input: none },

  "POST /models": {
    of: "installation",
    input: (target) => ({
      name: "new",
      targets: [{ provider_id: target.provider, upstream_model: "m" }],
      price: PRICE,
    }),
  },
  "GET /models": { of: "installation", input: none },
  "GET /models/{id}": { of: "installation", input: model },
  "GET /models/{id}/prices": { of: "installation", input: model },
  "PATCH /models/{id}": { of: "installation", input: (target) => ({ ...model(target), enabled: false }) },
  "DELETE /models/{id}": { of: "installation", input: model },
  // No data plane runs beside these tests.
  "POST /models/{id}/explain": {
    of: "installation",
    input: (target) => ({ ...model(target), api_key_id: target.key, endpoint: "chat/completions", body: {} }),
    allowed: 409,
  },
  "POST /prices/import": {
    of: "installation",
    input: () => ({ new: { mode: "chat", input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 } }),
  },

  "GET /requests": { of: "person", input: within, lists: ({ request }) => request },
  "GET /requests/{id}": { of: "person", input: ({ request: id }) => ({ id }) },
  "GET /rejections": refusals,
  "GET /refusals": refusals,
  "GET /rejections/{request_id}": {
    of: "person",
    input: ({ rejection }) => ({ request_id: rejection }),
  },
  "GET /usage": {
    of: "person",
    input: (target) => ({ ...within(target), from: DAY, group_by: "user" }),
    lists: (target) => target.user,
  },
  "GET /notices": { of: "person", input: within, lists: ({ notice }) => notice },
  "POST /notices/{id}/read": { of: "person", input: ({ notice: id }) => ({ id }) },
  "POST /webhooks": {
    of: "organization",
    input: (target) => ({
      ...within(target),
      url: "https://hooks.example.com/",
      events: ["budget.exhausted"],
    }),
  },
  "GET /webhooks": { of: "organization", input: within, lists: (target) => target.webhook },
  "GET /webhooks/{id}": { of: "organization", input: webhook },
  "PATCH /webhooks/{id}": {
    of: "organization",
    input: (target) => ({ ...webhook(target), events: ["key.expiring"] }),
  },
  "DELETE /webhooks/{id}": { of: "organization", input: webhook },
  "POST /webhooks/{id}/rotate": { of: "organization", input: webhook },
  "POST /webhooks/{id}/test": { of: "organization", input: webhook },
  "GET /webhooks/{id}/deliveries": { of: "organization", input: webhook },
  "POST /webhooks/deliveries/{id}/replay": {
    of: "organization",
    input: ({ delivery: id }) => ({ id }),
  },
  "GET /budget-events": { of: "person", input: within, lists: (target) => target.user },
  "POST /adjustments": {
    of: "installation",
    input: (target) => ({ scope: within(target), amount_usd: "1", reason: "test" }),
  },
  "GET /reconciliation": { of: "installation", input: none },
  "GET /reconciliation/provider-usage": {
    of: "installation",
    input: () => ({ provider: "test", from: NEXT_WEEK, to: NEXT_WEEK }),
  },
  "POST /admin-tokens": {
    of: "organization",
    input: (target) => ({ ...within(target), name: "new", role: "org_admin" }),
  },
  "GET /admin-tokens": { of: "organization", input: none, lists: ({ token }) => token },
  "DELETE /admin-tokens/{id}": { of: "organization", input: ({ token: id }) => ({ id }) },
  "GET /audit-log": { of: "organization", input: within, lists: (target) => target.app },
  "GET /metrics": { of: "person", input: none, lists: (target) => target.user },
};

export const nameOf = ({ method, path }: Pick<Operation, "method" | "path">): string => `${method} ${path}`;

/** @throws if the table has none */
export function sampleOf(operation: Operation): Sample {
  const name = nameOf(operation);
  const sample = SAMPLES[name];
  if (sample !== undefined) return sample;
  throw new Error(
    `${name} has no sample request. Add "${name}": { of, input } to lib/admin-api/testing/operation-samples.ts: whose ids it takes, and a valid input about a target, so that its rights are tested as every role.`,
  );
}

/** The sample's request. */
export function callOf({ method, path }: Operation, sample: Sample, target: Target): Call {
  const input = new Map(Object.entries(sample.input(target)));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = input.get(name);
    if (typeof value !== "string") throw new Error(`${method} ${path}: the sample lacks \`${name}\``);
    input.delete(name);
    return value;
  });
  if (method !== "GET") return { method, path: filled, body: Object.fromEntries(input) };
  const query = new URLSearchParams(
    [...input].flatMap(([name, value]) =>
      isRecord(value)
        ? Object.entries(value).map(([part, text]) => [`${name}[${part}]`, String(text)])
        : [[name, String(value)]],
    ),
  );
  return { method, path: query.size === 0 ? filled : `${filled}?${query}`, body: null };
}
