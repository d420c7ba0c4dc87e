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
  if (!isDue(gateway, `${target.providerId} ${target.upstreamModel}`)) return;
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

/**
 * Warns that a provider appended answers to a stream: it runs tools by itself, and no hold covers what that costs.
 */
export function warnOfFurther(
  gateway: Gateway,
  { hold }: Pick<Admission, "hold">,
  { target }: Pick<Route, "target">,
  furtherAnswers: number,
): void {
  const { providerId, providerName, upstreamModel } = target;
  if (!isDue(gateway, `${providerId} ${upstreamModel} further`)) return;
  gateway.log.warn(
    { requestId: hold.id, provider: providerName, upstreamModel, furtherAnswers },
    `The provider appended further answers to a stream, so it runs tools by itself. They are charged, but no budget covers them beforehand. Switch that off at "${providerName}".`,
  );
}

function isDue(gateway: Gateway, key: string): boolean {
  const warned = warnedAtMs.get(gateway) ?? new Map<string, number>();
  warnedAtMs.set(gateway, warned);
  const now = performance.now();
  if (now - (warned.get(key) ?? Number.NEGATIVE_INFINITY) < WARN_EVERY_MS) return false;
  warned.set(key, now);
  return true;
}
