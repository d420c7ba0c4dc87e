import { z } from "zod";
import { ExplainAnswer, ExplainQuestion } from "#lib/services/models/explainer";

/** What `/health` reports about the data plane, which only the main process knows. */
const State = z.object({
  /** Journalled requests that are not in the ledger yet. */
  waiting: z.number(),
  /** Journalled requests that the ledger rejected. */
  rejected: z.number(),
  /** Whether any caller would be served without the database. */
  canServe: z.boolean(),
});
export type State = z.output<typeof State>;

/** Messages to the portal's process. Over IPC, because every user of the machine can read a command line. */
export const ToPortal = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("begin"),
    /** The Unix socket, or on Windows the pipe, to listen on. */
    address: z.string(),
    /** Where clients reach Tollgate. */
    port: z.number(),
    /** See lib/http/peer-stamp.ts. */
    peerSecret: z.string(),
  }),
  z.object({ kind: z.literal("state"), state: State }),
  /** Null: it could not be answered. */
  z.object({ kind: z.literal("explained"), id: z.number(), answer: ExplainAnswer.nullable() }),
]);
export type ToPortal = z.output<typeof ToPortal>;

/** Messages from it: it is ready, or why it failed, or what it asks the data plane. */
export const FromPortal = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("failed"), error: z.instanceof(Error) }),
  z.object({ kind: z.literal("explain"), id: z.number(), question: ExplainQuestion }),
]);
export type FromPortal = z.output<typeof FromPortal>;
