import { callerIdOf } from "#lib/auth/caller";
import type { Call } from "#lib/dialects/call";
import type { Counting, Dialect, Edits } from "#lib/dialects/dialect";
import type { BodyCount } from "#lib/gateway/ports/body-bytes";
import type { GatewayAnswer, GatewayRequest } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { readProviderError } from "#lib/gateway/provider-errors/provider-error";
import { callerInfo, UNKNOWN_CALLER } from "#lib/gateway/rejections/caller-info";
import { rejected } from "#lib/gateway/rejections/rejected";
import { routingFor } from "#lib/gateway/routing/name-models";
import { findNamedModel } from "#lib/gateway/routing/resolve-model";
import type { Route } from "#lib/gateway/routing/routing";
import { countedInput } from "#lib/gateway/sizing/output-room";
import { decodedBody } from "#lib/providers/decode-body";
import { hideSecrets } from "#lib/providers/hide-secrets";
import { authenticate, readCredentials } from "./authenticate";
import { bodyFor } from "./body-for";
import { headersFor } from "./headers-for";
import { parseBody } from "./parse-body";
import { readBodyText } from "./read-body";
import type { Trace } from "./trace";

/** A count is worth no longer wait: ours is at hand. */
const MOST_WAIT_MS = 10_000;
const MAX_COUNT_BYTES = 64 * 1024;

type Asked = { dialect: Dialect; counting: Counting; request: GatewayRequest; requestId: string; call: Call };

/**
 * Counts the input of a request: by the provider if it counts, else by Tollgate. Nothing is billed, so it needs a caller
 * and an allowed model, and has no hold, no row and no part in any limit. The caller is read, since no hold checks it.
 * @throws Rejected
 */
export async function countInput(
  gateway: Gateway,
  dialect: Dialect,
  counting: Counting,
  request: GatewayRequest,
  { requestId, trace }: { requestId: string; trace: Trace },
): Promise<GatewayAnswer> {
  let known = UNKNOWN_CALLER;
  let body: BodyCount | null = null;
  try {
    const presented = { credentials: readCredentials(request), origin: request };
    const caller = await authenticate(gateway, presented, { fresh: true });
    known = callerInfo(caller, null);
    body = gateway.bodies.open(callerIdOf(caller));
    const json = await readBodyText(request, gateway.maxBodyBytes, body.add);
    dialect.readHeaders(request);
    const parser = { name: dialect.name, parse: counting.parse };
    const call = await parseBody(gateway, parser, caller, json);
    known = callerInfo(caller, call.model);
    trace.callerInfo = known;
    const routing = await routingFor(gateway, caller, call.model, { fresh: true });
    const { all, byDialect } = findNamedModel(routing, caller, call.model);
    const asked = { dialect, counting, request, requestId, call };
    for (const route of byDialect.get(counting.wire)?.routes ?? []) {
      const answer = await providersAnswer(gateway, route, asked);
      if (answer !== null) return answer;
    }
    const tokens = await gateway.counting.run(callerIdOf(caller), () => countedInput(dialect, call, all));
    return answerWith(counting.answer(tokens));
  } catch (error) {
    throw rejected(error, { callerInfo: known });
  } finally {
    body?.release();
  }
}

/**
 * Its count, or its error about the request; null if it has neither. Reasoning that it refuses is not counted: the
 * request itself is sent without that, too.
 */
async function providersAnswer(gateway: Gateway, route: Route, asked: Asked): Promise<GatewayAnswer | null> {
  const { dialect, counting, request, requestId, call } = asked;
  const { target, wire } = route;
  try {
    const passed = headersFor(dialect.readHeaders(request), route);
    const answer = await gateway.exchange({
      target,
      wire,
      stream: false,
      body: bodyFor(wire, dialect.edit(call, editsFor(route)), passed),
      headers: passed.headers,
      requestId,
      connectTimeoutMs: null,
      timeoutMs: Math.min(MOST_WAIT_MS, gateway.requestTimeoutMs),
      idleTimeoutMs: null,
      wholeTimeoutMs: Math.min(MOST_WAIT_MS, gateway.requestTimeoutMs),
      late: null,
      cancellation: request.gone,
    });
    if (answer.status >= 400) {
      const { status, error } = await readProviderError(answer, target, dialect.readWhole);
      const left = dialect.pastReasoning?.isRefused(error) ? dialect.pastReasoning.leaveOut(call) : null;
      if (left !== null)
        return await providersAnswer(gateway, route, { ...asked, call: counting.parse(left.json) });
      return answerWith(dialect.errors.providerError(error, requestId), status);
    }
    const bytes = await decodedBody(answer).whole(MAX_COUNT_BYTES);
    return counting.isCount(bytes) ? answerWith(hideSecrets(bytes, target)) : null;
  } catch (error) {
    gateway.log.debug(
      { request_id: requestId, provider: target.providerName, err: error },
      "provider did not count",
    );
    return null;
  }
}

const editsFor = ({ target }: Route): Edits => ({
  upstreamModel: target.upstreamModel,
  outputLimitTokens: null,
  outputLimitField: null,
  reasoningLimitTokens: null,
  streamUsage: false,
  searchLimit: null,
  encryptedReasoning: false,
});

const answerWith = (body: string | Buffer, status = 200): GatewayAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body,
});
