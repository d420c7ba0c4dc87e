import type { Usage } from "#lib/credit/prices/meters";

import type { Gateway } from "#lib/gateway/ports/gateway";
import type { Route } from "#lib/gateway/routing/routing";
import type { Admission } from "./admission";

/** A provider that ignores the bound does so with every request. */
const WARN_EVERY_MS = 10 * 60_000;

/** When each provider and model was last named. As many as are configured. */
const warnedAtMs = new WeakMap<Gateway, Map<string, number>>();

/**
 * Warns that a provider generated more than the output bound that it was sent: it may read the bound under another
 * name, which the provider's settings can give. The ledger row has what it cost as `overrun_usd`.
 */
export function warnOfOverrun(
  gateway: Gateway,
  { hold, outputLimit, outputTokenBound }: Admission,
  { target, wire }: Route,
  { outputTokens }: Usage,
): void {
  if (outputLimit === null || wire.outputLimitField === null || outputTokens <= outputTokenBound) return;
  const warned = warnedAtMs.get(gateway) ?? new Map<string, number>();
  warnedAtMs.set(gateway, warned);
  const key = `${target.providerId} ${target.upstreamModel}`;
  const now = performance.now();
  if (now - (warned.get(key) ?? Number.NEGATIVE_INFINITY) < WARN_EVERY_MS) return;
  warned.set(key, now);
  gateway.log.warn(
    {
      requestId: hold.id,
      provider: target.providerName,
      upstreamModel: target.upstreamModel,
      outputTokens,
      outputTokenBound,
    },
    `The provider generated more than the output bound that was sent as "${wire.outputLimitField}". If it reads another name, set output_limit_field in the settings of the provider "${target.providerName}".`,
  );
}
