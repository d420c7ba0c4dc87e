import type { HoldRequest } from "#lib/credit/ledger/hold";
import type { Call } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import type { ClientHeaders } from "#lib/dialects/headers/client-headers";
import type { PlannedTarget } from "#lib/gateway/routing/order-question";
import type { Model, Route } from "#lib/gateway/routing/routing";
import type { Conversation } from "./conversation";
import type { RateTicket } from "./rate-limit";

export type PlacedHold = {
  hold: HoldRequest;
  /** The request, with as many searches as are held for. */
  call: Call;
  counterIds: readonly number[];
  createdAt: string;
  /** The most input tokens that the hold covers. */
  inputTokenBound: number;
  /** The most output tokens that the hold covers, over all answers. */
  outputTokenBound: number;
  /** The bound per answer to send to the provider; null: the client's, or no bound. */
  outputLimit: { tokens: number; lowered: boolean } | null;
  /** Whether only a lower budget of reasoning is held, which routes that take one must get. */
  lowersReasoning: boolean;
  /** Held in the journal, since the database is unavailable. */
  failOpen: boolean;
};

/** A request that is authorized and paid for: only this can be sent upstream. */
export type Admission = PlacedHold & {
  dialect: Dialect;
  clientHeaders: ClientHeaders;
  model: Model;
  /** In the order in which they are tried. */
  routes: readonly [Route, ...Route[]];
  /** The same, and why. */
  planned: readonly PlannedTarget[];
  conversation: Conversation | null;
  inputTokenEstimate: number;
  /** Whether a hard budget applies. */
  hasBudget: boolean;
  /** Whether a route's answer is read to its end without its client. */
  readsOn: (route: Route) => boolean;
  /** Whether a stream is read without its client at least until it has counted its input. */
  awaitsInput: boolean;
  /** Whether only the provider's report can tell how large the input is, and a budget must cover that. */
  awaitsReport: boolean;
  /** Null if no rate windows apply. */
  rates: RateTicket | null;
  /** On the clock of `performance.now()`. */
  receivedAtMs: number;
};
