import { formatUsd, type PicoUsd } from "#lib/credit/money";
import type { Route } from "#lib/gateway/routing/routing";
import type { Admission } from "./admission";

/**
 * The headers of an answer: ours, and none of the provider's, whose cookies, ids and rate limits are about our
 * account.
 */
export function answerHeaders(
  { hold, model, outputLimit }: Admission,
  { target }: Route,
  contentType: string,
  rateHeaders: Readonly<Record<string, string>>,
  costPicoUsd?: PicoUsd,
): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": contentType,
    "x-request-id": hold.id,
    "x-tollgate-provider": target.providerName,
    "x-tollgate-model": model.name,
  };
  if (outputLimit?.lowered) headers["x-tollgate-max-tokens"] = String(outputLimit.tokens);
  if (costPicoUsd !== undefined) headers["x-tollgate-cost-usd"] = formatUsd(costPicoUsd);
  return Object.assign(headers, rateHeaders);
}
