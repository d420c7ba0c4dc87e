import { beforeAll, describe, expect, test } from "vitest";
import { worldOfFile } from "#lib/services/testing/world";
import { usageOperations } from "./usage";

const world = await worldOfFile();
beforeAll(async () => {
  await world.addUsage({ hour: new Date("2026-03-01T10:00:00Z"), model: "small, fast", costUsd: "0.5" });
});

const get = async (query: Record<string, unknown>) => {
  const [operation] = usageOperations;
  return operation?.run(world.as(world.viewer), query);
};
const range = { from: "2026-03-01", to: "2026-03-02", group_by: "model" };

describe("GET /usage", () => {
  test("answers JSON, or a CSV download with `format=csv`", async () => {
    expect(await get(range)).toMatchObject({ data: [{ group: "small, fast", cost_usd: "0.5" }] });
    const csv = await get({ ...range, format: "csv" });
    if (!(csv instanceof Response)) throw new Error("no response");
    expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(csv.headers.get("content-disposition")).toBe('attachment; filename="usage-by-model.csv"');
    expect(await csv.text()).toBe(
      'group,requests,input_tokens,output_tokens,cost_usd,errors,cached_tokens,latency_ms_p50,latency_ms_p95,ttft_ms_p50,ttft_ms_p95\r\n"small, fast",1,0,0,0.5,0,0,,,,\r\n',
    );
  });

  test("has a name column for groups with names", async () => {
    const csv = await get({ ...range, group_by: "organization", format: "csv" });
    if (!(csv instanceof Response)) throw new Error("no response");
    expect((await csv.text()).split("\r\n")[1]).toBe(`${world.a.id},1,0,0,0.5,0,A,0,,,,`);
  });

  test("rejects an unknown format or field", async () => {
    for (const query of [{ format: "xml" }, { color: "red" }]) {
      await expect(get(query)).rejects.toMatchObject({ code: "invalid" });
    }
  });
});
