import type { Gate } from "../fixtures";
import { expect, test } from "../fixtures";

// The mounts under test listen on 127.0.0.1 and trust no proxy: that is every client's address here.
const FOREIGN = "203.0.113.7";
const allow = (gate: Gate, ranges: string[] | null) =>
  gate.sql`UPDATE api_keys SET allowed_ips = ${ranges} WHERE id = ${gate.seeded.ids.apiKey}`;
const listModels = (gate: Gate, headers: Record<string, string> = {}) =>
  fetch(`${gate.v1}/models`, { headers: { authorization: `Bearer ${gate.seeded.apiKey}`, ...headers } });

test.afterEach(({ gate }) => allow(gate, null));

test("a key works from an allowed address", async ({ gate }) => {
  await allow(gate, ["127.0.0.0/8"]);
  expect((await listModels(gate)).status).toBe(200);
  // What a client claims about itself makes no difference.
  expect((await listModels(gate, { "x-forwarded-for": FOREIGN })).status).toBe(200);
});

test("a key works from no other address, whatever the headers claim", async ({ gate }) => {
  await allow(gate, [FOREIGN]);
  const claims: Record<string, string>[] = [
    {},
    { "x-forwarded-for": FOREIGN },
    { "x-forwarded-for": `${FOREIGN}, ${FOREIGN}` },
    { "x-real-ip": FOREIGN, forwarded: `for=${FOREIGN}`, "x-vercel-forwarded-for": FOREIGN },
    { "x-tollgate-peer": FOREIGN },
    { "x-tollgate-peer": `0123456789abcdefghijkl ${FOREIGN}` },
  ];
  for (const headers of claims) {
    const response = await listModels(gate, headers);
    expect([response.status, (await response.json()).error]).toEqual([
      403,
      expect.objectContaining({ code: "ip_not_allowed", message: expect.stringContaining("127.0.0.1") }),
    ]);
  }
});
