import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newAdminToken } from "#lib/auth/admin-token";
import { runHere } from "#lib/cli/testing/run-here";
import { adminTokens } from "#lib/db/schema/identity";
import { hashSecret } from "#lib/services/testing/context";
import { createWorld, type World } from "#lib/services/testing/world";
import { type AdminApi, answerAdmin } from "./answer";
import { operations } from "./operations";

const ADMIN_API_KEY = "an-admin-api-key-of-the-tests";
const DAY = new Date().toISOString().slice(0, 10);
let world: World;
let url: string;
let close: () => void;

beforeAll(async () => {
  world = await createWorld();
  const api: AdminApi = {
    operations,
    callers: { db: world.db, hashSecret, adminApiKey: ADMIN_API_KEY, sessionActor: async () => null },
    portalUrl: "http://portal.test",
    encryptionKey: "unused",
    contextOf: (actor) => world.as(actor),
  };
  const server = createServer(async (incoming, outgoing) => {
    const headers = { authorization: incoming.headers.authorization ?? "" };
    const answer = await answerAdmin(api, new Request(`http://portal.test${incoming.url}`, { headers }));
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
    outgoing.end(await answer.text());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  url = `http://127.0.0.1:${address.port}`;
  close = () => server.close();
});
afterAll(async () => {
  close();
  await world.drop();
});

async function orgAdminsToken(): Promise<string> {
  const secret = newAdminToken();
  await world.db.insert(adminTokens).values({
    name: "script",
    role: "org_admin",
    organizationId: world.a.id,
    tokenHash: hashSecret(secret),
    tokenPrefix: secret.slice(0, 10),
    createdBy: "test",
  });
  return secret;
}

const get = async (path: string, token = ADMIN_API_KEY) => {
  const answer = await fetch(`${url}/api/admin/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, body: await answer.json() };
};
const tollgate = (...args: string[]) => runHere(args, { url, token: ADMIN_API_KEY });

describe("the reconciliation, through the API and the command line", () => {
  test("finds nothing where there is nothing, and what is off where something is", async () => {
    expect((await get("/reconciliation")).body).toMatchObject({ differences: 0 });
    expect(await tollgate("reconcile")).toMatchObject({ code: 0, out: expect.stringContaining("agree") });
    await world.addRequest({ model: "small", provider: "acme", upstreamModel: "small-1", costUsd: "0.25" });
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
    expect((await get("/reconciliation/provider-usage?provider=acme")).status).toBe(400);
  });

  test("is for administrators; the events of their budgets are for everybody in charge", async () => {
    const token = await orgAdminsToken();
    expect((await get("/reconciliation", token)).status).toBe(403);
    const days = `provider=acme&from=${DAY}&to=${DAY}`;
    expect((await get(`/reconciliation/provider-usage?${days}`, token)).status).toBe(403);
    expect(await get("/budget-events?kind=limit_reached", token)).toEqual({
      status: 200,
      body: { data: [], next_cursor: null },
    });
    expect((await get("/budget-events?colour=red", token)).status).toBe(400);
  });
});
