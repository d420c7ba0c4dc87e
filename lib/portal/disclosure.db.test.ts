import { beforeAll, describe, expect, test } from "vitest";
import { FOREIGN, nameForeign, nowhereLike } from "#lib/admin-api/testing/foreign-names";
import { rightsApiOfFile, type Target } from "#lib/admin-api/testing/rights-api";
import { recordingDb } from "#lib/db/testing/recording-db";
import type { ServiceContext } from "#lib/services/context";
import { switchOrganization } from "#lib/services/sessions/switch-organization";
import { adminTokenTable } from "./admin-tokens/admin-token-table";
import { appTable } from "./apps/app-table";
import { auditTable } from "./audit/audit-table";
import { budgetNotices } from "./budgets/budget-notices";
import { organizationChoices } from "./organizations/organization-choices";
import { organizationTable } from "./organizations/organization-table";
import { summarizeRejections } from "./rejections/summarize-rejections";
import { requestFilterOptions } from "./requests/request-filter-options";
import { dailyUsage } from "./usage/daily-usage";
import { usageFilterOptions } from "./usage/usage-filter-options";
import { matchingUsers } from "./users/matching-users";
import { userFormOptions } from "./users/user-form-options";
import { userLabel } from "./users/user-label";
import { userTable } from "./users/user-table";

const api = await rightsApiOfFile();
beforeAll(() => nameForeign(api));

type Reading = [
  name: string,
  named: (foreign: Target) => string,
  read: (ctx: ServiceContext, value: string) => Promise<unknown>,
];

/** What pages read by something that an address or a form can name. */
const READINGS: Reading[] = [
  [
    "users by organization",
    ({ organization: id }) => id,
    (ctx, id) => userTable(ctx, { organization_id: id }),
  ],
  [
    "count of users by organization",
    ({ organization: id }) => id,
    (ctx, id) => matchingUsers(ctx, { organization_id: id }),
  ],
  ["users by search", () => FOREIGN.email, (ctx, search) => userTable(ctx, { search })],
  ["organizations by search", () => "Foreign Inc.", (ctx, search) => organizationTable(ctx, { search })],
  ["apps by organization", ({ organization: id }) => id, (ctx, id) => appTable(ctx, { organization_id: id })],
  ["apps by search", () => FOREIGN.appId, (ctx, search) => appTable(ctx, { search })],
  ["tokens", ({ organization: id }) => id, (ctx, id) => adminTokenTable(ctx, { organization_id: id })],
  ["changes by subject", ({ user }) => user, (ctx, id) => auditTable(ctx, { subject_id: id })],
  ["changes by actor", ({ user }) => user, (ctx, id) => auditTable(ctx, { actor_id: id })],
  [
    "changes by organization",
    ({ organization: id }) => id,
    (ctx, id) => auditTable(ctx, { organization_id: id }),
  ],
  [
    "rejections",
    ({ organization: id }) => id,
    (ctx, id) => summarizeRejections(ctx, { organization_id: id }),
  ],
  ["rejections by code", () => FOREIGN.code, (ctx, code) => summarizeRejections(ctx, { code })],
  ["notices of a user", ({ user }) => user, (ctx, id) => budgetNotices(ctx, { most: 9, scopeId: id })],
  ["daily spend of a user", ({ user }) => user, (ctx, id) => dailyUsage(ctx, { user_id: id })],
  ["daily spend of an app", ({ app }) => app, (ctx, id) => dailyUsage(ctx, { app_id: id })],
  ["daily spend", ({ organization: id }) => id, (ctx, id) => dailyUsage(ctx, { organization_id: id })],
  ["label of a user", ({ user }) => user, userLabel],
  ["choices of organizations", ({ organization: id }) => id, organizationChoices],
  ["filters of requests", ({ organization: id }) => id, requestFilterOptions],
  ["filters of usage by user", ({ user }) => user, (ctx, id) => usageFilterOptions(ctx, { user_id: id })],
  ["filters of usage by app", ({ app }) => app, (ctx, id) => usageFilterOptions(ctx, { app_id: id })],
  ["form of a user", ({ organization: id }) => id, userFormOptions],
  ["switch to a membership", ({ user }) => user, (ctx, id) => switchOrganization(ctx, { user_id: id })],
];

/** What is shown or thrown, and the statements until then. */
async function observe(actor: ServiceContext["actor"], value: string, read: Reading[2]) {
  const { db, take } = recordingDb(api.world.db);
  const shown = await read({ ...api.world.as(actor), db }, value).catch((error: unknown) => ({
    rejected: [String(error), error],
  }));
  return { shown: JSON.stringify(shown)?.replaceAll(value, "<sent>"), statements: take() };
}

describe("a page shows what another tenant has like what exists nowhere", () => {
  const people = api.callers.flatMap(({ name, session, isInside }) =>
    session && isInside ? [{ name, session }] : [],
  );

  test.each(READINGS)("%s", async (_name, named, read) => {
    const foreign = named(api.foreign);
    expect(people).toHaveLength(3);
    for (const { session } of people) {
      const theirs = await observe(session, foreign, read);
      const none = await observe(session, nowhereLike(foreign), read);
      expect([session.role, theirs]).toEqual([session.role, none]);
    }
  });
});
