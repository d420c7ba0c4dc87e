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
  warnOfTarget(gateway, requestId, target, {
    name: "further",
    fields: { further_answers: furtherAnswers },
    message: `The provider appended further answers to a stream, so it runs tools by itself. They are charged, but no budget covers them beforehand. Switch that off at "${target.providerName}".`,
  });
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
  warnOfTarget(gateway, requestId, missing.route.target, {
    name: missing.field,
    fields: { rate: missing.field },
    message: `The provider bills this apart from text (${missing.label.toLowerCase()}), and it is charged like text. Set ${missing.field} in the price of the model "${model.name}".`,
  });
}

/** Warns of something of a target, unless that was done lately. @param warning its name tells it from others */
function warnOfTarget(
  gateway: Logging,
  requestId: string,
  { providerId, providerName, upstreamModel }: Route["target"],
  warning: { name: string; fields: Record<string, unknown>; message: string },
): void {
  if (!isDue(gateway, `${providerId} ${upstreamModel} ${warning.name}`)) return;
  const of = { request_id: requestId, provider: providerName, upstream_model: upstreamModel };
  gateway.log.warn({ ...of, ...warning.fields }, warning.message);
}

function isDue(gateway: Logging, key: string): boolean {
  const warned = warnedAtMs.get(gateway) ?? new Map<string, number>();
  warnedAtMs.set(gateway, warned);
  const now = performance.now();
  if (now - (warned.get(key) ?? Number.NEGATIVE_INFINITY) < WARN_EVERY_MS) return false;
  warned.set(key, now);
  return true;
}
