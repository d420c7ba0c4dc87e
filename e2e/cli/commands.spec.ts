import { writeFileSync } from "node:fs";
import { expect, settledRow } from "../fixtures";
import { ROOT, test } from "./tollgate";

const fresh = () => Math.random().toString(36).slice(2, 10);

test("chat works whole and streamed, and is in the ledger with its cost", async ({ gate, tollgate }) => {
  const chat = (...args: string[]) => tollgate.run(["chat", "--key", gate.seeded.apiKey, ...args]);
  const model = gate.model("instant");
  const whole = await chat("--model", model, "--cost", "Hello");
  expect(whole.code).toBe(0);
  expect(whole.err).toMatch(/^cost: \$0\.\d+\n$/);
  const streamed = await chat("--model", model, "--stream", "--cost", "Hello");
  expect(streamed.code).toBe(0);
  expect(streamed.out.trim().length).toBeGreaterThan(0);
  // The cost of a stream comes from the ledger, which the admin token can read.
  expect(streamed.err).toMatch(/^cost: \$0\.\d+\n$/);

  const events = (await chat("--model", model, "--stream", "--json", "Hello")).out.trim().split("\n");
  expect(events.length).toBeGreaterThan(1);
  for (const event of events) expect(JSON.parse(event).object).toBe("chat.completion.chunk");
  const [row] = await gate.sql`SELECT id FROM ledger WHERE model = ${model} ORDER BY created_at DESC LIMIT 1`;
  expect((await settledRow(gate, row?.id)).http_status).toBe(200);

  const talked = await tollgate.run(["chat", "--key", gate.seeded.apiKey, "--model", model, "-i"], {
    stdin: "one\ntwo\n",
  });
  expect([talked.code, talked.out.trim().split("\n").length]).toEqual([0, 2]);
});

test("each error has its exit code and says what to do", async ({ gate, tollgate }) => {
  const name = `Org ${fresh()}`;
  const { id } = await tollgate.json("org", "create", name);
  const viewer = (await tollgate.json("token", "create", "reads", "--role", "viewer", "--org", name)).token;
  const code = async (args: string[], env: Record<string, string> = {}) =>
    (await tollgate.run(args, { env })).code;
  expect({
    taken: await code(["user", "create", gate.seeded.userEmail, "--org", gate.seeded.ids.organization]),
    wrongValue: await code(["user", "create", "nobody", "--org", name]),
    wrongOption: await code(["org", "list", "--nonsense"]),
    unknownToken: await code(["org", "list"], { TOLLGATE_TOKEN: "wrong" }),
    noToken: await code(["org", "list"], { TOLLGATE_TOKEN: "" }),
    notAllowed: await code(["org", "create", "x"], { TOLLGATE_TOKEN: viewer }),
    unknownKey: await code(["chat", "--key", "wrong", "--model", "m", "Hi"]),
    notFound: await code(["org", "get", "missing"]),
    ofAnotherOrganization: await code(["org", "get", gate.seeded.ids.organization], {
      TOLLGATE_TOKEN: viewer,
    }),
    unknownModel: await code(["chat", "--key", gate.seeded.apiKey, "--model", "none", "Hi"]),
    noServer: await code(["org", "list"], { TOLLGATE_URL: "http://127.0.0.1:9" }),
    noTerminal: await code(["org", "delete", id]),
    deleted: await code(["org", "delete", id, "--yes"]),
    gone: await code(["org", "get", id]),
  }).toEqual({
    taken: 1,
    wrongValue: 2,
    wrongOption: 2,
    unknownToken: 3,
    noToken: 3,
    notAllowed: 3,
    unknownKey: 3,
    notFound: 4,
    ofAnotherOrganization: 4,
    unknownModel: 4,
    noServer: 5,
    noTerminal: 2,
    deleted: 0,
    gone: 4,
  });
  const { err } = await tollgate.run(["user", "create", "nobody", "--org", gate.seeded.ids.organization]);
  expect(err).toMatch(/^tollgate: .*e-mail/);
});

test("organizations, users and keys are created, listed, updated and deleted", async ({ gate, tollgate }) => {
  const label = fresh();
  const [org, email] = [`Org ${label}`, `ada-${label}@example.com`];
  await tollgate.json("org", "create", org, "--budget", "10", "--requests-per-minute", "600");
  await tollgate.json("user", "create", email, "--org", org, "--payment-valid-until", "2099-12-31");
  await tollgate.json("org", "update", org, "--soft-limit", "80", "--max-concurrent", "5");
  expect((await tollgate.run(["org", "get", org])).out).toMatch(
    /\$10 a month, warning at 80 %[\s\S]*600 requests\/min, 5 at once/,
  );
  expect((await tollgate.json("org", "users", org)).data.map((user) => user.email)).toEqual([email]);
  expect((await tollgate.json("user", "list", "--org", org)).data).toHaveLength(1);
  expect((await tollgate.run(["user", "get", email])).out).toMatch(/payment\s+until 2099-12-31/);
  expect((await tollgate.json("user", "sync-expiry", email)).payment_status).toBe("active");
  expect((await tollgate.run(["user", "sync-expiry"])).code).toBe(0);

  const invite = await tollgate.run(["user", "invite", email]);
  expect(invite.out.trim()).toMatch(/\/invite\/[0-9A-Za-z]{38}$/);
  expect(await tollgate.json("user", "invite", email)).toMatchObject({
    url: expect.not.stringContaining(invite.out.trim()),
  });

  const first = await tollgate.json(
    "key",
    "create",
    label,
    "--user",
    email,
    "--tag",
    label,
    "--metadata",
    `team=${label}`,
  );
  const model = gate.model("instant");
  const chat = async (key: string) =>
    (await tollgate.run(["chat", "--key", key, "--model", model, "Hi"])).code;
  expect(await chat(first.key)).toBe(0);
  const second = await tollgate.json("key", "rotate", label, "--grace", "1h");
  expect([await chat(first.key), await chat(second.key)]).toEqual([0, 0]);
  expect((await tollgate.json("key", "list", "--tag", label)).data.map(({ id }) => id)).toEqual([first.id]);
  const found = await tollgate.json("key", "list", "--metadata", `team=${label}`);
  expect(found.data.map(({ id }) => id)).toEqual([first.id]);
  expect((await tollgate.run(["usage", "--by", "metadata:team"])).out).toContain(label);
  expect((await tollgate.json("key", "revoke", second.key)).revoked_at).not.toBeNull();
  expect([await chat(first.key), await chat(second.key)]).toEqual([3, 3]);

  expect((await tollgate.json("user", "usage", email)).requests).toBe(3);
  expect((await tollgate.run(["user", "reset-usage", email, "--reason", "a present"])).code).toBe(0);
  expect((await tollgate.json("org", "usage", org)).requests).toBe(3);
  for (const args of [
    ["user", "delete", email, "--yes"],
    ["org", "delete", org, "--yes"],
  ]) {
    expect(await tollgate.run(args)).toMatchObject({ code: 0, out: "" });
  }
  expect((await tollgate.run(["key", "get", first.id])).code).toBe(4);
});

test("keys obey the bounds of their organization and user", async ({ gate, tollgate }) => {
  const label = fresh();
  const [org, email] = [`Org ${label}`, `ada-${label}@example.com`];
  const [model, other] = [gate.model("instant"), gate.model("stream-100")];
  await tollgate.json(
    "org",
    "create",
    org,
    "--model",
    model,
    "--member-keys-max",
    "1",
    "--member-keys-days",
    "30",
  );
  await tollgate.json("org", "update", org, "--member-keys-ip", "10.0.0.0/8");
  const shown = (await tollgate.run(["org", "get", org])).out;
  expect(shown).toMatch(/^keys of people\s+at most 1 each, for 30 days, from 10\.0\.0\.0\/8$/m);
  const wider = await tollgate.run(["user", "create", email, "--org", org, "--model", other]);
  expect(wider).toMatchObject({ code: 2, err: expect.stringContaining(`does not have ${other}`) });
  await tollgate.json("user", "create", email, "--org", org, "--model", model);
  expect((await tollgate.run(["user", "get", email])).out).toMatch(new RegExp(`^models\\s+${model}$`, "m"));
  const create = (...options: string[]) =>
    tollgate.run(["key", "create", label, "--user", email, ...options]);
  expect(await create()).toMatchObject({ code: 2, err: expect.stringContaining("max_days is 30") });
  const { code, out } = await create("--expires", "29d");
  expect(code).toBe(0);
  expect(await create("--expires", "29d")).toMatchObject({
    code: 2,
    err: expect.stringContaining("max is 1"),
  });
  const chat = (name: string) => tollgate.run(["chat", "--key", out.trim(), "--model", name, "Hi"]);
  expect((await chat(model)).err).toContain("may not be used from");
  await tollgate.json("org", "update", org, "--no-member-keys");
  expect([(await chat(model)).code, (await chat(other)).err]).toEqual([
    0,
    expect.stringContaining("may not use the model"),
  ]);
});

test("virtual keys are imported from a file and keep working", async ({ gate, tollgate }, testInfo) => {
  const label = fresh();
  const [one, two] = [`vk-team-one-${label}-0123456789`, `vk-team-two-${label}-0123456789`];
  const entry = { provider: "openai-compatible", api_key: `CANARY-${label}`, base_url: gate.upstream.url };
  const file = testInfo.outputPath("keys.json");
  writeFileSync(file, JSON.stringify({ virtual_keys: { [one]: entry, [two]: entry } }));
  const { id: org } = await tollgate.json("org", "create", `Org ${label}`);

  const importing = ["import", file, "--org", org];
  expect((await tollgate.run([...importing, "--dry-run"])).out).toContain("3 would be created");
  const made = await tollgate.run(importing);
  expect(made).toMatchObject({ code: 0, out: expect.stringContaining("3 created, 0 skipped, 0 failed") });
  for (const secret of [one, two, entry.api_key]) expect(made.out + made.err).not.toContain(secret);
  expect((await tollgate.run(importing)).out).toContain("0 created, 3 skipped");

  const [, provider = ""] = /(openai-compatible-[0-9a-f]{8})/.exec(made.out) ?? [];
  const model = `imported-${label}`;
  await tollgate.json(
    "model",
    "create",
    model,
    "--provider",
    provider,
    "--upstream-model",
    "instant",
    "--input-price",
    "1",
    "--output-price",
    "2",
  );
  for (const key of [one, two]) {
    expect((await tollgate.run(["chat", "--key", key, "--model", model, "Hi"])).code).toBe(0);
  }
  const rows = await gate.sql`SELECT DISTINCT provider FROM ledger WHERE organization_id = ${org}`;
  expect(rows.map((row) => row.provider)).toEqual([provider]);

  writeFileSync(file, JSON.stringify({ virtual_keys: { [one]: { provider: "nobody", api_key: "x" } } }));
  const wrong = await tollgate.run(importing);
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('"nobody" is not one of') });
});

test("npx finds the CLI in its folder, and a closed pipe is not an error", async ({ tollgate }) => {
  expect(await tollgate.shell("npx tollgate --version")).toMatchObject({ code: 0, out: "0.1.0\n" });
  const piped = await tollgate.shell(
    `${process.execPath} lib/cli/tollgate.mjs completion bash | head -1; echo "\${PIPESTATUS[0]}"`,
  );
  expect(piped.err).toBe("");
  expect(piped.out.trim().split("\n").at(-1)).toBe("0");
  expect(
    (await tollgate.shell(`cd / && ${process.execPath} ${ROOT}/lib/cli/tollgate.mjs org list`)).code,
  ).toBe(2);
});
