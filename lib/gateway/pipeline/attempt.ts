import type { PicoUsd } from "#lib/credit/money";
import type { Usage } from "#lib/credit/prices/price";
import type { WholeAnswer } from "#lib/dialects/said";
import type { Gateway } from "#lib/gateway/ports/gateway";
import {
  judgeErrorInside,
  type PassedError,
  readProviderError,
  TargetFailed,
} from "#lib/gateway/provider-errors/provider-error";
import type { Route } from "#lib/gateway/routing/routing";
import type { Cancellation } from "#lib/providers/cancellation";
import type { Target, UpstreamAnswer } from "#lib/providers/wire";
import type { Admission } from "./admission";
import { type OpenStream, openStream } from "./open-stream";
import { readWhole, type WholeRead } from "./read-whole";

/** The provider's answer, and what earlier attempts at other targets may have cost. */
export type Answered = { route: Route; earlierPicoUsd: PicoUsd } & Said;

type Said =
  | { kind: "whole"; whole: WholeRead }
  | { kind: "stream"; stream: OpenStream }
  | { kind: "error"; passed: PassedError };

/** A provider said something that is neither an answer nor an error: it may have generated one, and bill it. */
export class UnusableAnswer extends Error {
  override name = "UnusableAnswer";
  constructor(
    message: string,
    /** What it reports to bill; null if nothing. */
    readonly usage: Usage | null,
  ) {
    super(message);
  }
}

/**
 * Sends the request to one target, and reads its answer until it is known to be one: a whole body to its end, a
 * stream to its first content.
 * @throws TargetFailed, UnusableAnswer, or what the exchange throws
 */
export async function attempt(
  gateway: Gateway,
  { dialect, call, hold, outputLimit }: Admission,
  route: Route,
  cancellation: Cancellation,
): Promise<Said> {
  const { target, wire } = route;
  const startedMs = performance.now();
  const answer = await gateway.exchange({
    target,
    wire,
    stream: call.stream,
    body: dialect.edit(call, {
      upstreamModel: target.upstreamModel,
      outputLimitTokens: outputLimit?.tokens ?? null,
      outputLimitField: wire.outputLimitField,
    }),
    requestId: hold.id,
    timeoutMs: gateway.requestTimeoutMs,
    cancellation,
  });
  const { status } = answer;
  if (status >= 400) {
    return { kind: "error", passed: await readProviderError(answer, target, dialect.readWhole) };
  }
  if (status !== 200) {
    // A redirect or an empty success is no answer.
    answer.body.cut();
    throw new TargetFailed({ status, retryAfterSeconds: null, usage: null, shown: null, said: null });
  }
  if (!call.stream) {
    const whole = await readWhole(answer, dialect, call.answers, cancellation);
    return whole.read.said === "content" ? { kind: "whole", whole } : notAnAnswer(whole.read, answer, target);
  }
  const { passUsage, answers } = call;
  const timeoutMs = gateway.requestTimeoutMs - (performance.now() - startedMs);
  const opening = await openStream(answer, dialect, { passUsage, answers, timeoutMs }, cancellation);
  switch (opening.kind) {
    case "open":
      return { kind: "stream", stream: opening.stream };
    case "said":
      return notAnAnswer(opening.read, answer, target);
  }
}

/** @throws TargetFailed or UnusableAnswer unless it is an error about the client's request */
function notAnAnswer(read: WholeAnswer, answer: UpstreamAnswer, target: Target): Said {
  if (read.said === "error") {
    return { kind: "error", passed: judgeErrorInside(read, answer.headers, target) };
  }
  throw new UnusableAnswer("The provider's answer is not one to this request", read.usage);
}
