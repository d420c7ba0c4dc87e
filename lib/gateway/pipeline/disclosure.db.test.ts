import { beforeAll, expect, test } from "vitest";
import { newApiKey } from "#lib/auth/api-key";
import { testGateway } from "#lib/gateway/testing/test-gateway";

const gate = await testGateway({ models: [{ name: "alpha", upstreamModel: "instant" }] });
const { organization } = gate.seeded.ids;
const secret = newApiKey("app");
const NOWHERE = "01890000-0000-7000-8000-000000000000";
let foreignApp = "";

beforeAll(async () => {
  await gate.sql`
    INSERT INTO apps (name, organization_id, external_id, secret_hash)
    VALUES ('ours', ${organization}, 'our-app', ${gate.hashSecret(secret)})`;
  const [other] = await gate.sql`INSERT INTO organizations (name) VALUES ('other') RETURNING id`;
  const [app] = await gate.sql`
    INSERT INTO apps (name, organization_id, external_id, secret_hash)
    VALUES ('theirs', ${other?.id}, 'their-app', ${gate.hashSecret(newApiKey("app"))}) RETURNING id`;
  foreignApp = app?.id;
  await gate.sql`
    INSERT INTO users (email, organization_id, external_id) VALUES ('them@example.com', ${other?.id}, 'their-user')`;
});

/** What the app sees of an answer, and how the rejection is recorded. */
async function ask(headers: Record<string, string>) {
  const response = await gate.chat(
    { model: "alpha", messages: [{ role: "user", content: "Hello!" }] },
    { headers: { authorization: "", "x-gateway-secret": secret, "x-app-id": "our-app", ...headers } },
  );
  const text = await response.text();
  await gate.gateway.rejections.flush();
  const rejections = await gate.sql`
    DELETE FROM rejections_hourly RETURNING code, organization_id, user_id, app_id, model, last_message`;
  const shown = [...response.headers].filter(([name]) => !["x-request-id", "date"].includes(name));
  return { status: response.status, shown, text, rejections: [...rejections] };
}

test("an app that names a user or an app of another organization names no one", async () => {
  expect((await ask({})).status).toBe(200);
  const noUser = await ask({ "x-user-oid": "no-user" });
  expect(await ask({ "x-user-oid": "their-user" })).toEqual(noUser);
  const noApp = await ask({ "x-app-id": "no-app" });
  for (const id of ["their-app", foreignApp, NOWHERE]) expect(await ask({ "x-app-id": id })).toEqual(noApp);
  for (const answer of [noUser, noApp]) {
    expect(answer.status).toBe(401);
    expect(answer.rejections).toMatchObject([{ code: "invalid_api_key" }]);
  }
});
