import { redirect } from "next/navigation";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { log } from "#lib/observability/log";
import { action } from "./action";
import { forbidden, invalidField } from "./errors";

const schema = z.object({ name: z.string().min(1, "Give a name."), tags: z.array(z.string()).default([]) });

describe("a server action", () => {
  test("answers with what was done, and with the schema's defaults filled in", async () => {
    const run = action(schema, async (input) => input);
    expect(await run({ name: "x" })).toEqual({ ok: true, data: { name: "x", tags: [] } });
  });

  test("answers with what is wrong, field by field, without running", async () => {
    const verb = vi.fn();
    const input: object = { name: "", tags: ["a", 1] };
    expect(await action(schema, verb)(Object.assign({ name: "" }, input))).toEqual({
      ok: false,
      error: {
        message: "Give a name.",
        fields: { name: "Give a name.", "tags.1": expect.any(String) },
      },
    });
    expect(verb).not.toHaveBeenCalled();
  });

  test("passes on what a verb refused", async () => {
    const refuse = (error: Error) => action(schema, () => Promise.reject(error))({ name: "x" });
    expect(await refuse(forbidden("Not you."))).toEqual({
      ok: false,
      error: { message: "Not you.", fields: {} },
    });
    expect(await refuse(invalidField("name", "Taken."))).toEqual({
      ok: false,
      error: { message: "Taken.", fields: { name: "Taken." } },
    });
  });

  test("gives nothing away about an accident, which is in the log", async () => {
    const logged = vi.spyOn(log, "error").mockImplementation(() => {});
    const accident = new Error("connect ECONNREFUSED postgres://user:password@db");
    const result = await action(schema, () => Promise.reject(accident))({ name: "x" });
    expect(JSON.stringify(result)).not.toContain("postgres");
    expect(result).toMatchObject({ ok: false });
    expect(logged).toHaveBeenCalledWith({ err: accident }, expect.any(String));
    logged.mockRestore();
  });

  test("lets Next's redirects through", async () => {
    const run = action(schema, async () => redirect("/sign-in"));
    await expect(run({ name: "x" })).rejects.toMatchObject({
      digest: expect.stringContaining("NEXT_REDIRECT"),
    });
  });
});
