import { createServer } from "node:http";
import type postgres from "postgres";
import { afterAll, afterEach } from "vitest";
import { secretHasher } from "#lib/auth/api-key";
import { openHotDatabase } from "#lib/db/client";
import { answerNode } from "#lib/gateway/mounts/node";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { createGateway } from "#lib/gateway/runtime/create-gateway";
import type { LimiterSettings } from "#lib/limits/limiter";
import { closeServer, listen } from "#lib/testing/listening";
import { postChat } from "#lib/testing/post-chat";
import type { Seeded, SeedModel } from "#lib/testing/seed";
import type { FakeUpstream } from "#lib/testing/upstream/fake-upstream";
import type { Scenario } from "#lib/testing/upstream/scenario";
import { type BackendsOptions, startBackends } from "./backends";

export type TestGateway = {
  /** Ends in `/v1`, as an SDK's base URL does. */
  url: string;
  gateway: Gateway;
  upstream: FakeUpstream;
  seeded: Seeded;
  sql: postgres.Sql;
  /** The hash under which a secret is stored. */
  hashSecret: (secret: string) => Buffer;
  encryptionKey: string;
  /** Posts a chat completion as the seeded caller. */
  chat(
    body: unknown,
    options?: { headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Response>;
  /** Posts a body to a path below `/v1/` as the seeded caller. */
  post(path: string, body: object, headers?: Record<string, string>): Promise<Response>;
  /** The ledger row of a request, once it is no longer held. */
  settledRow(requestId: string | null): Promise<postgres.Row>;
  /** The same, of the request that was answered so. */
  rowOf(response: Response): Promise<postgres.Row>;
  close(): Promise<void>;
};

type TestGatewayOptions = BackendsOptions & {
  requestTimeoutMs?: number;
  /** How long targets may send nothing, before their first content and after it. Default: no bound. */
  silenceMs?: number;
  maxBodyBytes?: number;
  trustedProxies?: string[];
  /** Default: rate windows in process memory, and no default limit. */
  limits?: LimiterSettings;
  /** Null, the default: no disk. */
  journalDirectory?: string | null;
  /** The database's URL for the gateway, if a proxy is in between. */
  databaseUrl?: (url: string) => string;
};

const RATES = { inputPerMtok: "2", outputPerMtok: "8" };

/**
 * Models that the upstream answers as their scenarios say.
 * @param fields of each model; without rates, $2 and $8 per million tokens
 */
export const modelsPlaying = (
  scenarios: Readonly<Record<string, Scenario>>,
  fields: Omit<SeedModel, "name"> = {},
) => ({
  models: Object.keys(scenarios).map((name): SeedModel => ({ name, rates: RATES, ...fields })),
  rules: Object.entries(scenarios).map(([model, scenario]) => ({ model, scenario })),
});

/** Starts a gateway for the tests of a file, and closes it after them. */
export async function testGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const gate = await startTestGateway(options);
  afterAll(() => gate.close());
  return gate;
}

/** Starts a gateway over HTTP, with its own database and fake upstream. */
export async function startTestGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const { database, upstream, encryptionKey, seeded, close } = await startBackends(options);
  if (options.silenceMs !== undefined)
    await database.sql`UPDATE model_targets SET timeout_ms = ${options.silenceMs}, idle_timeout_ms = ${options.silenceMs}`;
  const hot = openHotDatabase(options.databaseUrl?.(database.url) ?? database.url);
  const settings = {
    ENCRYPTION_KEY: encryptionKey,
    REQUEST_TIMEOUT_MS: options.requestTimeoutMs ?? 30_000,
    BLOCK_PRIVATE_UPSTREAMS: false,
    MAX_BODY_BYTES: options.maxBodyBytes ?? 1024 * 1024,
    TRUSTED_PROXIES: options.trustedProxies ?? [],
    ...options.limits,
  };
  const gateway = createGateway(hot, settings, options.journalDirectory);
  const server = createServer((incoming, outgoing) => answerNode(gateway, incoming, outgoing));
  const url = `http://127.0.0.1:${await listen(server)}/v1`;

  async function settledRow(requestId: string | null): Promise<postgres.Row> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const [row] = await database.sql`SELECT * FROM ledger WHERE id = ${requestId} AND status <> 'held'`;
      if (row) return row;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`no settled row of ${requestId}`);
  }

  return {
    url,
    gateway,
    upstream,
    seeded,
    sql: database.sql,
    hashSecret: secretHasher(encryptionKey),
    encryptionKey,
    chat: (body, options) => postChat(url, seeded.apiKey, body, options),
    post: (path, body, headers) =>
      fetch(`${url}/${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${seeded.apiKey}`, "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
    settledRow,
    rowOf: (response) => settledRow(response.headers.get("x-request-id")),
    async close() {
      await closeServer(server);
      await Promise.all([gateway.settler.idle(), gateway.failOpen?.idle()]);
      await gateway.failOpen?.close();
      await gateway.breakers.idle();
      await gateway.rejections.flush();
      await hot.close(1);
      await gateway.limiter.close();
      await close();
    },
  };
}

/** Restores the gateway's timeouts after each test of a file. */
export function restoreTimeouts({ gateway }: TestGateway): void {
  const { readOnMs, requestTimeoutMs } = gateway;
  afterEach(() => {
    Object.assign(gateway, { readOnMs, requestTimeoutMs });
  });
}

/** Gives each model whose name ends in a plus a second target, which answers at once. */
export async function addSecondTargets({ sql }: Pick<TestGateway, "sql">): Promise<void> {
  await sql`
    INSERT INTO model_targets (model_id, provider_id, upstream_model, price_version_id, priority, context_window)
    SELECT t.model_id, t.provider_id, 'instant', t.price_version_id, 1, t.context_window
    FROM model_targets t JOIN models m ON m.id = t.model_id WHERE m.name LIKE '%+'`;
}
