import { describe, expect, test } from "vitest";
import { csvHref, daysIn, filteredBy, loadUsageParams, toBreakdownQuery, usageHref } from "./usage-params";

const TODAY = "2026-03-14";
const USER = "01958c3e-7d1a-7000-8000-000000000001";

describe("the address of the usage page", () => {
  test("has the days, the grouping and the filters", async () => {
    const params = await loadUsageParams({ range: "7d", group: "user", by: "metadata:team", model: "gpt" });
    expect(toBreakdownQuery(params, TODAY)).toMatchObject({
      days: { first: "2026-03-08", last: TODAY },
      period: "7d",
      groups: ["user", "metadata:team"],
      filters: { model: "gpt" },
    });
    expect(usageHref(params)).toBe("/usage?range=7d&group=user&by=metadata:team&model=gpt");
  });

  test("prefers free dates, in either order and as far as there can be usage", async () => {
    const days = async (query: Record<string, string>) =>
      daysIn(await loadUsageParams({ range: "7d", ...query }), TODAY).days;
    expect(await days({ from: "2026-03-05", to: "2026-03-01" })).toEqual({
      first: "2026-03-01",
      last: "2026-03-05",
    });
    expect(await days({ from: "2026-03-05" })).toEqual({ first: "2026-03-05", last: "2026-03-05" });
    expect(await days({ from: "1000-01-01", to: "9999-12-30" })).toEqual({
      first: "2000-01-01",
      last: TODAY,
    });
  });

  test("ignores what cannot be grouped by, and grouping twice by the same", async () => {
    const groups = async (query: Record<string, string>) =>
      toBreakdownQuery(await loadUsageParams(query), TODAY).groups;
    expect(await groups({ group: "colour", by: "metadata:" })).toEqual(["model"]);
    expect(await groups({ group: "user", by: "user" })).toEqual(["user"]);
  });

  test("leads to a group's own usage, if that can be filtered by", async () => {
    const params = await loadUsageParams({ range: "90d" });
    const own = (path: Parameters<typeof filteredBy>[1]) => filteredBy(params, path);
    expect(
      own([
        { group: "day", value: "2026-03-01" },
        { group: "user", value: USER },
      ]),
    ).toMatchObject({ from: "2026-03-01", to: "2026-03-01", user: USER });
    expect(own([{ group: "user", value: null }])).toBeNull();
    expect(own([{ group: "endpoint", value: "responses" }])).toBeNull();
  });

  test("names the same report as CSV", async () => {
    const params = await loadUsageParams({ range: "last-month", group: "user", by: "day", user: USER });
    expect(csvHref(params, TODAY)).toBe(
      `/api/admin/v1/usage?format=csv&from=2026-02-01&to=2026-03-01&user_id=${USER}&group_by=user&group_by=day`,
    );
  });
});
