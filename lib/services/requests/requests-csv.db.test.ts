import { beforeAll, describe, expect, test } from "vitest";
import { metadataSets } from "#lib/db/schema/credit";
import { worldOfFile } from "#lib/services/testing/world";
import { requestsCsv } from "./requests-csv";

const ROWS = 50_000;
const PER_PAGE = 1_000;

const world = await worldOfFile();

/** Requests of one organization, a second apart. */
beforeAll(async () => {
  await world.db.$client`
    INSERT INTO ledger (id, created_at, status, organization_id, endpoint, model, cost_usd, counter_ids)
    SELECT
      (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid,
      at, 'settled', ${world.a.id}, 'chat/completions', 'small', 0.001, '{}'
    FROM generate_series(1, ${ROWS}) n, LATERAL (SELECT now() - n * interval '1 second' AS at) t`;
  await world.db.$client`ANALYZE ledger`;
});

async function linesOf(query: object, actor = world.orgAdmin) {
  const { fileName, parts } = await requestsCsv(world.as(actor), query);
  const perPart: number[] = [];
  const lines: string[] = [];
  for await (const part of parts) {
    const added = part.split("\r\n").slice(0, -1);
    perPart.push(added.length);
    for (const line of added) lines.push(line);
  }
  return { fileName, lines, perPart };
}

describe("the ledger as CSV", () => {
  test("has every row once, newest first, and reads a page at a time", async () => {
    const { fileName, lines, perPart } = await linesOf({});
    expect(fileName).toBe("requests.csv");
    expect(lines).toHaveLength(ROWS + 1);
    expect(Math.max(...perPart)).toBe(PER_PAGE + 1);
    expect(perPart).toHaveLength(ROWS / PER_PAGE);
    const ids = lines.slice(1).map((line) => line.slice(0, 36));
    expect(new Set(ids).size).toBe(ROWS);
    expect(ids).toEqual(ids.toSorted().toReversed());
  });

  test("reads no page before it is asked for", async () => {
    const ctx = world.as(world.orgAdmin);
    let queries = 0;
    const db = new Proxy(ctx.db, {
      get: (target, name) => {
        if (name === "transaction") queries += 1;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const { parts } = await requestsCsv({ ...ctx, db }, {});
    const iterator = parts[Symbol.asyncIterator]();
    expect(queries).toBe(0);
    await iterator.next();
    await iterator.next();
    expect(queries).toBe(2);
    await iterator.return?.();
    expect(await iterator.next()).toMatchObject({ done: true });
    expect(queries).toBe(2);
  });

  test("has the rows that match and that the actor may see, with no formulas", async () => {
    await world.db
      .insert(metadataSets)
      .values({ id: "11111111-0000-4000-8000-000000000001", pairs: { team: "search" } });
    await world.addRequest({
      organizationId: world.b.id,
      apiKeyId: world.b.orgKey,
      model: "=cmd",
      status: "adjustment",
      costUsd: "-2.5",
      tags: ["one", "two"],
      dropped: ["tools[1]", "metadata"],
      attempts: [
        {
          provider: "acme",
          upstream_model: "small",
          started_ms: 1,
          latency_ms: 2,
          http_status: 200,
          outcome: "served",
          reason: null,
          cost_usd: "0",
        },
      ],
      meters: { web_searches: 2 },
      providerCostUsd: "0.25",
      sessionId: "s-1",
      metadataId: "11111111-0000-4000-8000-000000000001",
    });
    const { lines } = await linesOf({ session_id: "s-1" }, world.orgAdminOfB);
    const [header = "", row = ""] = lines;
    expect(lines).toHaveLength(2);
    expect(header.split(",")).toEqual(
      expect.arrayContaining(["id", "cost_usd", "provider_cost_usd", "dropped"]),
    );
    expect(row).toContain(",'=cmd,");
    expect(row).toContain(",-2.5,");
    expect(row).toContain(",0.25,");
    expect(row).toContain('"one,two"');
    expect(row).toContain('"tools[1],metadata"');
    expect(row).toContain('"{""web_searches"":2}"');
    expect(row).toContain('"{""team"":""search""}"');
    expect(row).toContain('""provider"":""acme"",');
    expect((await linesOf({ session_id: "s-1" })).lines).toHaveLength(1);
  });
});
