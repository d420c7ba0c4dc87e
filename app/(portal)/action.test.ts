import { redirect } from "next/navigation";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { forbidden, invalidField } from "#lib/http/errors";
import { log } from "#lib/observability/log";
import { tokenActor } from "#lib/services/testing/context";
import { verb } from "#lib/services/verb";
import { action } from "./action";

const mocks = vi.hoisted(() => ({ serviceContext: vi.fn(), revalidatePath: vi.fn() }));
vi.mock("./service-context", () => ({ serviceContext: mocks.serviceContext }));
vi.mock("next/cache", () => ({ revalidatePath: mocks.revalidatePath }));
afterEach(() => {
  vi.restoreAllMocks();
  mocks.revalidatePath.mockClear();
});

const Input = z.object({ name: z.string().min(1, "Enter a name."), tags: z.array(z.string()).default([]) });

function actionThat(run: (input: z.output<typeof Input>) => Promise<unknown>, { refresh = true } = {}) {
  mocks.serviceContext.mockResolvedValue({ actor: tokenActor("member", "o1") });
  const declared = verb({
    role: "member",
    input: Input,
    output: z.unknown(),
    run: (_ctx, given) => run(given),
  });
  return action(declared, { page: "/things", refresh });
}

describe("a server action", () => {
  test("returns the verb's output, with the schema's defaults, and refreshes every page", async () => {
    expect(await actionThat(async (given) => given)({ name: "x" })).toEqual({
      ok: true,
      data: { name: "x", tags: [] },
    });
    expect(mocks.serviceContext).toHaveBeenCalledWith("/things");
    expect(mocks.revalidatePath).toHaveBeenCalledWith("/", "layout");
  });

  test("does not refresh after a deletion on the deleted entity's page", async () => {
    await actionThat(async () => {}, { refresh: false })({ name: "x" });
    expect(mocks.revalidatePath).not.toHaveBeenCalled();
  });

  const unstorable = "Text may not contain U+0000 or unpaired surrogates.";
  test.each<[string, object, { message: string; fields: object }]>([
    [
      "the errors by field",
      { name: "", tags: ["a", 1] },
      { message: "Enter a name.", fields: { name: "Enter a name.", "tags.1": expect.any(String) } },
    ],
    [
      "U+0000, which the database cannot store",
      { name: "a\0" },
      { message: unstorable, fields: { name: unstorable } },
    ],
    [
      "a surrogate, which the database cannot store",
      { name: "a\ud800" },
      { message: unstorable, fields: { name: unstorable } },
    ],
  ])("returns %s, without running the verb", async (_, wrong, error) => {
    const run = vi.fn();
    expect(await actionThat(run)(Object.assign({ name: "" }, wrong))).toEqual({ ok: false, error });
    expect(run).not.toHaveBeenCalled();
  });

  test("returns what the verb rejects", async () => {
    const rejecting = (error: Error) => actionThat(() => Promise.reject(error))({ name: "x" });
    expect(await rejecting(forbidden("Not you."))).toEqual({
      ok: false,
      error: { message: "Not you.", fields: {} },
    });
    expect(await rejecting(invalidField("name", "Taken."))).toEqual({
      ok: false,
      error: { message: "Taken.", fields: { name: "Taken." } },
    });
  });

  test("logs an unexpected error and hides its message", async () => {
    const logged = vi.spyOn(log, "error").mockImplementation(() => {});
    const unexpected = new Error("connect ECONNREFUSED postgres://user:password@db");
    const result = await actionThat(() => Promise.reject(unexpected))({ name: "x" });
    expect(JSON.stringify(result)).not.toContain("postgres");
    expect(result).toMatchObject({ ok: false });
    expect(logged).toHaveBeenCalledWith({ err: unexpected }, expect.any(String));
  });

  test("passes Next's redirects on", async () => {
    const run = actionThat(async () => redirect("/sign-in"));
    await expect(run({ name: "x" })).rejects.toMatchObject({
      digest: expect.stringContaining("NEXT_REDIRECT"),
    });
  });
});
