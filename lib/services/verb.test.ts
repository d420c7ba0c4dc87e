import { describe, expect, expectTypeOf, test, vi } from "vitest";
import { z } from "zod";
import { type Actor, type Role, SYSTEM } from "#lib/auth/actor";
import { type ActorContext, type InputOf, type OutputOf, verb } from "./verb";

const actor = (role: Role, organizationId: string | null = "o1"): Actor => ({
  kind: "token",
  id: "t1",
  name: "token",
  role,
  organizationId: role === "admin" ? null : organizationId,
});

const greet = verb({
  role: "member",
  input: z.strictObject({ name: z.string().min(1, "Enter a name."), times: z.int().default(1) }),
  output: z.object({ greeting: z.string() }),
  run: async (_ctx: ActorContext, { name, times }) => ({ greeting: name.repeat(times) }),
});

describe("verb()", () => {
  test("parses the input once, with the schema's defaults, and returns the output", async () => {
    expect(await greet({ actor: actor("member") }, { name: "ab" })).toEqual({ greeting: "ab" });
    expect(await greet.handle({ actor: actor("member") }, { name: "ab", times: 2 })).toEqual({
      greeting: "abab",
    });
  });

  test("rejects invalid input without running", async () => {
    const run = vi.fn(async (_ctx: ActorContext) => {});
    const never = verb({ ...greet, output: z.void(), run });
    await expect(never.handle({ actor: actor("admin") }, { name: "", extra: 1 })).rejects.toMatchObject({
      code: "invalid",
      fields: { name: "Enter a name.", extra: expect.any(String) },
    });
    expect(run).not.toHaveBeenCalled();
  });

  test("checks the role before the input", async () => {
    await expect(greet.handle({ actor: actor("viewer") }, "no object")).rejects.toMatchObject({
      code: "forbidden",
      message: "This needs at least the role member; yours is viewer.",
    });
  });

  test.each<[Role, Role[]]>([
    ["viewer", ["viewer", "member", "org_admin", "admin"]],
    ["member", ["member", "org_admin", "admin"]],
    ["org_admin", ["org_admin", "admin"]],
    ["admin", ["admin"]],
  ])("with the role %s allows %j", async (role, allowed) => {
    const run = verb({ ...greet, role, run: async (_ctx: ActorContext) => ({ greeting: "" }) });
    const roles: Role[] = ["viewer", "member", "org_admin", "admin"];
    const allows = await Promise.all(
      roles.map((each) =>
        run({ actor: actor(each) }, { name: "a" }).then(
          () => [each],
          () => [],
        ),
      ),
    );
    expect(allows.flat()).toEqual(allowed);
  });

  test("counts a member or org_admin without an organization as a viewer", async () => {
    await expect(greet({ actor: actor("org_admin", null) }, { name: "a" })).rejects.toMatchObject({
      message: "This needs at least the role member; yours is org_admin without an organization.",
    });
  });

  test("allows the system everything", async () => {
    expect(await greet({ actor: SYSTEM }, { name: "a" })).toEqual({ greeting: "a" });
  });

  test("may be called without input when every field is optional", async () => {
    const list = verb({
      role: "viewer",
      input: z.strictObject({ limit: z.int().default(50) }),
      output: z.int(),
      run: async (_ctx: ActorContext, { limit }) => limit,
    });
    expect(await list({ actor: actor("viewer") })).toBe(50);
  });

  test("carries the types of its input and output", () => {
    expectTypeOf<InputOf<typeof greet>>().toEqualTypeOf<{ name: string; times?: number | undefined }>();
    expectTypeOf<OutputOf<typeof greet>>().toEqualTypeOf<{ greeting: string }>();
  });
});
