import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type postgres from "postgres";
import { secretHasher } from "#lib/auth/api-key";
import { openHotSql } from "#lib/db/client";
import { createTestDatabase } from "#lib/db/testing/test-database";
import { type Seeded, type SeedModel, seedGateway } from "../../e2e/seed";
import {
  type FakeUpstream,
  type FakeUpstreamOptions,
  startFakeUpstream,
} from "../../e2e/upstream/fake-upstream";
import type { Gateway } from "./gateway";
import { answerNode } from "./mount-node";
import { createGateway } from "./runtime";

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

/** A gateway over HTTP with a database and a fake upstream of its own. */
export async function startTestGateway(options: {
  models: SeedModel[];
  rules?: FakeUpstreamOptions["rules"];
  requestTimeoutMs?: number;
  maxBodyBytes?: number;
  trustedProxies?: string[];
}): Promise<TestGateway> {
  const database = await createTestDatabase();
  const upstream = await startFakeUpstream({ rules: options.rules });
  const encryptionKey = randomBytes(32).toString("base64");
  const seeded = await seedGateway(database.url, encryptionKey, {
    upstreamUrl: upstream.url,
    models: options.models,
  });
  const gateway = createGateway(openHotSql(database.url), {
    ENCRYPTION_KEY: encryptionKey,
    REQUEST_TIMEOUT_MS: options.requestTimeoutMs ?? 10_000,
    BLOCK_PRIVATE_UPSTREAMS: false,
    MAX_BODY_BYTES: options.maxBodyBytes ?? 1024 * 1024,
    TRUSTED_PROXIES: options.trustedProxies ?? [],
  });
  const server = createServer((incoming, outgoing) => answerNode(gateway, incoming, outgoing));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the test gateway has no port");
  const url = `http://127.0.0.1:${address.port}/v1`;

  return {
    url,
    gateway,
    upstream,
    seeded,
    sql: database.sql,
    hashSecret: secretHasher(encryptionKey),
    chat: (body, { headers, signal } = {}) =>
      fetch(`${url}/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${seeded.apiKey}`, "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
        signal,
      }),
    async settledRow(requestId) {
      for (let attempt = 0; attempt < 200; attempt++) {
        const [row] = await database.sql`SELECT * FROM ledger WHERE id = ${requestId} AND status <> 'held'`;
        if (row) return row;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error(`no settled row of ${requestId}`);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await gateway.settler.idle();
      await gateway.sql.end({ timeout: 1 });
      await upstream.close();
      await database.drop();
    },
  };
}
