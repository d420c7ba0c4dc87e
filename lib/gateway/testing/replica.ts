import { createServer } from "node:http";
import { openHotDatabase } from "#lib/db/client";
import { answerNode } from "#lib/gateway/mounts/node";
import { createGateway } from "#lib/gateway/runtime/create-gateway";

/** What a replica is told as it starts, as JSON in its first argument. */
export type ReplicaStart = { databaseUrl: string; encryptionKey: string; redisUrl: string };
/** What it says: once it listens. */
export type ReplicaReady = { port: number };
/** What it may be told later: how far its clock goes ahead of the machine's. */
export type ReplicaClock = { aheadMs: number };

/** A gateway in a process of its own (rate-limit-storm.db.test.ts); it ends with its parent. */
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
