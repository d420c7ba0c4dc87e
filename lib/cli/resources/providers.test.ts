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

  test("make the test command fail when they do not work", async () => {
    await run(["provider", "create", "fine", "--type", "simulated"]);
    await run(["provider", "create", "broken", "--type", "simulated"]);
    expect(await run(["provider", "test", "fine"])).toMatchObject({
      code: 0,
      out: "fine works: it answered in 12 ms.\n",
    });
    expect((await run(["provider", "test", "broken"])).code).toBe(1);
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
