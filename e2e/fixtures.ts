import { test as base, expect as playwrightExpect } from "@playwright/test";
import postgres from "postgres";
import { type Seeded, seedGateway } from "#lib/testing/seed";
import { type FakeUpstream, startFakeUpstream } from "#lib/testing/upstream/fake-upstream";
import { scenariosByModel } from "#lib/testing/upstream/scenario";
import { ADMIN_EMAIL, ADMIN_PASSWORD, type Mount, type Served, servedMount } from "./mounts";

export const expect = playwrightExpect;
export const adminEmail = ADMIN_EMAIL;
export const adminPassword = ADMIN_PASSWORD;

export type Gate = Served & {
  /** The base URL for an SDK. */
  v1: string;
  /** Key, ids and the canary: the provider's credential, which must never leak. */
  seeded: Seeded;
  upstream: FakeUpstream;
  sql: postgres.Sql;
  /** The name by which clients request a scenario of the fake upstream. */
  model(scenario: string): string;
};

/**
 * `gate`: a running mount, with a tenant, a key and a provider for this worker alone. The provider is a fake upstream
 * whose scenarios are selected by the model's name.
 */
export const test = base.extend<{ baseURL: string }, { gate: Gate }>({
  gate: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the dependencies from this pattern.
    async ({}, use, workerInfo) => {
      const mount: Mount = workerInfo.project.metadata.mount;
      const served = servedMount(mount, workerInfo.parallelIndex);
      const upstream = await startFakeUpstream();
      const sql = postgres(served.databaseUrl, { max: 2, onnotice: () => {} });
      const prefix = `w${workerInfo.workerIndex}`;
      const model = (scenario: string) => `${prefix}/${scenario}`;
      const seeded = await seedGateway(served.databaseUrl, served.encryptionKey, {
        upstreamUrl: upstream.url,
        models: [
          ...Object.keys(scenariosByModel).map((scenario) => ({
            name: model(scenario),
            upstreamModel: scenario,
          })),
          { name: model("simulated"), providerType: "simulated" },
        ],
      });
      await use({ ...served, v1: `${served.url}/v1`, seeded, upstream, sql, model });
      await sql.end();
      await upstream.close();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ gate }, use) => use(gate.url),
  page: async ({ page }, use) => {
    const goto = page.goto.bind(page);
    page.goto = async (...to) => {
      const answer = await goto(...to);
      await expect
        .poll(() => page.evaluate(isTakenOver).catch(() => false), {
          message: "React listens to the page",
          intervals: [20, 50],
        })
        .toBe(true);
      return answer;
    };
    await use(page);
  },
});

/** Whether React listens to a page of the portal yet, which it does soon after it has loaded. Other pages have none. */
const isTakenOver = () =>
  document.querySelector('script[src*="/_next/"]') === null ||
  Object.keys(document).some((key) => key.startsWith("__reactContainer"));

/** Waits until a request is no longer held, and returns its ledger row. */
export async function settledRow(gate: Gate, requestId: string | null): Promise<postgres.Row> {
  for (let attempt = 0; attempt < 250; attempt++) {
    const [row] = await gate.sql`SELECT * FROM ledger WHERE id = ${requestId} AND status <> 'held'`;
    if (row) return row;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`no settled row for request ${requestId}`);
}
