import type { Cancellation } from "./cancellation";
import type { UpstreamBody } from "./upstream-body";

/** The endpoints of the OpenAI dialect that a lane can be asked for. */
export type Endpoint = "chat/completions";

/** Where a request may be served: a provider with opened credentials, and the model's name there. */
export type Target = {
  providerId: string;
  providerName: string;
  providerType: "openai" | "openai-compatible" | "simulated";
  /** Without a trailing slash; ends in the version segment (`https://api.openai.com/v1`). */
  baseUrl: string;
  apiKey: string | null;
  settings: Readonly<Record<string, unknown>>;
  upstreamModel: string;
};

export type UpstreamCall = {
  endpoint: Endpoint;
  target: Target;
  /**
   * The JSON text to send, already naming the target's model. Text rather than a parsed body:
   * fields the gate does not change travel byte for byte (large integers, number spellings).
   */
  body: string;
  requestId: string;
  timeoutMs: number;
  /** Ends the call while its head is awaited; after that, cutting the body does. */
  unwanted: Cancellation;
};

/** What a provider answered; the body is not read yet and may still be content-encoded. */
export type UpstreamAnswer = {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: UpstreamBody;
};

/**
 * Sends one request to one provider.
 * @throws when no answer's head arrived: connection failures, time-outs, CallUnwanted
 */
export type Lane = (call: UpstreamCall) => Promise<UpstreamAnswer>;
