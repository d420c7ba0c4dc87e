import { type PicoUsd, parseUsd } from "#lib/credit/money";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { shortUsd } from "#lib/gateway/rejections/short-usd";
import { ApiError } from "#lib/http/api-error";
import type { Amounts, Granted, HoldPlan, HoldSource } from "./hold-source";

/**
 * Holds in the journal while the database is unavailable, within the organization's allowance on this replica.
 * The caller is cached; budgets and limits are unknown.
 * @returns null if the database is available, or the organization fails closed
 */
export async function journalHoldSource(gateway: Gateway, plan: HoldPlan): Promise<HoldSource | null> {
  const { failOpen, watch } = gateway;
  const { caller } = plan;
  if (failOpen === null || caller.failOpenAllowanceUsd === null) return null;
  if (await watch.check()) return null;
  const allowancePicoUsd = parseUsd(caller.failOpenAllowanceUsd);

  async function hold(
    { holdOf }: HoldPlan,
    amounts: Amounts,
    holdPicoUsd = amounts.holdPicoUsd,
  ): Promise<Granted | null> {
    const createdAt = new Date().toISOString();
    const { inputTokens, outputTokens } = amounts;
    const request = holdOf({ holdPicoUsd, floorPicoUsd: null, inputTokens, outputTokens }, true);
    const isHeld = await failOpen?.hold(request, createdAt, allowancePicoUsd).catch((cause) => {
      throw unavailable("and the request cannot be journalled", cause);
    });
    if (!isHeld) return null;
    return { granted: true, heldPicoUsd: holdPicoUsd, counterIds: [], createdAt, failOpen: true };
  }

  const freePicoUsd = () => failOpen.freePicoUsd(caller.organizationId, allowancePicoUsd);
  const sourceFor = (plan: HoldPlan): HoldSource => ({
    sourceFor,
    ask: async (amounts) =>
      (await hold(plan, amounts)) ?? {
        granted: false,
        reason: "over_budget",
        freePicoUsd: freePicoUsd(),
        idlePicoUsd: allowancePicoUsd,
        budgets: [],
      },
    askAgain: async (amounts) => {
      const free = freePicoUsd();
      const { holdPicoUsd, floorPicoUsd } = amounts;
      const fits = holdPicoUsd <= free;
      const granted = free < floorPicoUsd ? null : await hold(plan, amounts, fits ? holdPicoUsd : free);
      if (granted !== null) return granted;
      throw unavailable(
        freePicoUsd() < floorPicoUsd
          ? allowanceUsedUp(freePicoUsd(), floorPicoUsd)
          : "and too many requests wait to be recorded",
      );
    },
    budgets: async () => null,
    rejection: (neededPicoUsd) => unavailable(allowanceUsedUp(freePicoUsd(), neededPicoUsd)),
  });
  return sourceFor(plan);
}

function allowanceUsedUp(free: PicoUsd, needed: PicoUsd): string {
  const left = shortUsd(free > 0n ? free : 0n, "down");
  return `and your organization's allowance for outages has ${left} left: this request needs at least ${shortUsd(needed, "up")}`;
}

function unavailable(why: string, cause?: unknown): ApiError {
  return new ApiError("service_unavailable", `The database is unavailable, ${why}. Try again.`, {
    headers: { "retry-after": "1" },
    cause,
  });
}
