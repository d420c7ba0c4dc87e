import { beforeAll, expect, test } from "vitest";
import { type World, worldOfFile } from "#lib/services/testing/world";
import { rejectionsCsv } from "./rejections-csv";
import { addRejections } from "./testing/rejection-world";

const world = await worldOfFile();

const add = (hour: string, row: Parameters<typeof addRejections>[2]) =>
  addRejections(world, new Date(hour), { code: "model_not_found", ...row });
beforeAll(async () => {
  const { a, b, member } = world;
  await add("2026-01-31T10:00:00Z", {
    organizationId: a.id,
    userId: member.id,
    apiKeyId: a.memberKey,
    rejections: 7,
  });
  await add("2026-01-31T11:00:00Z", { organizationId: a.id, model: '=cmd|" /C calc"' });
  await add("2026-01-31T11:00:00Z", { organizationId: b.id });
});

const linesOf = async (actor: World["admin"], query = {}) =>
  (await rejectionsCsv(world.as(actor), query)).text.split("\r\n");

test("has a line for each hour and kind that the actor may see, newest first, without formulas", async () => {
  const { a, member } = world;
  expect(await linesOf(world.orgAdmin)).toEqual([
    "hour,code,organization_id,organization_name,user_id,user_name,api_key_id,api_key_name,key_prefix,app_id,app_name,model,count,last_at,last_message",
    `2026-01-31T11:00:00.000Z,model_not_found,${a.id},A,,,,,,,,"'=cmd|"" /C calc""",1,2026-01-31T11:00:00.000Z,"Say, what?"`,
    `2026-01-31T10:00:00.000Z,model_not_found,${a.id},A,${member.id},member,${a.memberKey},a-member,tg_test_a-member,,,,7,2026-01-31T10:00:00.000Z,"Say, what?"`,
    "",
  ]);
});

test("takes the filters of the list, and continues past its first page", async () => {
  const code = "request_too_large";
  for (let hour = 0; hour < 205; hour++) {
    await add(new Date(Date.UTC(2026, 1, 1, hour)).toISOString(), { code });
  }
  expect(await linesOf(world.admin, { code })).toHaveLength(207);
  await expect(rejectionsCsv(world.as(world.admin), { organization_id: "x" })).rejects.toMatchObject({
    code: "invalid",
  });
});
