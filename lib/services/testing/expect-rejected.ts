import { expect } from "vitest";
import type { ServiceErrorCode } from "#lib/http/errors";
import { UNKNOWN_ID } from "./context";
import type { World } from "./world";

type Calls = readonly (() => Promise<unknown>)[];

/** Expects every call to be rejected with this code. */
export async function expectRejected(code: ServiceErrorCode, calls: Calls): Promise<void> {
  for (const call of calls) await expect(call(), String(call)).rejects.toMatchObject({ code });
}

/** Expects the calls to be rejected with "not_found" for an unknown and a malformed id. */
export async function expectUnknownIdRejected(calls: (id: string) => Calls): Promise<void> {
  for (const id of [UNKNOWN_ID, "x"]) await expectRejected("not_found", calls(id));
}

/** Expects the calls to be forbidden to everyone but administrators. */
export async function expectForAdministrators(
  world: World,
  calls: (ctx: ReturnType<World["as"]>) => Calls,
): Promise<void> {
  const others = [world.orgAdmin, world.viewer, world.member];
  for (const actor of others) await expectRejected("forbidden", calls(world.as(actor)));
}
