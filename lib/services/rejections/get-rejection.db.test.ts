import { describe, expect, test } from "vitest";
import { uuidv7 } from "#lib/credit/request-id";
import { tokenActor } from "#lib/services/testing/context";
import type { World } from "#lib/services/testing/world";
import { deleteOldRejections } from "./delete-old-rejections";
import { getRejection } from "./get-rejection";
import {
  addRejections,
  byMember,
  NOW,
  OVER_BUDGET,
  OVER_LIMIT,
  rejectionWorldOfFile,
} from "./testing/rejection-world";

const world = await rejectionWorldOfFile();

describe("a rejected request", () => {
  test("says who was rejected and why: the budget, what it had left and what was needed", async () => {
    expect(await getRejection(world.as(world.admin), { request_id: OVER_BUDGET.id })).toEqual({
      id: OVER_BUDGET.id,
      at: "2026-01-31T10:01:00.000Z",
      code: "invalid_request",
      ...byMember(world),
      message: OVER_BUDGET.message,
      budget: OVER_BUDGET.budget,
    });
  });

  test("has no budget if something else rejected it", async () => {
    const rejected = await getRejection(world.as(world.admin), { request_id: OVER_LIMIT.id });
    expect(rejected).toMatchObject({
      code: "rate_limit_exceeded",
      message: OVER_LIMIT.message,
      budget: null,
    });
  });

  test.each<[string, (w: World) => World["admin"], own: boolean, ofTheOrganization: boolean]>([
    ["an administrator", ({ admin }) => admin, true, true],
    ["an org_admin of the organization", ({ orgAdmin }) => orgAdmin, true, true],
    ["a viewer of the organization", ({ viewer }) => viewer, true, true],
    ["a token of the organization", ({ a }) => tokenActor("viewer", a.id), true, true],
    ["its own user", ({ member }) => member, true, false],
    ["another member", ({ other }) => other, false, false],
    ["an org_admin of another organization", ({ orgAdminOfB }) => orgAdminOfB, false, false],
    ["a user without an organization", ({ stray }) => stray, false, false],
  ])("is visible to those who see it in the list: %s", async (_, of, own, ofTheOrganization) => {
    for (const [id, visible] of [
      [OVER_BUDGET.id, own],
      [OVER_LIMIT.id, ofTheOrganization],
    ] as const) {
      const reading = getRejection(world.as(of(world)), { request_id: id });
      if (visible) expect(await reading).toMatchObject({ id });
      else {
        await expect(reading).rejects.toMatchObject({
          code: "not_found",
          message: "Rejected request not found.",
        });
      }
    }
  });

  test("is found although it was rejected in the hour after its arrival, and by an id in capitals", async () => {
    const id = uuidv7(Date.UTC(2026, 0, 5, 10, 59, 59));
    const lastRequests = [{ id, message: "Too slow.", budget: null }];
    await addRejections(world, new Date("2026-01-05T11:00:00Z"), { code: "request_timeout", lastRequests });
    const request = { id, at: "2026-01-05T10:59:59.000Z", code: "request_timeout" };
    for (const request_id of [id, id.toUpperCase()]) {
      expect(await getRejection(world.as(world.admin), { request_id })).toMatchObject(request);
    }
  });

  test("goes with the retention of rejections", async () => {
    const id = uuidv7(NOW.getTime() - 91 * 86_400_000);
    const hour = new Date(Math.floor((NOW.getTime() - 91 * 86_400_000) / 3_600_000) * 3_600_000);
    await addRejections(world, hour, { lastRequests: [{ id, message: "Old.", budget: null }] });
    const read = () => getRejection(world.as(world.admin), { request_id: id });
    expect(await read()).toMatchObject({ message: "Old." });
    await deleteOldRejections(world.db, 90, NOW);
    await expect(read()).rejects.toMatchObject({ code: "not_found" });
    expect(await getRejection(world.as(world.admin), { request_id: OVER_BUDGET.id })).toMatchObject({
      id: OVER_BUDGET.id,
    });
  });

  test.each([
    ["an unknown one", "019c137f-ab60-7000-8000-00000000000f"],
    ["an id of the far future", "ffffffff-ffff-7fff-8fff-ffffffffffff"],
  ])("is not found by %s", async (_, request_id) => {
    await expect(getRejection(world.as(world.admin), { request_id })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});
