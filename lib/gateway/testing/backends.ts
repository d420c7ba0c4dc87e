import { randomBytes } from "node:crypto";
import { createTestDatabase, type TestDatabase } from "#lib/db/testing/test-database";
import { type Seeded, type SeedModel, seedGateway } from "#lib/testing/seed";
import {
  type FakeUpstream,
  type FakeUpstreamOptions,
  startFakeUpstream,
} from "#lib/testing/upstream/fake-upstream";

/** What a gateway stands on: a seeded database, and a fake upstream that its models lead to. */
export type Backends = {
  database: TestDatabase;
  upstream: FakeUpstream;
  encryptionKey: string;
  seeded: Seeded;
  close(): Promise<void>;
};

export type BackendsOptions = {
  models: SeedModel[];
  rules?: FakeUpstreamOptions["rules"];
  /** Whether the upstream keeps what it would bill. */
  bill?: boolean;
  /** A new one if not given. */
  database?: TestDatabase;
  encryptionKey?: string;
};

/** Starts a fake upstream and seeds a database for it. */
export async function startBackends(options: BackendsOptions): Promise<Backends> {
  const [database, upstream] = await Promise.all([
    options.database ?? createTestDatabase(),
    startFakeUpstream({ rules: options.rules, bill: options.bill }),
  ]);
  const encryptionKey = options.encryptionKey ?? randomBytes(32).toString("base64");
  const seeded = await seedGateway(database.url, encryptionKey, {
    upstreamUrl: upstream.url,
    models: options.models,
  });
  return {
    database,
    upstream,
    encryptionKey,
    seeded,
    close: async () => {
      await upstream.close();
      await database.drop();
    },
  };
}
