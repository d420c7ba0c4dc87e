import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { errorReply } from "#lib/cli/testing/fake-server";
import { startTestServer } from "#lib/cli/testing/test-server";

const { server, run } = await startTestServer();
beforeEach(() => server.clear());

describe("providers", () => {
  test("read their API key from stdin", async () => {
    const { code, out } = await run(["provider", "create", "openai", "--type", "openai", "--api-key", "-"], {
      stdin: "sk-1\n",
    });
    expect(code).toBe(0);
    expect(out).not.toContain("sk-1");
    expect(server.bodies.get("POST /api/admin/v1/providers")).toEqual({
      name: "openai",
      type: "openai",
      credentials: { api_key: "sk-1" },
    });
  });

  test("say whose prices apply by --prices-of, beside other settings", async () => {
    await run([
      ...["provider", "create", "own", "--type", "openai", "--base-url", "http://own/v1"],
      ...["--prices-of", "openai", "--settings", '{"list_models": true}'],
    ]);
    const settings = () => server.rows("providers")[0]?.settings;
    expect(settings()).toEqual({ list_models: true, prices_of: "openai" });
    await run(["provider", "update", "own", "--prices-of", "groq"]);
    expect(settings()).toEqual({ list_models: true, prices_of: "groq" });
    expect((await run(["provider", "get", "own"])).out).toMatch(/prices of +groq/);
    await run(["provider", "update", "own", "--prices-of", "none"]);
    expect(settings()).toEqual({ list_models: true });
    await run(["provider", "create", "--preset", "vllm", "--prices-of", "openai"]);
    expect(settings()).toMatchObject({ prices_of: "openai", dialects: expect.any(Array) });
    expect((await run(["provider", "update", "own", "--prices-of", "me"])).err).toContain("Allowed choices");
  });

  test("read other credentials from stdin as JSON, and name what is wrong with them", async () => {
    const create = ["provider", "create", "azure", "--type", "azure-openai", "--credentials", "-"];
    const credentials = { tenant_id: "contoso.com", client_id: "c", client_secret: "s-1" };
    const { code, out } = await run(create, { stdin: JSON.stringify(credentials) });
    expect([code, out.includes("s-1")]).toEqual([0, false]);
    expect(server.bodies.get("POST /api/admin/v1/providers")).toMatchObject({ credentials });
    const wrong = await run(create, { stdin: "s-1" });
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("Must be a JSON object") });
    expect(wrong.err).not.toContain("s-1");
    expect(await run([...create, "--api-key", "-"], { stdin: "{}" })).toMatchObject({ code: 2 });
  });

  test("take several API keys, in their order, and show their ends alone", async () => {
    const [first, second] = ["sk-first-0123456789-aaaa", "sk-second-0123456789-bbbb"];
    const create = ["provider", "create", "many", "--type", "openai"];
    const credentials = [{ api_key: first }, { api_key: second }];
    const created = () => server.bodies.get("POST /api/admin/v1/providers");
    const { code, out, err } = await run([...create, "--api-key", first, "--api-key", second]);
    expect([code, err]).toEqual([
      0,
      expect.stringContaining("2 credentials, tried in this order: …aaaa, …bbbb"),
    ]);
    for (const secret of [first, second]) expect(out + err).not.toContain(secret);
    expect(created()).toMatchObject({ credentials });
    server.clear();
    await run([...create, "--api-key", "-"], { stdin: `${first}\n\n${second}\n` });
    expect(created()).toMatchObject({ credentials });
    server.clear();
    await run([...create, "--credentials", JSON.stringify(credentials[0]), "--credentials", "-"], {
      stdin: JSON.stringify([credentials[1], { api_key: "short" }]),
    });
    expect(created()).toMatchObject({ credentials: [...credentials, { api_key: "short" }] });
    const wrong = [...create, "--credentials", "[{}, {}]", "--api-key", first];
    expect(await run(wrong)).toMatchObject({ code: 2, err: expect.stringContaining("either several") });
    expect(await run([...create, "--credentials", "[]"])).toMatchObject({ code: 2 });
    expect(await run([...create, "--api-key", "-", "--api-key", "-"])).toMatchObject({ code: 2 });
  });

  test("are updated: new credentials replace all that were there", async () => {
    await run(["provider", "create", "fine", "--type", "openai", "--api-key", "old"]);
    const id = server.rows("providers")[0]?.id;
    const changed = () => server.bodies.get(`PATCH /api/admin/v1/providers/${id}`);
    const keys = ["--api-key", "new-1", "--api-key", "new-2"];
    expect(await run(["provider", "update", "fine", ...keys])).toMatchObject({ code: 0 });
    expect(changed()).toEqual({ credentials: [{ api_key: "new-1" }, { api_key: "new-2" }] });
    await run(["provider", "update", "fine", "--disable", "--base-url", "https://eu.example/v1"]);
    expect(changed()).toEqual({ enabled: false, base_url: "https://eu.example/v1" });
    expect((await run(["provider", "get", "fine"])).out).toMatch(/enabled +no/);
    expect((await run(["provider", "update", "fine"])).code).toBe(2);
  });

  test("take a service account from its key file", async () => {
    const directory = mkdtempSync(join(tmpdir(), "tollgate-key-file-"));
    const keyFile = join(directory, "key.json");
    const settings = { project: "acme-project", location: "global" };
    const create = ["provider", "create", "vertex", "--type", "vertex", "--service-account", keyFile];
    create.push("--settings", JSON.stringify(settings));
    writeFileSync(keyFile, '{"client_email": "a@b", "private_key": "pem-1"}');
    const { code, out } = await run(create);
    expect([code, out.includes("pem-1")]).toEqual([0, false]);
    expect(server.bodies.get("POST /api/admin/v1/providers")).toMatchObject({
      settings,
      credentials: { service_account: { client_email: "a@b", private_key: "pem-1" } },
    });
    writeFileSync(keyFile, "pem-1");
    const wrong = await run(create);
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("is no key file") });
    expect(wrong.err).not.toContain("pem-1");
    rmSync(directory, { recursive: true });
    expect((await run(create)).err).toContain("Cannot read");
  });

  test("make the test command fail when they do not work", async () => {
    await run(["provider", "create", "fine", "--type", "simulated"]);
    await run(["provider", "create", "broken", "--type", "simulated"]);
    expect(await run(["provider", "test", "fine"])).toMatchObject({
      code: 0,
      out: "fine works: it answered in 12 ms.\n",
    });
    expect((await run(["provider", "test", "broken"])).code).toBe(1);
  });

  test("are created from a preset, by its name and with its settings", async () => {
    expect((await run(["provider", "create", "--preset", "groq", "--api-key", "k"])).code).toBe(0);
    const created = () => server.bodies.get("POST /api/admin/v1/providers");
    expect(created()).toEqual({
      name: "groq",
      type: "openai-compatible",
      base_url: "https://api.groq.com/openai/v1",
      credentials: { api_key: "k" },
      settings: { dialects: ["chat", "responses"], output_limit_field: "max_completion_tokens" },
    });
    const own = ["--base-url", "http://gpu:8000/v1", "--settings", '{"stops_on_disconnect":true}'];
    await run(["provider", "create", "mine", "--preset", "deepseek", ...own]);
    expect(created()).toEqual({
      name: "mine",
      type: "openai-compatible",
      base_url: "http://gpu:8000/v1",
      settings: { dialects: ["chat"], stops_on_disconnect: true },
    });
  });

  test("say what a preset still needs", async () => {
    const cloudflare = ["provider", "create", "--preset", "cloudflare-ai-gateway"];
    expect(await run(cloudflare)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/needs --base-url.*\{account_id\} and \{gateway_id\}/),
    });
    const baseUrl = "https://gateway.ai.cloudflare.com/v1/a/g/compat";
    expect((await run([...cloudflare, "--base-url", baseUrl])).code).toBe(0);
    for (const [args, said] of [
      [["--preset", "nonsense"], "Allowed choices"],
      [["--preset", "groq", "--type", "openai"], "either --preset or --type"],
      [["x"], "--preset, or --type"],
      [["--type", "openai"], "missing required argument 'name'"],
    ] as const) {
      expect(await run(["provider", "create", ...args])).toMatchObject({
        code: 2,
        err: expect.stringContaining(said),
      });
    }
  });

  test("list the models that they offer", async () => {
    await run(["provider", "create", "groq", "--type", "simulated"]);
    const rows = server.rows("providers");
    const list = { data: rows, next_cursor: null };
    const data = [{ id: "m", name: "The M", context_window: 131072, max_output_tokens: 8192 }, { id: "n" }];
    server.next.push({ status: 200, body: list }, { status: 200, body: { data } });
    const { code, out } = await run(["provider", "models", "groq"]);
    expect(code).toBe(0);
    expect(server.log.at(-1)).toBe(`GET /api/admin/v1/providers/${rows[0]?.id}/models`);
    expect(out.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["MODEL", "NAME", "CONTEXT", "MAX OUTPUT"],
      ["m", "The M", "131,072", "8,192"],
      ["n", "–", "–", "–"],
      [""],
    ]);
    server.next.push({ status: 200, body: list }, { status: 200, body: { data: [] } });
    expect((await run(["provider", "models", "groq"])).err).toContain("offers no models");
    server.next.push(
      { status: 200, body: list },
      errorReply(502, "upstream_error", "The provider rejected the credentials (status 401)"),
    );
    expect(await run(["provider", "models", "groq"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("rejected the credentials"),
    });
  });
});
