import { beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#lib/auth/actor";
import { adminTokenTable } from "#lib/portal/admin-tokens/admin-token-table";
import { auditFilterOptions } from "#lib/portal/audit/audit-filter-options";
import { auditTable } from "#lib/portal/audit/audit-table";
import { budgetNotices } from "#lib/portal/budgets/budget-notices";
import { organizationTable } from "#lib/portal/organizations/organization-table";
import { summarizeRejections } from "#lib/portal/rejections/summarize-rejections";
import { requestFilterOptions } from "#lib/portal/requests/request-filter-options";
import { dailyUsage } from "#lib/portal/usage/daily-usage";
import { usageOverview } from "#lib/portal/usage/usage-overview";
import { userLabel } from "#lib/portal/users/user-label";
import { userTable } from "#lib/portal/users/user-table";
import type { ServiceContext } from "#lib/services/context";
import { updateKey } from "#lib/services/keys/update-key";
import { reconcile } from "#lib/services/reconcile/reconcile";
import { type MovedUser, moveUser, type Stay } from "#lib/services/testing/moved-user";
import { worldOfFile } from "#lib/services/testing/world";
import { USAGE_GROUPS } from "#lib/services/usage/usage-question";
import { deleteUser } from "#lib/services/users/delete-user";
import { resetUsage } from "#lib/services/users/reset-usage";
import { updateUser } from "#lib/services/users/update-user";
import { userUsage } from "#lib/services/users/user-usage";
import { operations } from "./operations";
import { inputFields } from "./testing/input-fields";
import { createTestApi } from "./testing/test-api";

const world = await worldOfFile();
const api = await createTestApi({ operations, world });
let moved: MovedUser;
beforeAll(async () => {
  moved = await moveUser(world);
});

/** Every path of a GET, about the user, the key and what both stays have; each filter by itself. */
function paths(): string[] {
  const { user, key, a, b } = moved;
  const either = (pick: (stay: Stay) => string) => [pick(a), pick(b)];
  const ids: Record<string, string[]> = {
    users: [user.id],
    "api-keys": [key],
    organizations: either(({ organization }) => organization.id),
    requests: either(({ request }) => request),
    rejections: either(({ rejection }) => rejection),
  };
  const filters: Record<string, readonly string[]> = {
    organization_id: either(({ organization }) => organization.id),
    user_id: [user.id],
    api_key_id: [key],
    subject_id: [user.id, key],
    actor_id: [user.id],
    scope_id: [user.id],
    search: ["of", "example.com"],
    model: ["model-of-a", "model-of-b"],
    tag: ["tag-of-a", "tag-of-b"],
    group_by: USAGE_GROUPS,
    format: ["csv"],
  };
  return operations
    .filter(({ method }) => method === "GET")
    .flatMap((operation) => {
      const { inPath, others } = inputFields(operation);
      const bases =
        inPath.length === 0
          ? [operation.path]
          : (ids[operation.path.split("/")[1] ?? ""] ?? []).map((id) =>
              operation.path.replace(/\{\w+\}/, id),
            );
      const queries = others.flatMap((field) =>
        (filters[field] ?? []).map((value) => new URLSearchParams({ [field]: value }).toString()),
      );
      const both = others.includes("group_by")
        ? USAGE_GROUPS.map((group) => `group_by=${group}&user_id=${user.id}&format=csv`)
        : [];
      return bases.flatMap((path) =>
        ["", ...queries, ...both].map((query) => (query ? `${path}?${query}` : path)),
      );
    });
}

async function read(actor: Actor, path: string) {
  if (actor.kind !== "user") throw new Error("a session is a user's");
  api.session = actor;
  const headers = { origin: "http://portal.test" };
  return api.send("GET", path, { bearer: null, headers });
}

/** Without the ids that the caller sent. */
const withoutPath = (text: string, path: string) =>
  [...path.matchAll(/[0-9a-f-]{36}|(?<==)[^&]+/g)].reduce((rest, [sent]) => rest.replaceAll(sent, ""), text);

/** The portal's read models, by name. */
const READ_MODELS: Record<string, (ctx: ServiceContext, user: string) => Promise<unknown>> = {
  overview: (ctx) => usageOverview(ctx),
  "daily spend of the user": (ctx, id) => dailyUsage(ctx, { user_id: id }),
  "users with their spend": (ctx) => userTable(ctx, {}),
  "organizations with their spend": (ctx) => organizationTable(ctx, {}),
  rejections: (ctx) => summarizeRejections(ctx),
  "filters of requests": (ctx) => requestFilterOptions(ctx),
  "label of the user": (ctx, id) => userLabel(ctx, id),
  "budget notices": (ctx) => budgetNotices(ctx, { most: 10 }),
  "change history": (ctx) => auditTable(ctx, {}),
  "change history of the user": (ctx, id) => auditTable(ctx, { subject_id: id }),
  "filters of the change history": (ctx) => auditFilterOptions(ctx),
  "admin tokens": (ctx) => adminTokenTable(ctx, {}),
};

const told = (text: string, { marks }: Stay) =>
  Object.keys(marks).filter((name) => text.includes(marks[name] ?? ""));

describe.each([
  ["the old organization", "a", "b"],
  ["the new organization", "b", "a"],
] as const)("after a move, %s", (_name, own, other) => {
  test.each(["orgAdmin", "viewer"] as const)("reads nothing of the other one, as %s", async (role) => {
    const leaks: string[] = [];
    let read200 = 0;
    for (const path of paths()) {
      const { status, text } = await read(moved[own][role], path);
      if (status === 200) read200 += 1;
      for (const mark of told(withoutPath(text, path), moved[other])) leaks.push(`${path}: ${mark}`);
    }
    for (const [name, model] of Object.entries(READ_MODELS)) {
      const shown = await model(world.as(moved[own][role]), moved.user.id).catch((error: unknown) => {
        // The change history and the tokens are not for viewers.
        expect([role, error]).toMatchObject(["viewer", { code: "forbidden" }]);
      });
      for (const mark of told(JSON.stringify(shown) ?? "", moved[other])) leaks.push(`${name}: ${mark}`);
    }
    expect(leaks).toEqual([]);
    expect(read200).toBeGreaterThan(40);
  });

  test("keeps its own rows, under the names that it knows", async () => {
    const { names, request, rejection, costUsd, orgAdmin } = moved[own];
    const get = async (path: string) => (await read(orgAdmin, path)).body;
    const owner = {
      user_id: moved.user.id,
      user_name: names.user,
      api_key_id: moved.key,
      api_key_name: names.key,
    };
    const row = { ...owner, id: request, api_key_prefix: names.keyPrefix, cost_usd: costUsd };
    expect(await get(`/requests/${request}`)).toMatchObject(row);
    expect(await get(`/requests?api_key_id=${moved.key}`)).toMatchObject({ data: [row] });
    expect(await get(`/rejections/${rejection}`)).toMatchObject({ ...owner, key_prefix: names.keyPrefix });
    expect(await get("/usage?group_by=user")).toMatchObject({
      data: [{ group: moved.user.id, name: names.user, requests: 1, cost_usd: costUsd }],
    });
    expect(await get("/usage?group_by=api_key")).toMatchObject({
      data: [{ group: moved.key, name: names.key }],
    });
    expect((await read(orgAdmin, "/usage?group_by=user&format=csv")).text).toContain(names.user);
    expect(await get("/metrics")).toMatchObject({ top_users: [{ email: names.email, cost_usd: costUsd }] });
    const ctx = world.as(orgAdmin);
    expect((await usageOverview(ctx)).topKeys).toEqual([
      expect.objectContaining({
        id: moved.key,
        name: names.key,
        prefix: names.keyPrefix,
        organizationName: own.toUpperCase(),
        costUsd,
      }),
    ]);
    expect((await summarizeRejections(ctx)).groups).toMatchObject([
      { user_name: names.user, api_key_name: names.key },
    ]);
    expect(await userLabel(ctx, moved.user.id)).toBe(names.user);
  });
});

describe("what happens to a moved user later", () => {
  const namesIn = async (stay: Stay) => {
    const { body } = await read(stay.orgAdmin, `/requests/${stay.request}`);
    return [body.user_name, body.api_key_name, body.api_key_prefix];
  };
  const kept = ({ names }: Stay) => [names.user, names.key, names.keyPrefix];

  test("is not told to the old organization, not even a deletion", async () => {
    const { user, a, b } = await moveUser(world);
    await deleteUser(world.as(b.orgAdmin), { id: user.id });
    expect(await namesIn(a)).toEqual(kept(a));
    expect(await namesIn(b)).toEqual([null, null, null]);
  });

  test("is theirs again once the user returns, and then no matter of the other one", async () => {
    const { user, key, a, b } = await moveUser(world);
    await updateUser(world.as(world.admin), { id: user.id, organization_id: world.a.id });
    await updateUser(world.as(a.orgAdmin), { id: user.id, name: "Ada again" });
    await updateKey(world.as(a.orgAdmin), { id: key, name: "key again" });
    expect(await namesIn(a)).toEqual(["Ada again", "key again", b.names.keyPrefix]);
    expect(await namesIn(b)).toEqual(kept(b));
    expect(await userUsage(world.as(a.orgAdmin), { id: user.id })).toMatchObject({ cost_usd: a.costUsd });
  });
});

describe("the audit log of a move", () => {
  const entriesOf = async (stay: Stay) => {
    const { data } = await auditTable(world.as(stay.orgAdmin), { subject_id: moved.user.id });
    return data.map(({ action, subject_name }) => [action, subject_name]);
  };

  test("has in either organization what happened there", async () => {
    const { user: formerName } = moved.a.names;
    expect(await entriesOf(moved.a)).toEqual([
      ["user.leave", formerName],
      ["user.create", formerName],
    ]);
    expect(await entriesOf(moved.b)).toEqual([
      ["user.update", moved.b.names.user],
      ["user.join", formerName],
    ]);
    const [leave, join] = (await world.auditOf(moved.user.id)).filter(({ action }) =>
      /leave|join/.test(action),
    );
    expect(leave).toMatchObject({
      organizationId: world.a.id,
      before: { email: moved.a.names.email, organization_id: world.a.id },
      after: { moved_api_keys: 1, ended_admin_tokens: [moved.a.marks.token] },
    });
    expect(join).toMatchObject({
      organizationId: world.b.id,
      before: null,
      after: { organization_id: world.b.id, moved_api_keys: 1 },
    });
  });
});

describe("what a user who has moved has used", () => {
  const figures = { requests: 1, input_tokens: 10, output_tokens: 5, cost_usd: "0.222222" };

  test("is what they and their key used in the new organization", async () => {
    for (const path of [`/users/${moved.user.id}/usage`, `/api-keys/${moved.key}/usage`]) {
      for (const actor of [moved.b.orgAdmin, moved.user, world.admin])
        expect((await read(actor, path)).body).toMatchObject(figures);
      expect((await read(moved.a.orgAdmin, path)).status).toBe(404);
    }
    const key = (await read(moved.b.orgAdmin, `/api-keys/${moved.key}`)).body;
    expect(key).toMatchObject({ spent_this_month_usd: "0.222222", requests_this_month: 1 });
  });

  test("is all that tables and a reset count without a budget", async () => {
    const { data } = await userTable(world.as(moved.b.orgAdmin), { search: moved.b.names.email });
    expect(data).toMatchObject([{ id: moved.user.id, spent_usd: "0.221222" }]);
    const fresh = await moveUser(world);
    await resetUsage(world.as(fresh.b.orgAdmin), { id: fresh.user.id });
    const { body } = await read(fresh.b.orgAdmin, `/requests?user_id=${fresh.user.id}&status=adjustment`);
    expect(body).toMatchObject({ data: [{ cost_usd: "-0.221222" }, { cost_usd: "-0.001" }] });
  });

  test("counts against a budget that they had before, until its period ends or changes", async () => {
    const budget = { limit_usd: "1", period: "month" } as const;
    const { user, key, b } = await moveUser(world, { budget });
    const asB = world.as(b.orgAdmin);
    expect(await userUsage(asB, { id: user.id })).toMatchObject({
      ...figures,
      budget: { spent_usd: "0.331333", remaining_usd: "0.668667" },
    });
    expect((await read(b.orgAdmin, `/api-keys/${key}/usage`)).body).toMatchObject({
      ...figures,
      budget: { spent_usd: "0.333333" },
    });
    for (const period of ["total", "day", "week", "month"] as const) {
      await updateUser(asB, { id: user.id, budget: { limit_usd: "1", period } });
      expect(await userUsage(asB, { id: user.id })).toMatchObject({ budget: { spent_usd: "0.221222" } });
    }
  });

  test("leaves counters and ledger in balance", async () => {
    expect(await reconcile(world.as(world.admin))).toMatchObject({ differences: 0 });
  });
});
