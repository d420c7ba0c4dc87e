import type { Credentials } from "#lib/auth/caller";
import type { Origin } from "#lib/http/client-address";

/** A request of a dialect as it arrived. */
export type Arrival = {
  requestId: string;
  /** The client's own id, if it is well-formed. */
  clientRequestId: string | null;
  credentials: Credentials;
  origin: Origin;
  /** On the clock of `performance.now()`. */
  receivedAtMs: number;
};
