import { z } from "zod";

/** What `/health` tells of the data plane and only its own process knows. */
const State = z.object({
  /** Journalled requests that the ledger does not have yet. */
  waiting: z.number(),
  /** Those that it would not take. */
  refused: z.number(),
  /** Whether anybody would be served if the database were away. */
  servesAnybody: z.boolean(),
});
export type State = z.output<typeof State>;

/** What the portal's process is told. Over the channel: a command line everybody on the machine can read. */
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
]);
export type ToPortal = z.output<typeof ToPortal>;

/** What it says: it serves, or why it cannot. */
export const FromPortal = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("failed"), error: z.instanceof(Error) }),
]);
export type FromPortal = z.output<typeof FromPortal>;
