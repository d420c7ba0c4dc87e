import { describe, expect, test } from "vitest";
import { bothMounts } from "#lib/gateway/testing/both-mounts";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const gate = await testGateway({ models: [{ name: "instant" }] });
const { apiKey, ids } = gate.seeded;
const secret = "app-secret";
await gate.sql`INSERT INTO apps ${gate.sql({
  name: "app",
  organization_id: ids.organization,
  external_id: "app",
  secret_hash: gate.hashSecret(secret),
})}`;

const byKey = { authorization: `Bearer ${apiKey}` };
const byApp = { "x-gateway-secret": secret, "x-app-id": "app" };
const messages = [{ role: "user", content: "Hello!" }];
const PLAIN = JSON.stringify({ model: "instant", messages });

/** What a header can hold: U+0000 and line breaks are no part of HTTP. */
const HOSTILE_HEADERS = {
  "C1 controls": "a\x80\x9fb",
  Latin1: "caf\xe9 \xff",
  "a lone surrogate in UTF-8": "a\xed\xa0\x80b",
  "a tab": "a\tb",
  nothing: "",
  "8,000 characters": "x".repeat(8_000),
  "an escaped U+0000": "%00 \\u0000 \\0",
  SQL: "'; DROP TABLE ledger; --",
  "a list": ",".repeat(500),
};
const HEADERS: [name: string, rest: Record<string, string>][] = [
  ["authorization", {}],
  ["x-api-key", {}],
  ["apikey", {}],
  ["x-gateway-secret", { "x-app-id": "app" }],
  ["x-app-id", { "x-gateway-secret": secret }],
  ["x-user-oid", byApp],
  ["x-request-id", byKey],
  ["x-client-request-id", byKey],
  ["x-tollgate-tags", byKey],
  ["x-tollgate-session-id", byKey],
  ["session-id", byKey],
  ["user-agent", byKey],
  ["x-forwarded-for", byKey],
];

/** JSON texts of strings that PostgreSQL cannot keep, or would keep as others. */
const HOSTILE_TEXTS = {
  "U+0000": '"a\\u0000b"',
  "an unpaired surrogate": '"a\\ud800"',
  "half a pair": '"\\ude00"',
  "100,000 characters": JSON.stringify("x".repeat(100_000)),
  nothing: '""',
};
const BODIES: [where: string, body: (text: string) => string][] = [
  ["the model", (text) => `{"model":${text},"messages":${JSON.stringify(messages)}}`],
  ["a message", (text) => `{"model":"instant","messages":[{"role":"user","content":${text}}]}`],
  ["a role", (text) => `{"model":"instant","messages":[{"role":${text},"content":"x"}]}`],
  ["the user", (text) => `{"user":${text},${PLAIN.slice(1)}`],
  ["metadata", (text) => `{"metadata":{${text}:${text}},${PLAIN.slice(1)}`],
  ["the name of a field", (text) => `{${text}:1,${PLAIN.slice(1)}`],
  [
    "the name of a tool",
    (text) => `{"tools":[{"type":"function","function":{"name":${text}}}],${PLAIN.slice(1)}`,
  ],
];

let rejected = 0;

describe.each(bothMounts(gate))("on the %s mount", (_mount, send) => {
  const post = async (headers: Record<string, string>, body: string) => {
    const answer = await send("/v1/chat/completions", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    await answer.text();
    if (answer.status >= 400) rejected += 1;
    return answer;
  };

  describe.each(HEADERS)("a header %s", (name, rest) => {
    test.each(Object.entries(HOSTILE_HEADERS))(
      "may hold %s: never an error of ours",
      async (_what, value) => {
        const answer = await post({ ...rest, [name]: value }, PLAIN);
        expect([200, 400, 401]).toContain(answer.status);
        if (answer.status !== 200) return;
        const row = await gate.settledRow(answer.headers.get("x-request-id"));
        for (const kept of [row.client_request_id, row.session_id, ...row.tags]) {
          expect([null, value]).toContain(kept);
        }
      },
    );
  });

  describe.each(BODIES)("%s in a body", (_where, bodyOf) => {
    test.each(Object.entries(HOSTILE_TEXTS))("may be %s: never an error of ours", async (_what, text) => {
      const { status } = await post(byKey, bodyOf(text));
      expect([200, 400, 404]).toContain(status);
    });
  });

  test("each rejection for such a text is kept", async () => {
    await gate.gateway.rejections.flush();
    const [kept] = await gate.sql`SELECT sum(rejections)::int AS count FROM rejections_hourly`;
    expect(rejected).toBeGreaterThan(20);
    expect(kept?.count).toBe(rejected);
  });
});
