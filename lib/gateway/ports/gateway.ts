import type { CallerDirectory } from "#lib/auth/caller-directory";
import type { FailOpen } from "#lib/credit/fail-open/fail-open";
import type { RequestHold } from "#lib/credit/ledger/hold";
import type { Instance } from "#lib/credit/ledger/instance";
import type { Settler } from "#lib/credit/ledger/settle";
import type { Sql } from "#lib/db/client";
import type { DatabaseWatch } from "#lib/db/watch";
import type { RejectionNotes } from "#lib/gateway/rejections/rejection-notes";
import type { Breakers } from "#lib/gateway/routing/breakers";
import type { Conversations } from "#lib/gateway/routing/conversations";
import type { OfferedModels } from "#lib/gateway/routing/offered-models";
import type { RefusedFields } from "#lib/gateway/routing/refused-fields";
import type { RoutingDirectory } from "#lib/gateway/routing/routing";
import type { TargetRooms } from "#lib/gateway/routing/target-rooms";
import type { TargetStates } from "#lib/gateway/routing/target-states";
import type { ObservedPace } from "#lib/gateway/sizing/observed-pace";
import type { ReadAddress } from "#lib/http/client-address";
import type { RateLimiter } from "#lib/limits/limiter";
import type { Logger } from "#lib/observability/log";
import type { Exchange } from "#lib/providers/wire";
import type { AnswerBytes } from "./answer-bytes";
import type { BodyBytes } from "./body-bytes";
import type { CountingTurns } from "./counting-turns";
import type { InFlight } from "./in-flight";
import type { RequestLog } from "./request-log";

/** Everything that the stages of the data plane work with: plain data, created once per process (runtime/). */
export type Gateway = {
  sql: Sql;
  watch: DatabaseWatch;
  instance: Instance;
  callers: CallerDirectory;
  clientAddress: ReadAddress;
  routing: RoutingDirectory;
  /** The models of providers that need not be created. */
  offeredModels: OfferedModels;
  limiter: RateLimiter;
  /** Asks the ledger for a hold. */
  requestHold: RequestHold;
  settler: Settler;
  /** Null without a disk: then no request goes on while the database is unavailable. */
  failOpen: FailOpen | null;
  /** Sends a request to a provider. */
  exchange: Exchange;
  /** What was seen of targets. */
  targets: TargetStates;
  /** Which targets are down. */
  breakers: Breakers;
  /** Bounds what is sent to targets. */
  rooms: TargetRooms;
  conversations: Conversations;
  /** What targets have refused to read. */
  refusedFields: RefusedFields;
  inFlight: InFlight;
  /** Bounds the memory of the bodies in flight. */
  bodies: BodyBytes;
  /** The same for large whole answers. */
  answers: AnswerBytes;
  /** Bounds the time that requests near a limit take. */
  counting: CountingTurns;
  /** How fast targets generate, for answers whose end is not seen. */
  pace: ObservedPace;
  rejections: RejectionNotes;
  requestLog: RequestLog;
  log: Logger;
  /** The model of requests that name none. */
  defaultModel: string | null;
  requestTimeoutMs: number;
  maxBodyBytes: number;
  /** How long an answer is still read after its client is gone (client-disconnect.ts). */
  readOnMs: number;
};
