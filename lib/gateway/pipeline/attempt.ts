import type { Call } from "#lib/dialects/call";
import type { Edits, RefusedField } from "#lib/dialects/dialect";
import type { WholeAnswer } from "#lib/dialects/said";
import { paramOfPath, pathOf } from "#lib/dialects/text/cut-path";
import type { ReportedUsage } from "#lib/dialects/usage";
import type { AnswerCount } from "#lib/gateway/ports/answer-bytes";
import type { Gateway } from "#lib/gateway/ports/gateway";
import {
  judgeErrorInside,
  type PassedError,
  readProviderError,
  TargetFailed,
} from "#lib/gateway/provider-errors/provider-error";
import { type Adaptation, adapted, learntFrom } from "#lib/gateway/routing/refused-fields";
import type { Route } from "#lib/gateway/routing/routing";
import { reasoningLimitFor } from "#lib/gateway/sizing/beyond-bound";
import { isMakers } from "#lib/gateway/sizing/makers";
import type { ErrorFields } from "#lib/http/api-error";
import type { Cancellation } from "#lib/providers/cancellation";
import type { Lateness, Target, UpstreamAnswer } from "#lib/providers/wire";
import { scopeOf } from "#lib/translation/envelope";
import { hasEnvelopes, withoutEnvelopes } from "#lib/translation/passed-envelopes";
import type { Exchanged } from "#lib/translation/translation";
import type { Admission } from "./admission";
import { bodyFor } from "./body-for";
import { originalPath, removedPlaces } from "./dropped-paths";
import { type OpenStream, openStream } from "./open-stream";
import { passedTo } from "./passed-to";
import { readWhole, type WholeRead } from "./read-whole";
import { boundingOf } from "./sent-bound";

/** A provider's answer. */
export type Answered = { route: Route } & Attempted;

/** What was said to the last of the requests, the call that it was, and what refusals before it have taught; null: nothing. */
export type Attempted = Said & { call: Call; learnt: Adaptation | null };

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
    readonly usage: ReportedUsage | null,
  ) {
    super(message);
  }
}

/**
 * What ends a call to a provider: at once, or for a stream when it has counted its input (null: only at once). A whole
 * answer that is too much for the memory ends it, too.
 */
type Ends = {
  stop: Cancellation;
  enough: Cancellation | null;
  count: AnswerCount;
  /** What a late answer is read on for; null: it is cut off. */
  late: Lateness | null;
  /** When the request's time is over, on the clock of `performance.now()`. */
  deadlineMs: number;
};

/** Whether no more is to be sent. */
const isOver = ({ stop, late }: Ends): boolean => stop.isCancelled() || late?.isNoted() === true;

/**
 * Sends the request to one target. If it refuses the reasoning of earlier turns, such as another provider's, the request
 * is sent once more without that, since a refusal bills nothing.
 * @throws TargetFailed, UnusableAnswer, or what the exchange throws
 */
export async function attempt(
  gateway: Gateway,
  admission: Admission,
  route: Route,
  ends: Ends,
): Promise<Attempted> {
  const first = await attemptCall(gateway, admission, route, ends);
  const call = withoutRefusedReasoning(first, admission, route);
  if (call === null || isOver(ends)) return first;
  const { id: requestId } = admission.hold;
  gateway.log.info(
    { request_id: requestId, provider: route.target.providerName },
    "reasoning of earlier turns refused",
  );
  return await attemptCall(gateway, { ...admission, call }, route, ends);
}

/** What to send to a target that refuses the reasoning in a call; null if it says something else. */
function withoutRefusedReasoning(said: Said, { dialect, call }: Admission, route: Route): Call | null {
  const error = refusalIn(said);
  const { pastReasoning } = route.translation ?? dialect;
  if (error === null || pastReasoning === null || !pastReasoning.isRefused(error)) return null;
  const left = pastReasoning.leaveOut(call);
  if (left === null) return null;
  const removed = removedPlaces(call.dropped);
  const dropped = left.dropped.map((param) => paramOfPath(originalPath(pathOf(param), removed)));
  return { ...dialect.parse(left.json), dropped: [...call.dropped, ...dropped] };
}

/**
 * The same for one call. If the target refuses a field that Tollgate sets, the request is sent once more without it or
 * under its other name. What helped is learnt.
 */
async function attemptCall(
  gateway: Gateway,
  admission: Admission,
  route: Route,
  ends: Ends,
): Promise<Attempted> {
  const { refusedFields, log } = gateway;
  let adaptation = refusedFields.adaptationFor(admission.hold.payer.organizationId, route);
  const refusals: RefusedField[] = [];
  for (;;) {
    const edits = editsFor(admission, route, adaptation);
    const said = await send(gateway, admission, route, edits, ends);
    const refused = refusedBy(said, admission, route, edits);
    const next = refused === null ? null : adapted(adaptation, refused);
    if (refused === null || next === null || isOver(ends)) {
      const hasHelped = refusals.length > 0 && said.kind !== "error";
      const learnt = hasHelped ? learntFrom(refusals, adaptation) : null;
      return attempted(said, admission.call, learnt);
    }
    refusals.push(refused);
    log.info(
      { request_id: admission.hold.id, provider: route.target.providerName, refused },
      "field refused",
    );
    adaptation = next;
  }
}

// Written out: a spread of objects of several forms takes microseconds.
function attempted(said: Said, call: Call, learnt: Adaptation | null): Attempted {
  switch (said.kind) {
    case "whole":
      return { kind: said.kind, whole: said.whole, call, learnt };
    case "stream":
      return { kind: said.kind, stream: said.stream, call, learnt };
    case "error":
      return { kind: said.kind, passed: said.passed, call, learnt };
  }
}

function editsFor(admission: Admission, route: Route, adaptation: Adaptation): Edits {
  const { call, outputLimit, lowersReasoning } = admission;
  const { target, wire } = route;
  const { outputLimitField, streamUsage, encryptedReasoning } = adaptation;
  return {
    upstreamModel: target.upstreamModel,
    // Under its other name, the client's own bound is set like ours.
    outputLimitTokens: outputLimit?.tokens ?? (outputLimitField === null ? null : call.maxOutputTokens),
    outputLimitField: outputLimitField ?? wire.outputLimitField,
    searchLimit: call.searches === null ? null : call.asks.webSearches,
    reasoningLimitTokens: lowersReasoning ? reasoningLimitFor(call, route) : null,
    streamUsage: wire.streamUsage && streamUsage,
    encryptedReasoning,
  };
}

const REFUSALS = new Set([400, 422]);

function refusedBy(
  said: Said,
  { dialect, call }: Admission,
  route: Route,
  edits: Edits,
): RefusedField | null {
  // What is translated has no fields of the dialect.
  if (route.translation !== null) return null;
  const error = refusalIn(said);
  return error === null ? null : dialect.refusedField(call, edits, error);
}

/** What a target says that refuses a request, and bills nothing for it. */
function refusalIn(said: Said): ErrorFields | null {
  if (said.kind !== "error") return null;
  const { status, usage, bills, error } = said.passed;
  return REFUSALS.has(status) && usage === null && bills === "nothing" ? error : null;
}

/** The request as the route takes it, and how its answer is read. */
function exchangedBy(
  { dialect, call, hold, model }: Admission,
  { translation, target }: Route,
  edits: Edits,
): Exchanged {
  if (translation === null) {
    const edited = dialect.edit(call, edits);
    const body = hasEnvelopes(call)
      ? withoutEnvelopes(edited, dialect.name, scopeOf(target.providerId, target.credentialId)).body
      : edited;
    return { body, answer: (answer) => ({ answer, dialect }), error: (error) => error };
  }
  const { outputLimitTokens, mostTokens, defaultMaxTokens } = boundingOf(model, edits.outputLimitTokens);
  const { reasoningLimitTokens } = edits;
  const sent = { outputLimitTokens, mostTokens, defaultMaxTokens, reasoningLimitTokens, requestId: hold.id };
  return translation.begin(call, sent);
}

/**
 * Sends the request, and reads its answer until it is known to be one: a whole body to its end, a stream to its
 * first content.
 */
async function send(
  gateway: Gateway,
  admission: Admission,
  route: Route,
  edits: Edits,
  { stop: cancellation, enough, count, late, deadlineMs }: Ends,
): Promise<Said> {
  const { call, hold } = admission;
  const { target, wire, limits } = route;
  const contentByMs = Math.min(
    deadlineMs,
    performance.now() + (limits.timeoutMs ?? Number.POSITIVE_INFINITY),
  );
  const exchanged = exchangedBy(admission, route, edits);
  const passed = passedTo(admission, route);
  const leftUntil = (atMs: number) => Math.max(1, atMs - performance.now());
  const post = (body: string) =>
    gateway.exchange({
      target,
      wire,
      stream: call.stream,
      body: bodyFor(wire, body, passed),
      headers: passed.headers,
      requestId: hold.id,
      connectTimeoutMs: limits.connectTimeoutMs,
      timeoutMs: leftUntil(contentByMs),
      idleTimeoutMs: limits.idleTimeoutMs,
      wholeTimeoutMs: leftUntil(deadlineMs),
      late,
      cancellation,
    });
  const received = await receivedBy(exchanged, post, cancellation, count);
  const { answer, dialect } = exchanged.answer(received);
  const { status } = answer;
  if (status >= 400) {
    return inWordsOf(exchanged, await readProviderError(answer, target, dialect.readWhole));
  }
  if (status >= 300) {
    // A redirect is no answer. Any other success may be one: frameworks answer a POST with 201.
    answer.body.cut();
    throw new TargetFailed({
      status,
      retryAfterSeconds: null,
      usage: null,
      bills: "nothing",
      isTooLarge: false,
      shown: null,
      said: null,
    });
  }
  if (!call.stream) {
    const whole = await readWhole(answer, dialect, call.answers, cancellation, count);
    if (whole.read.said === "content") return { kind: "whole", whole };
    return inWordsOf(exchanged, errorInstead(whole.read, answer, target));
  }
  const { passUsage, answers } = call;
  const timeoutMs = leftUntil(contentByMs);
  const requestCharacters = call.json.length;
  const goesOn = !isMakers(target.baseUrl);
  const options = { passUsage, answers, goesOn, timeoutMs, late, requestCharacters, count };
  const opening = await openStream(answer, dialect, options, cancellation, enough);
  switch (opening.kind) {
    case "open":
      return { kind: "stream", stream: opening.stream };
    case "said":
      return inWordsOf(exchanged, errorInstead(opening.read, answer, target));
  }
}

/** An answer, which is counted already if it was put together from several. */
async function receivedBy(
  { body, sendAll }: Exchanged,
  post: (body: string) => Promise<UpstreamAnswer>,
  cancellation: Cancellation,
  count: AnswerCount,
): Promise<UpstreamAnswer> {
  if (sendAll === undefined) return post(body);
  try {
    const received = await sendAll(post, cancellation, count);
    if (received.status >= 300) count.release();
    return received;
  } catch (error) {
    count.release();
    throw error;
  }
}

const inWordsOf = ({ error }: Exchanged, passed: PassedError): Said => ({
  kind: "error",
  passed: { ...passed, error: error(passed.error) },
});

/** @throws TargetFailed or UnusableAnswer unless it is an error about the client's request */
function errorInstead(read: WholeAnswer, answer: UpstreamAnswer, target: Target): PassedError {
  if (read.said === "error") return judgeErrorInside(read, answer.headers, target);
  throw new UnusableAnswer("The provider's answer is not one to this request", read.usage);
}
