import type { Origin } from "#lib/http/client-address";
import type { Cancellation } from "#lib/providers/cancellation";

/**
 * A request of the data plane as its stages need it. Each mount makes one of its own kind (mount-node.ts,
 * mount-web.ts), so that the pipeline pays for neither's conveniences.
 */
export type GatewayRequest = {
  method: string;
  /** Path and query, as asked. */
  url: string;
  /** By lower-case name. */
  header: (name: string) => string | null;
  /**
   * Reads the whole body, never more than `maxBytes` of it.
   * @throws ApiError request_too_large, invalid_request for a body that is cut short
   */
  readBody: (maxBytes: number) => Promise<Buffer>;
  /** Cancelled when the client is gone before it has the whole answer. */
  gone: Cancellation;
  /** The connection; null under Next, whose handlers are not given it (lib/http/client-address.ts). */
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
