import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { seal } from "#lib/config/seal";
import { modelsPlaying, testGateway } from "#lib/gateway/testing/test-gateway";
import { headersOf } from "#lib/providers/open-provider";
import { failure, raw } from "#lib/testing/upstream/scenario";

const TEAM = "team-secret-0123456789";
const encryptionKey = randomBytes(32).toString("base64");

const answer = {
  choices: [{ index: 0, message: { role: "assistant", content: `You are ${TEAM}.` }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
};
const gate = await testGateway({
  encryptionKey,
  ...modelsPlaying({
    echoes: raw(200, { "content-type": "application/json" }, JSON.stringify(answer)),
    refuses: failure(400, "no_such_team", `The team ${TEAM} is unknown`),
  }),
});
const { provider } = gate.seeded.ids;
await gate.sql`
  UPDATE providers SET settings = ${gate.sql.json({ headers: { "x-team": null, "x-title": null } })},
    headers = ${seal(JSON.stringify({ "x-team": TEAM, "x-title": "Acme" }), encryptionKey, headersOf(provider))}`;

const chat = (model: string) =>
  gate.chat({ model, messages: [{ role: "user", content: "Hi" }] }, { headers: { "x-team": "mine" } });

test("each request carries the provider's headers, and not the client's of the same name", async () => {
  expect((await chat("echoes")).status).toBe(200);
  expect(gate.upstream.requests.at(-1)?.headers).toMatchObject({
    authorization: `Bearer ${gate.seeded.canary}`,
    "x-team": TEAM,
    "x-title": "Acme",
  });
});

test.each(["echoes", "refuses"])(
  "no client learns their values from a provider that %s them",
  async (model) => {
    const text = await (await chat(model)).text();
    expect(text).toContain("[hidden]");
    expect(text).not.toContain(TEAM);
  },
);
