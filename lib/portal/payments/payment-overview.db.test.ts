import { describe, expect, test } from "vitest";
import { jobRuns } from "#lib/db/schema/identity";
import { day } from "#lib/services/testing/day";
import { worldOfFile } from "#lib/services/testing/world";
import { newUser } from "#lib/services/users/testing/users";
import { paymentOverview } from "./payment-overview";

const world = await worldOfFile();
const read = (actor = world.orgAdmin) => paymentOverview(world.as(actor));

describe("the overview of payments", () => {
  test("counts and lists those that the actor sees, the next and the last ends first", async () => {
    expect(await read()).toMatchObject({ active: 0, expired: 0, none: 4, ending: [], lastSyncAt: null });
    for (const offset of [31, 30, 8, 7, 0, -1, -9]) {
      await newUser(world, { name: `in ${offset}`, payment_valid_until: day(offset) });
    }
    await newUser(world, { name: "theirs", organization_id: world.b.id, payment_valid_until: day(-2) });
    const overview = await read();
    expect(overview).toMatchObject({ active: 5, endsWithin7Days: 2, endsWithin30Days: 4, expired: 2 });
    const names = (rows: typeof overview.ending) => rows.map(({ name }) => name);
    expect(names(overview.ending)).toEqual(["in 0", "in 7", "in 8", "in 30"]);
    expect(names(overview.ended)).toEqual(["in -1", "in -9"]);
    expect(overview.ended[0]).toMatchObject({ organization_name: "A", payment_status: "expired" });
    expect(names((await read(world.admin)).ended)).toEqual(["in -1", "theirs", "in -9"]);
    expect(await read(world.member)).toMatchObject({ active: 0, none: 1, ended: [] });
  });

  test("lists at most ten, and says when the daily job has run", async () => {
    for (let at = 0; at < 11; at++) await newUser(world, { payment_valid_until: day(2) });
    await world.db.insert(jobRuns).values({ name: "expiry-sync", endedAt: new Date("2026-03-14T00:00:01Z") });
    const { ending, lastSyncAt } = await read();
    expect(ending).toHaveLength(10);
    expect(lastSyncAt).toBe("2026-03-14T00:00:01.000Z");
  });
});
