import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { errorReply } from "#lib/cli/testing/fake-server";
import { startTestServer } from "#lib/cli/testing/test-server";

const { server, run } = await startTestServer();
beforeEach(() => server.clear());

const nothing = { checked: 12, different: 0, data: [] };

describe("reconcile", () => {
  test("reports that the books agree, and exits with 0", async () => {
    server.next.push({ status: 200, body: { differences: 0, counters: nothing, usage: nothing } });
    expect(await run(["reconcile"])).toEqual({
      code: 0,
      out: "The books agree: 12 counters and 12 hours of usage match the ledger.\n",
      err: "",
    });
    expect(server.log).toEqual(["GET /api/admin/v1/reconciliation"]);
  });

  test("checks the days that the options name, and says which were checked", async () => {
    const body = { differences: 0, counters: nothing, usage: nothing, from: "2026-03-01", to: null };
    server.next.push({ status: 200, body });
    expect((await run(["reconcile", "--from", "2026-03-01"])).out).toBe(
      "The books agree: 12 counters and 12 hours of usage match the ledger from 2026-03-01 on.\n",
    );
    expect(server.queries.at(-1)).toBe("from=2026-03-01");
  });

  test("shows each figure that differs, and exits with 1", async () => {
    const figures = {
      requests: 3,
      errors: 0,
      input_tokens: 5,
      output_tokens: 6,
      cached_tokens: 0,
      cost_usd: "1",
    };
    const body = {
      differences: 2,
      counters: {
        checked: 12,
        different: 1,
        data: [
          {
            scope: { type: "user", id: "u-1" },
            period: "month",
            period_start: "2026-03-01T00:00:00.000Z",
            counter: { spent_usd: "1.000000000001", held_usd: "0", open_holds: 1 },
            ledger: { spent_usd: "1", held_usd: "0", open_holds: 0 },
          },
        ],
      },
      usage: {
        checked: 9,
        different: 1,
        data: [
          {
            hour: "2026-03-01T05:00:00.000Z",
            organization_id: "o-1",
            model: "small",
            provider: "openai",
            rollup: figures,
            ledger: { ...figures, requests: 4 },
          },
        ],
      },
    };
    server.next.push({ status: 200, body });
    const { code, out, err } = await run(["reconcile"]);
    expect(code).toBe(1);
    expect(out.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["WHERE", "ID", "WHEN", "FIGURE", "RECORDED", "LEDGER"],
      ["user's counter", "u-1", "month of 2026-03-01", "spent", "$1.000000000001", "$1"],
      ["user's counter", "u-1", "month of 2026-03-01", "open holds", "1", "0"],
      ["usage of small at openai", "o-1", "2026-03-01 05:00 UTC", "requests", "3", "4"],
      [""],
    ]);
    expect(err).toContain("2 differ from the ledger");
    server.next.push({ status: 200, body });
    const json = await run(["reconcile", "--json"]);
    expect([json.code, JSON.parse(json.out)]).toEqual([1, body]);
  });

  test("fails like any other command", async () => {
    server.next.push(errorReply(403, "forbidden", "Only administrators may reconcile the books."));
    expect(await run(["reconcile"])).toMatchObject({ code: 3, out: "" });
    for (const args of [
      ["--provider", "x"],
      ["--tolerance", "1"],
      ["--provider-export", "f.csv"],
    ]) {
      expect((await run(["reconcile", ...args])).code, args.join()).toBe(2);
    }
    expect((await run(["reconcile", "--provider-export", "/nonexistent", "--provider", "x"])).err).toContain(
      "Cannot read",
    );
  });
});

describe("reconcile with a provider's export", () => {
  const row = (day: string, model: string, input: number, output: number, cost: string, estimated = 0) => ({
    day,
    model,
    requests: 1,
    estimated_requests: estimated,
    input_tokens: input,
    output_tokens: output,
    cost_usd: cost,
  });
  const compared = (csv: readonly string[], ledger: readonly object[], ...args: string[]) => {
    const file = join(mkdtempSync(join(tmpdir(), "tollgate-export-")), "usage.csv");
    writeFileSync(file, csv.join("\n"));
    server.next.push({ status: 200, body: { data: ledger } });
    return run(["reconcile", "--provider-export", file, "--provider", "openai", ...args]);
  };
  const table = (out: string) =>
    out
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.split(/ {2,}/));
  const header = "day,model,input_tokens,output_tokens,cost";

  test("requests the days of the file, and agrees to the last digit", async () => {
    const ran = await compared(
      [header, "2026-03-01,small,10,5,0.000000000001", "2026-03-03,small,1,1,0.1"],
      [row("2026-03-01", "small", 10, 5, "0.000000000001"), row("2026-03-03", "small", 1, 1, "0.1")],
    );
    expect(ran).toEqual({
      code: 0,
      out: "The ledger and the provider agree on 2 days and models.\n",
      err: "",
    });
    expect(server.queries.at(-1)).toBe("provider=openai&from=2026-03-01&to=2026-03-04");
  });

  test("shows each figure that differs exactly, even when one side has nothing", async () => {
    const ran = await compared(
      [header, "2026-03-01,small,10,5,0.30000000000000004", "2026-03-02,theirs,7,0,0"],
      [row("2026-03-01", "small", 10, 6, "0.3", 1), row("2026-03-02", "ours", 0, 0, "0.000000000001")],
    );
    expect(ran.code).toBe(1);
    expect(table(ran.out)).toEqual([
      ["2026-03-01", "small", "output tokens", "6", "5", "1"],
      ["2026-03-01", "small", "cost", "$0.3", "$0.30000000000000004", "-$0.00000000000000004"],
      ["2026-03-02", "ours", "cost", "$0.000000000001", "$0", "$0.000000000001"],
      ["2026-03-02", "theirs", "input tokens", "0", "7", "-7"],
    ]);
    expect(ran.err).toContain("1 request in these rows had no usage reported");
    expect(ran.err).toContain("differ on 3 of 3 days and models");
  });

  test("compares only the figures in the file", async () => {
    const ran = await compared(
      ["day,model,cost", "2026-03-01,small,1"],
      [row("2026-03-01", "small", 10, 5, "1")],
    );
    expect(ran.code).toBe(0);
  });

  test("allows exactly the tolerance, in percent of the provider's figure", async () => {
    const at = (cost: string) =>
      compared(
        ["day,model,cost", "2026-03-01,small,200"],
        [row("2026-03-01", "small", 0, 0, cost)],
        "--tolerance",
        "0.5%",
      );
    expect((await at("201")).code).toBe(0);
    expect((await at("199")).code).toBe(0);
    expect((await at("201.000000000001")).code).toBe(1);
  });

  test("matches a short model name with the billed snapshot, if there is only one", async () => {
    const csv = ["day,model,input_tokens", "2026-03-01,gpt-5-mini-2025-08-07,30"];
    const both = [
      row("2026-03-01", "gpt-5-mini", 10, 0, "0"),
      row("2026-03-01", "gpt-5-mini-2025-08-07", 20, 0, "0"),
    ];
    expect((await compared(csv, both)).code).toBe(0);
    const ambiguous = [...csv, "2026-03-01,gpt-5-mini-2026-01-01,0"];
    expect((await compared(ambiguous, both)).code).toBe(1);
  });

  test("prints JSON with every day and model", async () => {
    const ran = await compared(
      ["day,model,cost", "2026-03-01,small,1"],
      [row("2026-03-01", "small", 1, 1, "1.5")],
      "--json",
    );
    expect([ran.code, JSON.parse(ran.out)]).toEqual([
      1,
      {
        provider: "openai",
        from: "2026-03-01",
        to: "2026-03-02",
        different: 1,
        data: [
          {
            day: "2026-03-01",
            model: "small",
            requests: 1,
            estimated_requests: 0,
            differs: true,
            cost_usd: { ledger: "1.5", provider: "1", difference: "0.5" },
          },
        ],
      },
    ]);
  });

  test("says when the ledger has no such provider", async () => {
    const ran = await compared(["day,model,cost", "2026-03-01,small,1"], []);
    expect([ran.code, ran.err]).toEqual([
      1,
      expect.stringContaining('no requests to a provider named "openai"'),
    ]);
  });
});
