import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "#lib/testing/listening";
import { startChildServer } from "../child-server";
import { SERVER_ARGS } from "../server-args";
import type { UndoSteps } from "../undo-steps";
import { cpuTimesMs } from "./cpu-time";

/**
 * What pages cost the portal's process. `cpuMs` is the mean of a warm load, garbage collection included; `htmlKb` is not
 * compressed.
 */
export type PortalPages = {
  pages: { path: string; cpuMs: number; htmlKb: number }[];
  /** After `loads` pages of the whole portal. */
  rssMb: number;
  loads: number;
};

/** The bar on CPU is on these two; the others show Next's own share: no page, and the frame with a small one. */
export const JUDGED_PATHS: readonly string[] = ["/", "/requests"];
const PATHS = [...JUDGED_PATHS, "/no-such-page", "/tokens"];
const LISTS = ["/keys", "/users", "/organizations", "/apps", "/audit", "/rejections", "/account"];
const ADMIN = { email: "admin@bench.test", password: "a-password-of-the-bench" };

/**
 * Measures the portal on demo data, one request at a time, as a signed-in administrator.
 * @throws when it does not start, or a page fails
 */
export async function measurePortal(
  folder: string,
  pace: { warmUpLoads: number; measuredLoads: number; wholeLoads: number },
  undo: UndoSteps,
): Promise<PortalPages> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startChildServer({
    args: [...SERVER_ARGS, "--demo"],
    env: {
      PORT: String(port),
      HOST: "127.0.0.1",
      DATA_DIR: join(folder, "portal-data"),
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      NEXTAUTH_URL: url,
    },
    port,
    readyPath: "/sign-in",
    logFile: join(folder, "portal.log"),
  });
  undo.push(server.stop);
  const pid = portalOf(server.pid);
  const get = await signIn(url, ADMIN);

  const pages: PortalPages["pages"] = [];
  for (const path of PATHS) {
    let html = "";
    for (let load = 0; load < pace.warmUpLoads; load++) html = await get(path);
    const [before = 0] = cpuTimesMs([pid]);
    for (let load = 0; load < pace.measuredLoads; load++) await get(path);
    const [after = 0] = cpuTimesMs([pid]);
    pages.push({
      path,
      cpuMs: (after - before) / pace.measuredLoads,
      htmlKb: Buffer.byteLength(html) / 1024,
    });
  }

  const paths = new Set([...JUDGED_PATHS, "/tokens", ...LISTS]);
  for (const list of [...paths]) {
    for (const [, found = ""] of (await get(list)).matchAll(/href="(\/[a-z]+\/[0-9a-f-]{36})"/g)) {
      paths.add(found);
    }
  }
  const all = [...paths];
  for (let load = 0; load < pace.wholeLoads; load++) await get(all[load % all.length] ?? "/");
  return { pages, rssMb: residentMb(pid), loads: pace.wholeLoads };
}

/** @returns a function that loads a page as a browser does, and follows no redirect */
export async function signIn(
  url: string,
  { email, password }: { email: string; password: string },
): Promise<(path: string) => Promise<string>> {
  const cookies = new Map<string, string>();
  const ask = async (path: string, init: RequestInit = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url + path, {
      ...init,
      redirect: "manual",
      headers: { accept: "text/html", "sec-fetch-dest": "document", cookie },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return { status: answer.status, body: await answer.text() };
  };
  const csrf: unknown = JSON.parse((await ask("/api/auth/csrf")).body);
  const csrfToken =
    typeof csrf === "object" && csrf !== null && "csrfToken" in csrf ? String(csrf.csrfToken) : "";
  const credentials = { csrfToken, email, password, json: "true" };
  await ask("/api/auth/callback/credentials", { method: "POST", body: new URLSearchParams(credentials) });
  return async (path) => {
    const { status, body } = await ask(path);
    if (status !== (path === "/no-such-page" ? 404 : 200)) throw new Error(`${path} answered ${status}.`);
    return body;
  };
}

function portalOf(serverPid: number): number {
  const isPortal = (pid: string) => {
    try {
      const [parent] = /(?<=^PPid:\s+)\d+/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
      return (
        parent === String(serverPid) && readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("portal.js")
      );
    } catch {
      // It has ended.
      return false;
    }
  };
  const pid = readdirSync("/proc").find((name) => /^\d+$/.test(name) && isPortal(name));
  if (pid === undefined) throw new Error("The portal's process was not found in /proc.");
  return Number(pid);
}

function residentMb(pid: number): number {
  const [kilobytes] = /(?<=^VmRSS:\s+)\d+/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
  return Number(kilobytes) / 1024;
}

/** Formats the Markdown table. */
export function portalTable({ pages, rssMb, loads }: PortalPages): string {
  return [
    "| the portal's process, demo data | | HTML |",
    "|---|--:|--:|",
    ...pages.map(
      ({ path, cpuMs, htmlKb }) =>
        `| CPU of a warm load of \`${path}\` | ${cpuMs.toFixed(1)} ms | ${htmlKb.toFixed(0)} KB |`,
    ),
    `| memory after ${loads} pages of the whole portal | ${rssMb.toFixed(0)} MB | |`,
  ].join("\n");
}
