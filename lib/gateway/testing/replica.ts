import { createServer } from "node:http";
import { openHotDatabase } from "#lib/db/client";
import { answerNode } from "#lib/gateway/mounts/node";
import { createGateway } from "#lib/gateway/runtime/create-gateway";

/** The first argument of a replica, as JSON. */
export type ReplicaStart = { databaseUrl: string; encryptionKey: string; redisUrl: string };
/** The message that a replica sends once it listens. */
export type ReplicaReady = { port: number };
/** A message to a replica: how far its clock runs ahead of the machine's. */
export type ReplicaClock = { aheadMs: number };

/** A gateway in its own process (rate-limit-storm.db.test.ts), which ends with its parent. */
const start: ReplicaStart = JSON.parse(process.argv[2] ?? "{}");
const gateway = createGateway(openHotDatabase(start.databaseUrl), {
  ENCRYPTION_KEY: start.encryptionKey,
  REDIS_URL: start.redisUrl,
  REQUEST_TIMEOUT_MS: 30_000,
  MAX_BODY_BYTES: 1_048_576,
  BLOCK_PRIVATE_UPSTREAMS: false,
  TRUSTED_PROXIES: [],
});
const server = createServer((incoming, outgoing) => answerNode(gateway, incoming, outgoing));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") {
    process.send?.({ port: address.port } satisfies ReplicaReady);
  }
});
const machineNow = Date.now.bind(Date);
process.on("message", ({ aheadMs }: ReplicaClock) => {
  Date.now = () => machineNow() + aheadMs;
  process.send?.("set");
});
process.on("disconnect", () => process.exit());
