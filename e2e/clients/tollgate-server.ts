import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { Price } from "#lib/services/prices/price";
import type { LedgerRequest } from "#lib/services/requests/ledger-request";
import { freePort } from "#lib/testing/listening";
import { startChildServer } from "../child-server";
import { SERVER_ARGS } from "../server-args";

const ADMIN_API_KEY = "admin-key-of-the-clients-test";

export type TollgateServer = {
  url: string;
  /** A folder that is deleted after the tests. */
  work: string;
  /** Calls the admin API. @throws for any status but 2xx */
  api: (method: string, path: string, body?: object) => ReturnType<Response["json"]>;
  createKey: (name: string) => Promise<{ id: string; key: string }>;
  /** A key's rows; all are settled: a stream's last event is sent once its row is. */
  rowsOf: (keyId: string) => Promise<LedgerRequest[]>;
  priceOf: (model: string) => Promise<Price>;
};

/** Starts the demo for the tests of a file. */
export async function startTollgate(): Promise<TollgateServer> {
  const work = mkdtempSync(join(tmpdir(), "tollgate-clients-"));
  const port = await freePort();
  const server = await startChildServer({
    args: [...SERVER_ARGS, "--demo"],
    env: { PORT: String(port), HOST: "127.0.0.1", DATA_DIR: join(work, "data"), ADMIN_API_KEY },
    port,
    readyPath: "/readyz",
    logFile: join(work, "server.log"),
  });
  afterAll(async () => {
    await server.stop();
    rmSync(work, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;

  async function api(method: string, path: string, body?: object) {
    const answer = await fetch(`${url}/api/admin/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_API_KEY}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(said)}`);
    return said;
  }

  return {
    url,
    work,
    api,
    async createKey(name) {
      const budget = { limit_usd: "20", period: "total" };
      const organization = await api("POST", "/organizations", { name: `Clients: ${name}`, budget });
      return api("POST", "/api-keys", { name, organization_id: organization.id });
    },
    rowsOf: async (keyId) => (await api("GET", `/requests?api_key_id=${keyId}`)).data,
    async priceOf(model) {
      const { data } = await api("GET", "/models?limit=100");
      return data.find(({ name }: { name: string }) => name === model).targets[0].price;
    },
  };
}
