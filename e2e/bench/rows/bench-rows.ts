import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { freePort } from "#lib/testing/listening";
import { startChildServer } from "../../child-server";
import { SERVER_ARGS } from "../../server-args";
import type { UndoSteps } from "../../undo-steps";
import type { RowsFlags } from "../flags";
import { machineLine } from "../machine";
import { signIn } from "../portal-pages";
import { openRows, type RowsData } from "./data";
import { type Ask, isMissed, measureReads, readTables } from "./measure-reads";
import { type Known, readsOf } from "./reads";
import { measureRetention, retentionTable } from "./retention-cost";
import { ROWS_ENCRYPTION_KEY } from "./rows-key";

const TOKEN = "a-token-of-the-bench-with-rows";
const SIGN_IN = { email: "admin@bench.test", password: "a-password-of-the-bench" };

/**
 * Makes a database with many requests, or opens that of an earlier run; measures what the Admin API and the portal read in it,
 * and what deleting a tenth of it costs the hot path.
 * @returns the exit code: 1 if a bar is missed
 */
export async function benchRows(
  { rows, folder, only }: RowsFlags,
  report: (step: string) => void,
  undo: UndoSteps,
): Promise<number> {
  const data = await openRows(folder, rows, report);
  undo.push(data.server.stop);
  const measured = await measureServer(data, only, report, undo);
  const cost = "retention".includes(only) ? await measureRetention(data, report) : undefined;
  const missed = measured.filter(isMissed);
  const machine = machineLine(folder, data.version);
  const parts = [
    `${machine}; ${rows} requests over 100 days`,
    readTables(measured),
    cost === undefined ? "" : retentionTable(cost),
    `${missed.length} of ${measured.filter(({ barMs }) => barMs !== null).length} reads miss their bar`,
  ];
  console.log(`\n${parts.filter((part) => part !== "").join("\n\n")}`);
  return missed.length > 0 || (cost !== undefined && !cost.met) ? 1 : 0;
}

async function measureServer(data: RowsData, only: string, report: (step: string) => void, undo: UndoSteps) {
  const known = await knownIds(data);
  const reads = readsOf(data, known).filter(({ section, name }) => `${section}: ${name}`.includes(only));
  if (reads.length === 0) return [];
  const logs = mkdtempSync(join(tmpdir(), "tollgate-bench-"));
  undo.push(() => rmSync(logs, { recursive: true, force: true }));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  report("starting the server");
  const server = await startChildServer({
    args: [...SERVER_ARGS],
    env: {
      PORT: String(port),
      HOST: "127.0.0.1",
      DATA_DIR: join(logs, "data"),
      DATABASE_URL: data.server.socketUrl,
      ENCRYPTION_KEY: ROWS_ENCRYPTION_KEY,
      NEXTAUTH_SECRET: ROWS_ENCRYPTION_KEY,
      NEXTAUTH_URL: url,
      ADMIN_API_KEY: TOKEN,
      ADMIN_EMAIL: SIGN_IN.email,
      ADMIN_PASSWORD: SIGN_IN.password,
      LOG_RETENTION_DAYS: "36500",
    },
    port,
    readyPath: "/sign-in",
    logFile: join(logs, "server.log"),
  });
  undo.push(server.stop);
  const page = await signIn(url, SIGN_IN);
  const askers = {
    admin: askWith(url, TOKEN),
    organization: askWith(url, await tokenOf(url, known.organization)),
    portal: async (path: string) => {
      await page(path);
      return 200;
    },
  };
  return measureReads(reads, askers, report);
}

const askWith =
  (url: string, token: string): Ask =>
  async (path, firstByte) => {
    const cut = new AbortController();
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${url}/api/admin/v1${path}`, { headers, signal: cut.signal });
    if (firstByte) {
      await answer.body?.getReader().read();
      cut.abort();
    } else await answer.arrayBuffer();
    return answer.status;
  };

/** A token of the largest organization's admin. */
async function tokenOf(url: string, organizationId: string): Promise<string> {
  const answer = await fetch(`${url}/api/admin/v1/admin-tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "bench", role: "org_admin", organization_id: organizationId }),
  });
  const created: unknown = await answer.json();
  if (typeof created !== "object" || created === null || !("token" in created)) {
    throw new Error(`POST /admin-tokens answered ${answer.status}.`);
  }
  return String(created.token);
}

async function knownIds({ server, start, end }: RowsData): Promise<Known> {
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  const id = (table: string, name: string) =>
    sql<{ id: string }[]>`SELECT id FROM ${sql(table)} WHERE name = ${name}`.then(([row]) => row?.id ?? "");
  const [request] = await sql<{ id: string; client: string; session: string }[]>`
    SELECT id, client_request_id AS client, session_id AS session FROM ledger
    WHERE id > tollgate_id_floor(${new Date((start.getTime() + end.getTime()) / 2)}) AND session_id IS NOT NULL ORDER BY id LIMIT 1`;
  const known = {
    organization: await id("organizations", "Organization 01"),
    smallOrganization: await id("organizations", "Organization 50"),
    user: await id("users", "User 1"),
    key: await id("api_keys", "Key 1"),
    app: await id("apps", "App 1"),
    quietApp: await id("apps", "App 40"),
    request: request?.id ?? "",
    clientRequestId: request?.client ?? "",
    sessionId: request?.session ?? "",
  };
  await sql.end();
  return known;
}
