import type { Origin } from "#lib/http/client-address";
import type { CountBytes } from "#lib/http/read-body";
import type { Cancellation } from "#lib/providers/cancellation";

/**
 * A request of the data plane as its stages need it. Each mount builds one in its own way (mounts/), so that
 * the pipeline pays for the conveniences of neither.
 */
export type GatewayRequest = {
  method: string;
  /** Path and query, as received. */
  url: string;
  /** By lower-case name. */
  header: (name: string) => string | null;
  /** In lower case. */
  headerNames: () => readonly string[];
  /** Whether the whole body is there, and is no more than 64 KB: then it is read at once. */
  hasArrived: () => boolean;
  /**
   * Reads the whole body, never more than `maxBytes` of it, and counts each part as it arrives.
   * @throws ApiError request_too_large, invalid_request for a truncated body, or what `count` throws
   */
  readBody: (maxBytes: number, count: CountBytes) => Promise<Buffer>;
  /** Cancelled when the client disconnects before it has the whole answer. */
  gone: Cancellation;
  /** The connection; null under Next, which does not pass it to handlers (lib/http/client-address.ts). */
  socket: Origin["socket"];
};

/** An answer as plain data: whole, or a stream of chunks at the client's pace. */
export type GatewayAnswer = {
  status: number;
  headers: Record<string, string>;
  body: Buffer | string | AsyncGenerator<Buffer, void>;
};

/** A whole JSON answer. */
export function jsonAnswer(value: unknown, headers: Record<string, string> = {}): GatewayAnswer {
  return {
    status: 200,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
  };
}
