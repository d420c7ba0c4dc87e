import type { Cancellation } from "./cancellation";
import type { PassHeaders } from "./passed-headers";
import type { Signer } from "./sign/signer";
import type { UpstreamBody } from "./upstream-body";

/** What a provider speaks: one dialect, and where and how it takes requests in it. */
export type Wire = {
  /** The dialect whose requests pass through unchanged, by its name in lib/dialects. */
  dialect: string;
  /** Below the base URL, without a leading slash. */
  path: (request: { upstreamModel: string; stream: boolean }) => string;
  /** The name under which the provider reads the output bound; null where nothing is generated. */
  outputLimitField: string | null;
  /** What of a client's headers goes on to the provider; absent: nothing. */
  passHeaders?: PassHeaders;
  /** What to send in `accept`, where a provider takes one type alone. */
  accept?: string;
  /** Top-level fields of the dialect that `path` says instead, so that the body must not have them. */
  fieldsInPath?: readonly string[];
  /** Makes of an answer what the dialect's own maker would have given; absent: it is that. */
  readAnswer?: (answer: UpstreamAnswer) => UpstreamAnswer;
  /** Whether streams may be asked for their usage. */
  streamUsage: boolean;
  /** Whether the provider stops, and stops billing, when a stream's connection is closed; absent if it does not say. */
  stopsOnDisconnect?: boolean;
  /** Whether the provider keeps the bound on searches of its own that a request has; absent: not that it is known. */
  keepsSearchBound?: boolean;
  /** Fields beyond those that Tollgate knows that callers with a hard budget may send. */
  extraFields?: readonly string[];
};

/** Where a request may be served: an opened provider and the model's name there. */
export type Target = {
  providerId: string;
  providerName: string;
  /** Which of the provider's credentials; empty where it has one. */
  credentialId: string;
  /** Of this target with these credentials (targetKeyOf): made once, since each request asks for it several times. */
  key: string;
  /** Of this target whatever the credentials (targetPlaceOf); made once, too. */
  place: string;
  /** Without a trailing slash; ends in the version segment (`https://api.openai.com/v1`). Empty for an in-process provider. */
  baseUrl: string;
  /** Names and values, alternating: they authenticate each request. Those of `settings.headers` are among them. */
  authHeaders: readonly string[];
  /** What authenticates each request by itself; null where `authHeaders` do. */
  signer: Signer | null;
  /** What must never appear in an error or a log. */
  secrets: readonly string[];
  /** Best first. */
  wires: readonly Wire[];
  /** How requests are sent; null: over HTTP (exchange.ts). */
  exchange: Exchange | null;
  upstreamModel: string;
};

/** Names a target with one of its provider's credentials. */
export const targetKeyOf = ({
  providerId,
  credentialId,
  upstreamModel,
}: Pick<Target, "providerId" | "credentialId" | "upstreamModel">): string =>
  `${providerId} ${credentialId} ${upstreamModel}`;

/** Names a target whatever the credentials. */
export const targetPlaceOf = ({
  providerId,
  upstreamModel,
}: Pick<Target, "providerId" | "upstreamModel">): string => `${providerId} ${upstreamModel}`;

/** The target's wire for a dialect; a route is planned only to targets that have one. */
export function wireFor({ wires, providerName }: Target, dialect: string): Wire {
  const found = wires.find((wire) => wire.dialect === dialect);
  if (found === undefined) throw new Error(`the provider ${providerName} does not speak ${dialect}`);
  return found;
}

/** An answer that its caller does not wait for any more, but may read on. */
export type Lateness = {
  /** Says that it is late. @returns whether it is read on */
  note: () => boolean;
  isNoted: () => boolean;
  /** For how long it is read on. */
  readOnMs: number;
};

export type UpstreamCall = {
  target: Target;
  /** One of the target's. */
  wire: Wire;
  stream: boolean;
  /**
   * The JSON text to send, already naming the target's model. Text rather than a parsed body: fields that
   * Tollgate does not change travel byte for byte (large integers, number spellings).
   */
  body: string;
  /** Headers besides those of every request: names and values, alternating. */
  headers: readonly string[];
  requestId: string;
  /** Until a connection is there; null: as long as any. */
  connectTimeoutMs: number | null;
  /** Until the answer begins: its head, and the first byte of one that is not streamed. */
  timeoutMs: number;
  /** Between two parts of the answer; null: no bound of its own. */
  idleTimeoutMs: number | null;
  /** Until the answer has ended. */
  wholeTimeoutMs: number;
  /** What a late answer is read on for; null: it is cut off. */
  late: Lateness | null;
  /** Ends the call until the response's head arrives; after that, cutting the body does. */
  cancellation: Cancellation;
};

/** A provider's response; its body is unread and may still be content-encoded. */
export type UpstreamAnswer = {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: UpstreamBody;
};

/**
 * Sends one request to one provider.
 * @throws UpstreamTimeout, UpstreamUnreachable or CallCancelled if no response head arrived
 */
export type Exchange = (call: UpstreamCall) => Promise<UpstreamAnswer>;
