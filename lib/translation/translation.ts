import type { Call } from "#lib/dialects/call";
import type { AnswerDialect, Edits, PastReasoning } from "#lib/dialects/dialect";
import { restoredNumbers } from "#lib/dialects/text/kept-numbers";
import { bodyOf } from "#lib/dialects/text/parsed-object";
import type { ErrorFields } from "#lib/http/api-error";
import type { Cancellation } from "#lib/providers/cancellation";
import type { Room } from "#lib/providers/upstream-body";
import type { UpstreamAnswer, Wire } from "#lib/providers/wire";
import { type Answering, translatedAnswer } from "./answer";
import { EXACT_FIELDS } from "./arguments-json";
import { clientError } from "./client-errors";
import { customNames } from "./custom-arguments";
import type { Reader } from "./delta";
import { type Seal, scopeOf } from "./envelope";
import type { ClientFormat, ReadOptions, WireFormat } from "./format";
import { readerOfAll } from "./further-answers";
import { withMergedResults } from "./merged-results";
import { ownBytes } from "./own-words";
import { pastSeals } from "./passed-envelopes";
import { type MadeOfCall, madeOfCall, type Plan, plannedFor } from "./plans";
import type { Encoded, EncodeOptions, Turn } from "./turn";

/** Between a client's dialect and a wire of a provider that does not speak it. One for each route. */
export type Translation = {
  /** What of a call the wire cannot say: offers are left out, demands are no request to this route. */
  plan: (call: Call) => Plan;
  /** The output bound that is sent; null if none is. */
  bound: (call: Call, asked: Bounding) => number | null;
  /** A request, and how its answer is read. */
  begin: (call: Call, sent: Sent) => Exchanged;
  /** How the provider refuses the tokens of earlier turns, and what to do then. */
  pastReasoning: PastReasoning;
};

/** What bounds an answer besides the client's own bound. */
export type Bounding = Pick<Edits, "outputLimitTokens"> & {
  /** The most that the model can make; null if that is not known. A larger bound is none to it. */
  mostTokens: number | null;
  /** The bound for a wire that requires one, where neither the client nor the hold has one. */
  defaultMaxTokens: number;
};

/** What is sent differently from what the client asks. */
export type Sent = Bounding & Pick<Edits, "reasoningLimitTokens"> & { requestId: string };

export type Exchanged = {
  /** The JSON text to send. */
  body: string;
  /**
   * Sends several texts one after the other, for a wire that takes a request in parts; absent: `body` alone.
   * @param room takes what is in memory of the answers, also of what is returned
   */
  sendAll?: (
    post: (body: string) => Promise<UpstreamAnswer>,
    cancellation: Cancellation,
    room: Room,
  ) => Promise<UpstreamAnswer>;
  /**
   * The provider's answer in the client's dialect, as it arrives, and the dialect to read it with: its usage is what
   * the provider's own bytes report. An answer of 400 or above is left as it is.
   */
  answer: (answer: UpstreamAnswer) => { answer: UpstreamAnswer; dialect: AnswerDialect };
  /** The provider's error about the request, scrubbed, as the dialect's clients know it. */
  error: (error: ErrorFields) => ErrorFields;
};

type Where = { providerId: string; credentialId: string; upstreamModel: string } & Pick<
  Wire,
  "outputLimitField" | "streamUsage"
>;

type SentBounds = Pick<EncodeOptions, "maxTokens" | "defaultMaxTokens" | "reasoningLimitTokens">;

/** Without a bound of anyone's, for a plan. */
const ANY_BOUND = 4_096;

/** Creates the translation of a route. */
export function translation(
  client: ClientFormat,
  wire: WireFormat,
  { providerId, credentialId, upstreamModel, outputLimitField, streamUsage }: Where,
): Translation {
  const scope = scopeOf(providerId, credentialId);
  const maker = wire.makerOf(upstreamModel);
  const accepts = (seal: Seal) => seal.maker === maker && (seal.scope === null || seal.scope === scope);
  /** Tells the plans of this route from others'. */
  const route = {};

  function encoded(
    turn: Turn,
    stream: boolean,
    { maxTokens, defaultMaxTokens, reasoningLimitTokens }: SentBounds,
  ): Encoded {
    return wire.encode(turn, {
      maxTokens,
      defaultMaxTokens,
      reasoningLimitTokens,
      upstreamModel,
      stream,
      outputLimitField,
      streamUsage,
      accepts,
    });
  }

  /** What was planned, with the bounds that are sent; null without a plan, or if more depends on them. */
  function plannedWith(
    turn: Turn,
    { maxOutputTokens }: Call,
    planned: Encoded | null,
    { maxTokens, defaultMaxTokens, reasoningLimitTokens }: SentBounds,
  ): Encoded | null {
    if (planned === null || reasoningLimitTokens !== null) return null;
    if (maxTokens !== null && maxTokens === maxOutputTokens) return planned;
    const body =
      wire.rebound?.(planned.body, turn, { maxTokens, defaultMaxTokens, outputLimitField }) ?? null;
    return body === null ? null : { ...planned, body };
  }

  return {
    plan(call) {
      const made = madeOfCall(call);
      const known = plannedFor(made, route);
      if (known !== undefined) return known.plan;
      const turn = turnOf(client, made);
      const encodedOnce = encoded(turn, call.stream, {
        maxTokens: call.maxOutputTokens,
        defaultMaxTokens: ANY_BOUND,
        reasoningLimitTokens: null,
      });
      const { dropped, refused } = encodedOnce;
      const plan = { dropped, refused, ownBytes: ownBytes(turn) + (wire.ownBytes?.(turn) ?? 0) };
      made.plans.push({ route, planned: { plan, encoded: encodedOnce } });
      return plan;
    },
    bound(call, asked) {
      const maxTokens = boundFor(call, asked);
      if (wire.sentBound === undefined) return maxTokens;
      return wire.sentBound({ maxTokens, defaultMaxTokens: asked.defaultMaxTokens, outputLimitField });
    },
    begin(call, sent) {
      const { requestId, defaultMaxTokens, reasoningLimitTokens } = sent;
      const made = madeOfCall(call);
      const turn = turnOf(client, made);
      const maxTokens = boundFor(call, sent);
      const bounds = { maxTokens, defaultMaxTokens, reasoningLimitTokens };
      const planned = plannedFor(made, route);
      const { body, toolNames } =
        plannedWith(turn, call, planned?.encoded ?? null, bounds) ?? encoded(turn, call.stream, bounds);
      // While the answer arrives, a request takes memory once: for another target it is decoded again.
      made.turn = null;
      if (planned !== undefined) planned.encoded = null;
      const customTools = customNames(turn.tools);
      const answering: Answering = {
        dialect: client.dialect,
        reader: readerFor(wire, { upstreamModel, scope, turn, toolNames }),
        writer: client.writer({ requestId, model: call.model, turn, toolNames, customTools }),
        customTools,
      };
      return {
        body: restoredNumbers(JSON.stringify(body)),
        answer: (answer) => translatedAnswer(answer, call.stream, answering),
        error: (error) => clientError(client.dialect.name, error),
      };
    },
    pastReasoning: pastSeals,
  };
}

function readerFor({ reader, beginsAnswer }: WireFormat, options: ReadOptions): Reader {
  if (beginsAnswer === undefined) return reader(options);
  return readerOfAll(() => reader(options), beginsAnswer);
}

/** The bound that is held, else the client's, and no more than the model can make. */
function boundFor({ maxOutputTokens }: Call, { outputLimitTokens, mostTokens }: Bounding): number | null {
  const bound = outputLimitTokens ?? maxOutputTokens;
  return bound === null || mostTokens === null ? bound : Math.min(bound, mostTokens);
}

/** Decoded once. */
function turnOf({ decode }: ClientFormat, made: MadeOfCall): Turn {
  const { call } = made;
  if (made.turn !== null) return made.turn;
  const decoded = decode(bodyOf(call, EXACT_FIELDS));
  const [at = ""] = call.outputBounds.paths;
  const otherwise = call.maxOutputTokens === null ? null : { value: call.maxOutputTokens, at };
  const turn = {
    ...decoded,
    messages: withMergedResults(decoded.messages),
    // Servers know many names for it.
    maxTokens: decoded.maxTokens ?? otherwise,
  };
  made.turn = turn;
  return turn;
}
