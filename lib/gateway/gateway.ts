import "server-only";
import type { CallerDirectory } from "#lib/auth/caller-directory";
import type { PlaceHold } from "#lib/credit/hold";
import type { Instance } from "#lib/credit/instance";
import type { Settler } from "#lib/credit/settle";
import type { Sql } from "#lib/db/client";
import type { ReadAddress } from "#lib/http/client-address";
import type { Logger } from "#lib/observability/log";
import type { Lanes } from "#lib/providers/registry";
import type { InFlight } from "./in-flight";
import type { RoutingDirectory } from "./routing";

/** All that the stages of the data plane work with: plain data, made once a process (runtime.ts). */
export type Gateway = {
  sql: Sql;
  instance: Instance;
  findCaller: CallerDirectory;
  clientAddress: ReadAddress;
  routing: RoutingDirectory;
  placeHold: PlaceHold;
  settler: Settler;
  lanes: Lanes;
  inFlight: InFlight;
  log: Logger;
  requestTimeoutMs: number;
  maxBodyBytes: number;
};
