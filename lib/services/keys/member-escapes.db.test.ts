import { eq } from "drizzle-orm";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readCaller } from "#lib/auth/caller";
import { addressSet } from "#lib/config/address-ranges";
import { apiKeys } from "#lib/db/schema/identity";
import { ServiceError } from "#lib/http/errors";
import { updateOrganization } from "#lib/services/organizations/update-organization";
import { hashSecret } from "#lib/services/testing/context";
import { worldOfFile } from "#lib/services/testing/world";
import { updateUser } from "#lib/services/users/update-user";
import type { InputOf } from "#lib/services/verb";
import { createKey } from "./create-key";
import { deleteKey } from "./delete-key";
import { getKey } from "./get-key";
import type { NewKey } from "./key";
import { keyStatus } from "./key";
import { revokeKey } from "./revoke-key";
import { rotateKey } from "./rotate-key";
import { updateKey } from "./update-key";

const world = await worldOfFile();
const { id: providerId } = await world.addProvider("upstream");
const asMember = () => world.as(world.member);

const MODELS = ["small", "large", "huge"];
const RANGES = ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/24", "0.0.0.0/0"];
const ADDRESSES = ["10.1.2.3", "10.2.2.3", "192.0.2.7", "198.51.100.1"];
const DAY_MS = 86_400_000;

type Bounds = {
  organizationModels: string[] | null;
  userModels: string[] | null;
  max: number;
  ranges: string[] | null;
  days: number | null;
};
type Wishes = Pick<InputOf<typeof createKey>, "allowed_models" | "allowed_ips"> & { days?: number | null };
type Operation =
  | { do: "bound"; bounds: Bounds }
  | { do: "create" | "update" | "recreate"; which: number; wishes: Wishes; more: object }
  | { do: "rotate"; which: number; grace_seconds: number }
  | { do: "revoke" | "delete"; which: number };

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const bounds: fc.Arbitrary<Bounds> = fc.record({
  organizationModels: optional(fc.subarray(MODELS)),
  userModels: optional(fc.subarray(MODELS)),
  max: fc.constantFrom(0, 1, 2, 3, 4, 5),
  ranges: optional(fc.subarray(RANGES)),
  days: optional(fc.integer({ min: 1, max: 60 })),
});
const wishes: fc.Arbitrary<Wishes> = fc.record(
  {
    allowed_models: optional(fc.subarray(MODELS)),
    allowed_ips: optional(fc.subarray(RANGES)),
    days: optional(fc.integer({ min: 1, max: 90 })),
  },
  { requiredKeys: [] },
);
/** Other fields with which a member may try to widen a key. */
const widening = fc.constantFrom<object>(
  { provider_id: providerId },
  { budget: null },
  { rate_limits: null },
  { budget: { limit_usd: "1000", period: "day" } },
  { user_id: world.other.id },
  { user_id: null, organization_id: world.a.id },
  { organization_id: world.b.id },
  { key: "imported-key-of-a-member" },
);
const wishesOfUpdate = fc.oneof(fc.constant({}), wishes);
const more = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: widening });
const which = fc.nat({ max: 3 });
const chosen = <Name extends Operation["do"]>(...names: Name[]) => fc.constantFrom(...names);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: chosen("bound"), bounds }) },
  { weight: 6, arbitrary: fc.record({ do: chosen("create", "recreate"), which, wishes, more }) },
  { weight: 3, arbitrary: fc.record({ do: chosen("update"), which, wishes: wishesOfUpdate, more }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: chosen("rotate"), which, grace_seconds: fc.constantFrom(0, 3600) }),
  },
  { weight: 2, arbitrary: fc.record({ do: chosen("revoke", "delete"), which }) },
);

/** Bounds that allow every operation once. */
const LOOSE: Bounds = {
  organizationModels: ["small", "large"],
  userModels: ["small"],
  max: 4,
  ranges: ["10.0.0.0/8"],
  days: 30,
};
const ALLOWED: Operation[] = [
  { do: "create", which: 0, wishes: { allowed_models: ["small"], days: 30 }, more: {} },
  { do: "update", which: 0, wishes: {}, more: {} },
  { do: "rotate", which: 0, grace_seconds: 3600 },
  { do: "recreate", which: 0, wishes: { allowed_ips: ["10.1.0.0/16"], days: 7 }, more: {} },
  { do: "revoke", which: 0 },
  { do: "delete", which: 0 },
];

const endOf = (days: number | null) =>
  days === null ? null : new Date(Date.now() + days * DAY_MS - 1000).toISOString();
const fieldsOf = ({ days, ...fields }: Wishes) => ({
  ...fields,
  ...(days === undefined ? {} : { expires_at: endOf(days) }),
});

async function setBounds(bounds: Bounds | null): Promise<void> {
  const { organizationModels = null, userModels = null } = bounds ?? {};
  // In this order, so that the user's list is never wider when it is set.
  await updateOrganization(world.as(world.admin), { id: world.a.id, allowed_models: null });
  await updateUser(world.as(world.orgAdmin), { id: world.member.id, allowed_models: userModels });
  await updateOrganization(world.as(world.admin), {
    id: world.a.id,
    allowed_models: organizationModels,
    member_keys: bounds && { max: bounds.max, allowed_ips: bounds.ranges, max_days: bounds.days },
  });
}

const ownedRows = () => world.db.select().from(apiKeys).where(eq(apiKeys.userId, world.member.id));
type Row = Awaited<ReturnType<typeof ownedRows>>[number];
const activeOf = (rows: readonly Row[]) => rows.filter((row) => keyStatus(row, new Date()) === "active");

/** Runs an operation as the member; returns the key with its secret if there is a new one, null if it is rejected. */
async function attempt(operation: Exclude<Operation, { do: "bound" }>): Promise<NewKey | true | null> {
  const rows = await ownedRows();
  const id = rows[operation.which % Math.max(1, rows.length)]?.id ?? "";
  try {
    switch (operation.do) {
      case "create":
        return await createKey(asMember(), { name: "new", ...fieldsOf(operation.wishes), ...operation.more });
      case "update":
        await updateKey(asMember(), {
          id,
          name: "renamed",
          ...fieldsOf(operation.wishes),
          ...operation.more,
        });
        return true;
      case "recreate": {
        const { name } = await getKey(asMember(), { id });
        await deleteKey(asMember(), { id });
        return await createKey(asMember(), { name, ...fieldsOf(operation.wishes), ...operation.more });
      }
      case "rotate":
        return await rotateKey(asMember(), { id, grace_seconds: operation.grace_seconds });
      case "revoke":
        await revokeKey(asMember(), { id });
        return true;
      case "delete":
        await deleteKey(asMember(), { id });
        return true;
    }
  } catch (error) {
    if (error instanceof ServiceError) return null;
    throw error;
  }
}

const has = (list: readonly string[] | null, value: string) => list === null || list.includes(value);

/** What the gateway lets a secret do is within the bounds. */
async function expectWithin(secret: string, { organizationModels, userModels, ranges }: Bounds) {
  const finding = await readCaller(world.db.$client, hashSecret, { kind: "key", key: secret });
  if (!finding.found) return;
  const { allowedModels, allowedIps } = finding.caller;
  for (const model of MODELS) {
    const allows = allowedModels === null || allowedModels.every((list) => list.includes(model));
    if (allows) expect([organizationModels, userModels].every((list) => has(list, model))).toBe(true);
  }
  for (const address of ADDRESSES) {
    const allows = allowedIps === null || allowedIps.has(address);
    if (allows) expect(ranges === null || addressSet(ranges).has(address)).toBe(true);
  }
}

/** A member's operation never widens what a key has of its own, and never postpones its end. */
function expectNoWider(before: readonly Row[], after: readonly Row[]): void {
  for (const now of after) {
    const old = before.find(({ id }) => id === now.id);
    if (old === undefined) continue;
    for (const field of [
      "allowedModels",
      "allowedIps",
      "providerId",
      "budgetLimitUsd",
      "budgetPeriod",
    ] as const) {
      expect(now[field]).toEqual(old[field]);
    }
    expect([now.rateLimits, now.maxConcurrent, now.organizationId]).toEqual([
      old.rateLimits,
      old.maxConcurrent,
      old.organizationId,
    ]);
    expect(now.expiresAt?.getTime() ?? Infinity).toBeLessThanOrEqual(old.expiresAt?.getTime() ?? Infinity);
    if (old.revokedAt !== null) expect(now.revokedAt).not.toBeNull();
  }
}

test("whatever a member does, no key of theirs has more rights than the organization and the user allow", async () => {
  const done = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      bounds,
      fc.array(operation, { minLength: 3, maxLength: 10 }),
      async (first, operations) => {
        await world.db.delete(apiKeys).where(eq(apiKeys.userId, world.member.id));
        await setBounds(null);
        // Older than any bound: one without and one with settings of its own.
        const wide = await createKey(asMember(), { name: "wide" });
        const narrow = await createKey(world.as(world.orgAdmin), {
          name: "narrow",
          user_id: world.member.id,
          allowed_models: ["small"],
          allowed_ips: ["10.1.0.0/16"],
          budget: { limit_usd: "0", period: "month" },
          expires_at: endOf(5),
        });
        const secrets = [wide.key, narrow.key];
        let current = first;
        await setBounds(current);
        for (const operation of operations) {
          const before = await ownedRows();
          if (operation.do === "bound") {
            current = operation.bounds;
            await setBounds(current);
          } else {
            const result = await attempt(operation);
            if (result !== null) done.set(operation.do, (done.get(operation.do) ?? 0) + 1);
            const after = await ownedRows();
            expectNoWider(before, after);
            if (activeOf(after).length > current.max) {
              expect(activeOf(after).length).toBeLessThanOrEqual(activeOf(before).length);
            }
            if (result !== null && result !== true) {
              secrets.push(result.key);
              expect([result.user_id, result.organization_id]).toEqual([world.member.id, world.a.id]);
              const end = Date.parse(result.expires_at ?? "9999-01-01T00:00:00Z");
              if (current.days !== null) expect(end).toBeLessThanOrEqual(Date.now() + current.days * DAY_MS);
            }
          }
          for (const secret of secrets) await expectWithin(secret, current);
        }
      },
    ),
    { numRuns: 25, examples: [[LOOSE, ALLOWED]] },
  );
  expect([...done.keys()].sort()).toEqual(["create", "delete", "recreate", "revoke", "rotate", "update"]);
});
