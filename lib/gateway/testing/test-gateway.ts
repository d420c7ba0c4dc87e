import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type postgres from "postgres";
import { afterAll } from "vitest";
import { secretHasher } from "#lib/auth/api-key";
import { openHotDatabase } from "#lib/db/client";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";
import { answerNode } from "#lib/gateway/mounts/node";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { createGateway } from "#lib/gateway/runtime/create-gateway";
import type { LimiterSettings } from "#lib/limits/limiter";
import { closeServer, listen } from "#lib/testing/listening";
import { postChat } from "#lib/testing/post-chat";
import { type Seeded, type SeedModel, seedGateway } from "#lib/testing/seed";
import {
  type FakeUpstream,
  type FakeUpstreamOptions,
  startFakeUpstream,
} from "#lib/testing/upstream/fake-upstream";

export type TestGateway = {
  /** Ends in `/v1`, as an SDK's base URL does. */
  url: string;
  gateway: Gateway;
  upstream: FakeUpstream;
  seeded: Seeded;
  sql: postgres.Sql;
  /** What a secret is stored as. */
  hashSecret: (secret: string) => Buffer;
  /** Posts a chat completion as the seeded caller. */
  chat(
    body: unknown,
    options?: { headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Response>;
  /** The ledger row of a request, once it is no longer held. */
  settledRow(requestId: string | null): Promise<postgres.Row>;
  close(): Promise<void>;
};

type TestGatewayOptions = {
  models: SeedModel[];
  rules?: FakeUpstreamOptions["rules"];
  requestTimeoutMs?: number;
  maxBodyBytes?: number;
  trustedProxies?: string[];
  /** Rate windows in process memory and no default, unless given. */
  limits?: LimiterSettings;
  /** Null, the default: no disk. */
  journalDirectory?: string | null;
  /** The same as a gateway sees it, where there is something in between; a migrated one, where it is not the run's. */
  databaseUrl?: (url: string) => string;
  database?: TestDatabase;
  encryptionKey?: string;
};

/** Starts a gateway for the tests of a file, and closes it after them. */
export async function testGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const gate = await startTestGateway(options);
  afterAll(() => gate.close());
  return gate;
}

/** Starts a gateway over HTTP, with its own database and fake upstream. */
export async function startTestGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const database = options.database ?? (await createTestDatabase());
  const upstream = await startFakeUpstream({ rules: options.rules });
  const encryptionKey = options.encryptionKey ?? randomBytes(32).toString("base64");
  const seeded = await seedGateway(database.url, encryptionKey, {
    upstreamUrl: upstream.url,
    models: options.models,
  });
  const hot = openHotDatabase(options.databaseUrl?.(database.url) ?? database.url);
  const settings = {
    ENCRYPTION_KEY: encryptionKey,
    REQUEST_TIMEOUT_MS: options.requestTimeoutMs ?? 10_000,
    BLOCK_PRIVATE_UPSTREAMS: false,
    MAX_BODY_BYTES: options.maxBodyBytes ?? 1024 * 1024,
    TRUSTED_PROXIES: options.trustedProxies ?? [],
    ...options.limits,
  };
  const gateway = createGateway(hot, settings, options.journalDirectory);
  const server = createServer((incoming, outgoing) => answerNode(gateway, incoming, outgoing));
  const url = `http://127.0.0.1:${await listen(server)}/v1`;

  return {
    url,
    gateway,
    upstream,
    seeded,
    sql: database.sql,
    hashSecret: secretHasher(encryptionKey),
    chat: (body, options) => postChat(url, seeded.apiKey, body, options),
    async settledRow(requestId) {
      for (let attempt = 0; attempt < 200; attempt++) {
        const [row] = await database.sql`SELECT * FROM ledger WHERE id = ${requestId} AND status <> 'held'`;
        if (row) return row;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`no settled row of ${requestId}`);
    },
    async close() {
      await closeServer(server);
      await Promise.all([gateway.settler.idle(), gateway.failOpen?.idle()]);
      await gateway.failOpen?.close();
      await gateway.rejections.flush();
      await hot.close(1);
      await gateway.limiter.close();
      await upstream.close();
      await database.drop();
    },
  };
}
