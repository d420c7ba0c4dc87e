import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runHere } from "#lib/cli/testing/run-here";
import { operations } from "./operations";
import { ADMIN_API_KEY, createTestApi } from "./testing/test-api";

const DAY = new Date().toISOString().slice(0, 10);
const api = await createTestApi({ operations });
let url: string;
let close: () => void;

beforeAll(async () => {
  const server = createServer(async (incoming, outgoing) => {
    const headers = { authorization: incoming.headers.authorization ?? "" };
    const response = await api.answer(new Request(`http://portal.test${incoming.url}`, { headers }));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(await response.text());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  url = `http://127.0.0.1:${address.port}`;
  close = () => server.close();
});
afterAll(async () => {
  close();
});

const tollgate = (...args: string[]) => runHere(args, { url, token: ADMIN_API_KEY });

describe("reconciliation through the API and the CLI", () => {
  test("finds no difference in an empty installation, and a request that is missing in the rollup", async () => {
    expect((await api.send("GET", "/reconciliation")).body).toMatchObject({ differences: 0 });
    expect(await tollgate("reconcile")).toMatchObject({ code: 0, out: expect.stringContaining("agree") });
    await api.world.addRequest({
      model: "small",
      provider: "acme",
      upstreamModel: "small-1",
      costUsd: "0.25",
    });
    const ran = await tollgate("reconcile");
    expect([ran.code, ran.out]).toEqual([1, expect.stringContaining("usage of small at acme")]);
    expect(ran.out).toMatch(/cost +\$0 +\$0\.25/);
  });

  test("compares a provider's export with the ledger", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "tollgate-export-")), "usage.csv");
    const compare = (cost: string) => {
      writeFileSync(file, `date,model,input_tokens,output_tokens,cost\n${DAY},small-1,10,5,${cost}\n`);
      return tollgate("reconcile", "--provider-export", file, "--provider", "acme");
    };
    expect(await compare("0.25")).toMatchObject({ code: 0 });
    const ran = await compare("0.26");
    expect([ran.code, ran.out]).toEqual([1, expect.stringMatching(/cost +\$0\.25 +\$0\.26 +-\$0\.01\n/)]);
    expect((await api.send("GET", "/reconciliation/provider-usage?provider=acme")).status).toBe(400);
  });

  test("needs an administrator; budget events are open to an org_admin", async () => {
    const bearer = await api.token({ role: "org_admin", organizationId: api.world.a.id });
    expect((await api.send("GET", "/reconciliation", { bearer })).status).toBe(403);
    const days = `provider=acme&from=${DAY}&to=${DAY}`;
    expect((await api.send("GET", `/reconciliation/provider-usage?${days}`, { bearer })).status).toBe(403);
    expect(await api.send("GET", "/budget-events?kind=limit_reached", { bearer })).toMatchObject({
      status: 200,
      body: { data: [], next_cursor: null },
    });
    expect((await api.send("GET", "/budget-events?color=red", { bearer })).status).toBe(400);
  });
});
