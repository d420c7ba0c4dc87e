import type { Usage } from "#lib/credit/prices/meters";

import type { Call } from "#lib/dialects/call";
import type { Gateway } from "#lib/gateway/ports/gateway";
import type { Model, Route } from "#lib/gateway/routing/routing";
import { missingRate } from "#lib/gateway/sizing/dearer-parts";
import type { Admission } from "./admission";

/** A provider that ignores the bound does so with every request. */
const WARN_EVERY_MS = 10 * 60_000;

type Logging = Pick<Gateway, "log">;

/** When each provider and model was last named. As many as are configured. */
const warnedAtMs = new WeakMap<Logging, Map<string, number>>();

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
      request_id: hold.id,
      provider: target.providerName,
      upstream_model: target.upstreamModel,
      output_tokens: outputTokens,
      output_token_bound: outputTokenBound,
    },
    `The provider generated more than the output bound that was sent as "${wire.outputLimitField}". If it reads another name, set output_limit_field in the settings of the provider "${target.providerName}".`,
  );
}

/**
 * Warns that a provider appended answers to a stream: it runs tools by itself, and no hold covers what that costs.
 */
export function warnOfFurther(
  gateway: Logging,
  requestId: string,
  { target }: Pick<Route, "target">,
  furtherAnswers: number,
): void {
  const { providerId, providerName, upstreamModel } = target;
  if (!isDue(gateway, `${providerId} ${upstreamModel} further`)) return;
  gateway.log.warn(
    {
      request_id: requestId,
      provider: providerName,
      upstream_model: upstreamModel,
      further_answers: furtherAnswers,
    },
    `The provider appended further answers to a stream, so it runs tools by itself. They are charged, but no budget covers them beforehand. Switch that off at "${providerName}".`,
  );
}

/**
 * Warns that an admitted request has what its provider bills apart from text, and the price has no rate for: it is charged
 * like text.
 */
export function warnOfMissingRate(
  gateway: Logging,
  requestId: string,
  call: Call,
  model: Pick<Model, "name" | "routes">,
): void {
  const missing = missingRate(call, model);
  if (missing === null) return;
  const { providerId, providerName, upstreamModel } = missing.route.target;
  if (!isDue(gateway, `${providerId} ${upstreamModel} ${missing.field}`)) return;
  gateway.log.warn(
    { request_id: requestId, provider: providerName, upstream_model: upstreamModel, rate: missing.field },
    `The provider bills this apart from text (${missing.label.toLowerCase()}), and it is charged like text. Set ${missing.field} in the price of the model "${model.name}".`,
  );
}

function isDue(gateway: Logging, key: string): boolean {
  const warned = warnedAtMs.get(gateway) ?? new Map<string, number>();
  warnedAtMs.set(gateway, warned);
  const now = performance.now();
  if (now - (warned.get(key) ?? Number.NEGATIVE_INFINITY) < WARN_EVERY_MS) return false;
  warned.set(key, now);
  return true;
}
