import { formatUsd, type PicoUsd } from "#lib/credit/money";
import type { Route } from "#lib/gateway/routing/routing";
import type { Admission } from "./admission";
import { type DroppingRoute, droppedFrom } from "./headers-for";
import { lowerBoundSent } from "./sent-bound";

/** What an answer's headers say about its request. */
type Answered = Pick<Admission, "outputLimit" | "clientHeaders" | "call"> & {
  dialect: Pick<Admission["dialect"], "leftOutFor">;
  hold: Pick<Admission["hold"], "id">;
  model: Pick<Admission["model"], "name" | "maxOutputTokens">;
};
type Served = DroppingRoute & {
  target: Pick<Route["target"], "providerName">;
};

/**
 * The headers of an answer: ours, and none of the provider's, whose cookies, ids and rate limits are about our
 * account.
 */
export function answerHeaders(
  { hold, model, outputLimit, call, clientHeaders, dialect }: Answered,
  route: Served,
  contentType: string,
  rateHeaders: Readonly<Record<string, string>>,
  costPicoUsd?: PicoUsd,
): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": contentType,
    "x-request-id": hold.id,
    "x-tollgate-provider": route.target.providerName,
    "x-tollgate-model": model.name,
  };
  if (call.searches !== null && call.searches.given !== call.asks.webSearches)
    headers["x-tollgate-max-searches"] = String(call.asks.webSearches);
  const lowered = lowerBoundSent({ call, model, outputLimit }, route);
  if (lowered !== null) headers["x-tollgate-max-tokens"] = String(lowered);
  const dropped = droppedFrom({ call, clientHeaders, dialect, outputLimit }, route);
  if (dropped.length > 0) headers["x-tollgate-dropped"] = dropped.join(",");
  if (costPicoUsd !== undefined) headers["x-tollgate-cost-usd"] = formatUsd(costPicoUsd);
  return Object.assign(headers, rateHeaders);
}
