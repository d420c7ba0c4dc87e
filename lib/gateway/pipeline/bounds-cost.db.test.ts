import { afterAll, expect, test } from "vitest";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { startTestGateway } from "#lib/gateway/testing/test-gateway";
import { startStatementRecorder } from "#lib/testing/statement-recorder";

const database = await createTestDatabase();
const recorder = await startStatementRecorder(database.url);
const gate = await startTestGateway({
  models: [{ name: "instant" }],
  trustedProxies: ["127.0.0.0/8"],
  database,
  databaseUrl: () => recorder.url,
});
afterAll(async () => {
  await gate.close();
  recorder.close();
});

const { organization, user, apiKey } = gate.seeded.ids;
const ask = async () => {
  const response = await gate.chat(
    { model: "instant", messages: [{ role: "user", content: "Hello!" }] },
    { headers: { "x-forwarded-for": "10.1.2.3" } },
  );
  await response.text();
  expect(response.status).toBe(200);
};
/** The data plane's statements by what they do; the process's own, like heartbeats, are left out. */
const kindsOf = (statements: readonly string[]) =>
  statements.flatMap((text) => {
    if (/FROM (api_keys k|apps a)\s/.test(text)) return ["read the caller"];
    if (text.includes("tollgate_batch_v1") || text.includes("tollgate_hold_v1")) return ["hold"];
    if (text.includes("tollgate_settle_v1")) return ["settle"];
    return /organizations|users|member_keys|allowed_/.test(text) ? [text] : [];
  });

test("a request costs the same statements, whether or not its organization and user have bounds", async () => {
  await gate.sql`UPDATE api_keys SET user_id = ${user} WHERE id = ${apiKey}`;
  await ask();
  const spent = async () => {
    await ask();
    const first = recorder.take();
    await ask();
    return { first: kindsOf(first), next: kindsOf(recorder.take()) };
  };
  recorder.take();
  expect(await spent()).toEqual({ first: ["hold", "settle"], next: ["hold", "settle"] });

  await gate.sql`
    UPDATE organizations SET allowed_models = '{instant,other}',
      member_keys = '{"max": 5, "max_days": 30, "allowed_ips": ["10.0.0.0/8"]}'
    WHERE id = ${organization}`;
  await gate.sql`UPDATE users SET allowed_models = '{instant}' WHERE id = ${user}`;
  await gate.sql`UPDATE api_keys SET allowed_models = '{instant}', allowed_ips = '{10.1.0.0/16}' WHERE id = ${apiKey}`;
  recorder.take();
  // A change is noticed by the hold, which finds the versions changed: the caller is read again, once.
  expect(await spent()).toEqual({
    first: ["hold", "read the caller", "hold", "settle"],
    next: ["hold", "settle"],
  });
});

test("a caller with bounds that is not cached is read by one statement", async () => {
  gate.gateway.callers.remove({ kind: "key", key: gate.seeded.apiKey });
  recorder.take();
  await ask();
  expect(kindsOf(recorder.take())).toEqual(["read the caller", "hold", "settle"]);
});
