import type { Credentials } from "#lib/auth/caller";
import type { GatewayRequest } from "#lib/gateway/ports/exchange";

/** A request of a dialect as it arrived. */
export type Arrival = {
  requestId: string;
  /** The client's own id, if it is well-formed. */
  clientRequestId: string | null;
  credentials: Credentials;
  origin: Pick<GatewayRequest, "header" | "headerNames" | "socket">;
  /** On the clock of `performance.now()`. */
  receivedAtMs: number;
};
