import { parseUsd } from "#lib/credit/money";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { ApiError } from "#lib/http/api-error";
import type { Amounts, Desk, Granted, HoldPlan } from "./place-hold";

/**
 * Where a request is held while the database is away: the journal, within the organization's allowance on this
 * replica. The caller is known from when the database was last there; budgets and limits are not.
 * @returns null where the database is there, or nothing may go on without it
 */
export async function journalDesk(gateway: Gateway, { caller, holdOf }: HoldPlan): Promise<Desk | null> {
  const { failOpen, watch } = gateway;
  if (failOpen === null || caller.failOpenAllowanceUsd === null) return null;
  if (await watch.check()) return null;
  const allowancePicoUsd = parseUsd(caller.failOpenAllowanceUsd);

  async function admit({ holdPicoUsd }: Pick<Amounts, "holdPicoUsd">): Promise<Granted | null> {
    const createdAt = new Date().toISOString();
    const request = holdOf({ holdPicoUsd, floorPicoUsd: null });
    const isAdmitted = await failOpen?.admit(request, createdAt, allowancePicoUsd).catch((cause) => {
      throw notNow("and the request cannot be written down", cause);
    });
    if (!isAdmitted) return null;
    return { granted: true, heldPicoUsd: holdPicoUsd, counterIds: [], createdAt, failOpen: true };
  }

  const freePicoUsd = () => failOpen.freePicoUsd(caller.organizationId, allowancePicoUsd);
  return {
    ask: async (amounts) =>
      (await admit(amounts)) ?? {
        granted: false,
        reason: "over_budget",
        freePicoUsd: freePicoUsd(),
        idlePicoUsd: allowancePicoUsd,
      },
    askAgain: async ({ holdPicoUsd, floorPicoUsd }) => {
      const free = freePicoUsd();
      const fits = holdPicoUsd <= free;
      const granted = free < floorPicoUsd ? null : await admit({ holdPicoUsd: fits ? holdPicoUsd : free });
      if (granted === null) throw notNow("and what your organization may spend without it is used up");
      return granted;
    },
  };
}

function notNow(why: string, cause?: unknown): ApiError {
  return new ApiError("service_unavailable", `The database cannot be reached right now, ${why}. Try again.`, {
    headers: { "retry-after": "1" },
    cause,
  });
}
