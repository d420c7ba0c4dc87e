import { randomBytes } from "node:crypto";
import type { Actor } from "#lib/auth/actor";
import type { RoutingContext } from "#lib/services/providers/routing-context";
import { createWorld, type World } from "./world";

/** A world whose contexts have what the verbs of providers, models and prices need besides. */
export type RoutingWorld = Omit<World, "as"> & {
  encryptionKey: string;
  as(actor: Actor): ReturnType<World["as"]> & RoutingContext;
  /** The audit log's rows about a thing, oldest first. */
  audited(subjectId: string): Promise<Record<string, unknown>[]>;
  routingVersion(): Promise<number>;
};

export async function createRoutingWorld(): Promise<RoutingWorld> {
  const world = await createWorld();
  const encryptionKey = randomBytes(32).toString("base64");
  const config = { ENCRYPTION_KEY: encryptionKey, BLOCK_PRIVATE_UPSTREAMS: false };
  const sql = world.db.$client;
  return {
    ...world,
    encryptionKey,
    as: (actor) => ({ ...world.as(actor), config }),
    audited: async (subjectId) => [
      ...(await sql`
        SELECT action, subject_type, actor_id, before, after, ip FROM audit_log
        WHERE subject_id = ${subjectId} ORDER BY id`),
    ],
    routingVersion: async () => Number((await sql`SELECT version FROM routing_state`)[0]?.version),
  };
}
