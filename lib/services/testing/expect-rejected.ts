import { expect } from "vitest";
import type { ServiceErrorCode } from "#lib/http/errors";

/** Expects every call to be rejected with this code. */
export async function expectRejected(
  code: ServiceErrorCode,
  calls: readonly (() => Promise<unknown>)[],
): Promise<void> {
  for (const call of calls) await expect(call(), String(call)).rejects.toMatchObject({ code });
}
