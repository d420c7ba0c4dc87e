import type { Dispatcher } from "undici";

/** A request as it will be sent. */
export type RequestToSign = {
  method: "GET" | "POST";
  /** Scheme, host and port. */
  origin: string;
  /** As it is sent: with its escapes, and with the query, if any. */
  path: string;
  /** What is sent in `content-type`; null without one. */
  contentType: string | null;
  body: string;
};

/** Authenticates requests one by one: by a token that expires, or by a signature of the request. */
export type Signer = {
  /**
   * The headers that authenticate one request: names and values, alternating.
   * @param agent connects to the server that issues tokens
   * @throws UpstreamTimeout or UpstreamUnreachable if no token can be had
   */
  sign: (request: RequestToSign, agent: Dispatcher) => Promise<readonly string[]>;
  /** Called when a provider rejects what `sign` returned. Returns whether the next would be another. */
  renew: (rejected: readonly string[]) => boolean;
  /** What was received in exchange for the credentials, and must not appear anywhere either. */
  secrets: () => readonly string[];
};
