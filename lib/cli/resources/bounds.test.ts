import { beforeEach, describe, expect, test } from "vitest";
import { startTestServer } from "#lib/cli/testing/test-server";

const { server, run, createOrganization } = await startTestServer();
beforeEach(() => server.clear());

describe("bounds of organizations and users", () => {
  test("set and show the models and the bounds of people's keys", async () => {
    const created = await run([
      ...["org", "create", "Acme", "--model", "small", "--model", "large", "--member-keys-max", "3"],
      ...["--member-keys-ip", "10.0.0.0/8", "--member-keys-ip", "192.0.2.1", "--member-keys-days", "90"],
    ]);
    const member_keys = { max: 3, max_days: 90, allowed_ips: ["10.0.0.0/8", "192.0.2.1"] };
    expect(server.bodies.get("POST /api/admin/v1/organizations")).toEqual({
      name: "Acme",
      allowed_models: ["small", "large"],
      member_keys,
    });
    expect(created.out).toMatch(/^models\s+small, large$/m);
    expect(created.out).toMatch(
      /^keys of people\s+at most 3 each, for 90 days, from 10\.0\.0\.0\/8, 192\.0\.2\.1$/m,
    );
    const [organization] = server.rows("organizations");
    const changeTo = async (...options: string[]) => {
      expect(await run(["org", "update", "Acme", ...options])).toMatchObject({ code: 0 });
      return server.bodies.get(`PATCH /api/admin/v1/organizations/${organization?.id}`);
    };
    expect(await changeTo("--member-keys-max", "1")).toEqual({ member_keys: { ...member_keys, max: 1 } });
    expect(await changeTo("--no-member-keys", "--member-keys-max", "0")).toEqual({ member_keys: { max: 0 } });
    expect((await run(["org", "get", "Acme"])).out).toMatch(/^keys of people\s+none$/m);
    expect(await changeTo("--no-member-keys")).toEqual({ member_keys: null });
    expect(await changeTo("--no-models")).toEqual({ allowed_models: [] });
    expect((await run(["org", "get", "Acme"])).out).toMatch(/^models\s+none$/m);
    expect(await changeTo("--all-models")).toEqual({ allowed_models: null });

    await run(["user", "create", "ada@acme.example", "--org", "Acme", "--model", "small"]);
    expect(server.bodies.get("POST /api/admin/v1/users")).toMatchObject({ allowed_models: ["small"] });
    const narrowed = await run(["user", "update", "ada@acme.example", "--no-models"]);
    expect(narrowed.out).toMatch(/^models\s+none$/m);
  });

  test.each<[string, string[], string]>([
    ["an end without a maximum", ["--member-keys-days", "30"], "--member-keys-max"],
    ["no models and a model", ["--no-models", "--model", "small"], "cannot be used with"],
    ["all models and a model", ["--all-models", "--model", "small"], "cannot be used with"],
    ["a maximum that is no number", ["--member-keys-max", "few"], "whole number"],
  ])("reject %s", async (_, options, words) => {
    await createOrganization();
    expect(await run(["org", "update", "Acme", ...options])).toMatchObject({
      code: 2,
      err: expect.stringContaining(words),
    });
  });
});

test("keys that may be used from no address say so", async () => {
  await createOrganization();
  await run(["key", "create", "closed", "--org", "Acme", "--no-models"]);
  expect(server.bodies.get("POST /api/admin/v1/api-keys")).toMatchObject({ allowed_models: [] });
  Object.assign(server.rows("api-keys")[0] ?? {}, { allowed_ips: [] });
  const { out } = await run(["key", "get", "closed"]);
  expect(out).toMatch(/^models\s+none$/m);
  expect(out).toMatch(/^from\s+nowhere$/m);
});
