import { costPicoUsd, type Usage } from "#lib/credit/prices/price";
import { rejected } from "#lib/gateway/rejections/rejected";
import type { Route } from "#lib/gateway/routing/routing";
import { estimatedUsage, estimateUnseenOutput } from "#lib/gateway/sizing/estimate";
import type { Admission } from "./admission";
import { type Answered, attempt } from "./attempt";
import { type FailedAttempt, failedAttempt, goneBefore, overall } from "./failed-attempt";
import { type Flight, settleFlight } from "./flight";

/** What the last target bills. */
type Last = { route: Route; usage: Usage | null; usageSource: "provider" | "estimated" };

/**
 * Sends the request to the model's targets in turn until one answers: with a whole body, the first content of a
 * stream, or an error about the request. If none does, the hold is settled: released if no provider bills it.
 * @throws ApiError upstream_rate_limited, upstream_error, upstream_timeout, client_closed_request
 */
export async function callUpstream(flight: Flight): Promise<Answered> {
  const { gateway, admission, disconnect } = flight;
  let earlierPicoUsd = 0n;
  const failures: FailedAttempt[] = [];
  let last: Last = { route: admission.routes[0], usage: null, usageSource: "estimated" };
  for (const route of admission.routes) {
    if (disconnect.isGone()) {
      failures.push(goneBefore());
      break;
    }
    if (last.usage !== null) earlierPicoUsd += costPicoUsd(last.usage, last.route.rates);
    try {
      const said = await attempt(gateway, admission, route, disconnect.stop);
      return { route, earlierPicoUsd, ...said };
    } catch (error) {
      const failure = failedAttempt(error, disconnect);
      gateway.log.warn(
        { requestId: admission.hold.id, provider: route.target.providerName, err: error },
        "target failed",
      );
      failures.push(failure);
      last = billedBy(route, failure, admission);
      if (failure.final) break;
    }
  }
  const error = overall(failures);
  const { rateHeaders } = await settleFlight(flight, {
    route: last.route,
    usage: last.usage,
    usageSource: last.usageSource,
    earlierPicoUsd,
    httpStatus: error.status,
    errorCode: error.code,
    ttftMs: null,
  });
  throw rejected(error, { headers: rateHeaders });
}

function billedBy(route: Route, { billed }: FailedAttempt, admission: Admission): Last {
  switch (billed) {
    case "nothing":
      return { route, usage: null, usageSource: "estimated" };
    case "estimate":
      return { route, usage: unansweredUsage(admission), usageSource: "estimated" };
    default:
      return { route, usage: billed, usageSource: "provider" };
  }
}

/** What a target may bill that received the request but did not answer it. */
function unansweredUsage({ inputTokenEstimate, outputTokenBound, receivedAtMs }: Admission): Usage {
  const unseen = estimateUnseenOutput(performance.now() - receivedAtMs, outputTokenBound);
  return estimatedUsage(inputTokenEstimate, unseen);
}
