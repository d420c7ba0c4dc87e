import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createHttpServer, type HttpServer } from "#lib/boot/server/http-server";
import { listen } from "#lib/boot/server/listen";
import { bundlePortalPrograms, type PortalPrograms } from "#lib/boot/testing/portal-programs";
import { childEnvironment } from "#lib/config/child-environment";
import { failOpenState } from "#lib/credit/fail-open/fail-open";
import { processState, waitUntilGone } from "#lib/db/embedded/processes";
import { explainer } from "#lib/services/models/explainer";
import { type PortalProcess, startPortalProcess } from "./process";

let programs: PortalPrograms;
let http: HttpServer;
let portal: PortalProcess;
let url = "";
let logged = "";
let finishStream = () => {};

beforeAll(async () => {
  programs = await bundlePortalPrograms();
  vi.stubEnv("PORTAL_TEST_SECRET", "as boot has completed it");
});
afterAll(() => programs.dispose());
beforeEach(async () => {
  logged = "";
  http = createHttpServer();
  const port = await listen(http.server, 0, "127.0.0.1");
  url = `http://127.0.0.1:${port}`;
  portal = startPortalProcess({
    port,
    program: programs.portal,
    write: (lines) => {
      logged += lines;
    },
  });
  await portal.started;
  http.open({
    gateway: (_request, response) => {
      response.write("first ");
      finishStream = () => response.end("last");
    },
    portal: portal.handle,
  });
});
afterEach(async () => {
  http.server.closeAllConnections();
  http.server.close();
  await portal.stop();
});

const facts = async (headers = {}) => (await fetch(`${url}/facts`, { headers })).json();
const status = async () => (await fetch(`${url}/keys`)).status;
const kill = () => process.kill(portal.pid() ?? 0, "SIGKILL");

describe("the portal process", () => {
  test("asks the data plane what would happen to a request", async () => {
    const explained = async () => (await fetch(`${url}/explain`)).text();
    const unknown = { unknown: "caller" as const, message: "Key or app not found." };
    explainer().explain = async ({ endpoint }) => ({ ...unknown, message: endpoint });
    expect(JSON.parse(await explained())).toEqual({ ...unknown, message: "messages" });
    explainer().explain = async () => Promise.reject(new Error("The database is away."));
    expect(await explained()).toBe("The data plane could not explain the request.");
    explainer().explain = null;
  });

  test("has our environment and port, and does not boot", async () => {
    expect(await facts()).toMatchObject({
      port: Number(new URL(url).port),
      secret: "as boot has completed it",
      mayBoot: false,
    });
  });

  test("has a bounded heap and keeps no source maps, whatever flags its parent has", async () => {
    const { heapLimitMb, flags } = await facts();
    // With 256 MB, a portal that had served pages ended at an import of 32 MB.
    expect(heapLimitMb).toBeGreaterThan(1_000);
    expect(heapLimitMb).toBeLessThan(1_200);
    expect(flags).not.toContain("--enable-source-maps");
    const { execArgv } = process;
    process.execArgv = [...execArgv, "--enable-source-maps", "--trace-warnings"];
    const other = startPortalProcess({ port: 1, program: programs.portal });
    process.execArgv = execArgv;
    const command = readFileSync(`/proc/${other.pid()}/cmdline`, "latin1").split("\0");
    await other.started;
    await other.stop();
    expect(command).toContain("--trace-warnings");
    expect(command).not.toContain("--enable-source-maps");
  });

  test("trusts our peer header, but not one from a client", async () => {
    expect(await facts({ "x-tollgate-peer": "guess 192.0.2.1" })).toMatchObject({ peer: "127.0.0.1" });
  });

  test("receives the state of the data plane soon after it changes", async () => {
    expect(await facts()).toMatchObject({ waiting: 0, canServe: false });
    Object.assign(failOpenState(), { waiting: 3, canServe: () => true });
    await expect.poll(() => facts()).toMatchObject({ waiting: 3, canServe: true });
    kill();
    await expect.poll(status).toBe(200);
    await expect.poll(() => facts()).toMatchObject({ waiting: 3, canServe: true });
    Reflect.deleteProperty(globalThis, Symbol.for("tollgate.fail-open"));
    await expect.poll(() => facts()).toMatchObject({ waiting: 0, canServe: false });
  });

  test("writes whole lines to our log", async () => {
    const printed = fetch(`${url}/print`);
    await sleep(50);
    expect(logged).toBe("");
    await expect.poll(() => logged).toBe('{"half":true}\n');
    await printed;
    await expect.poll(() => logged).toBe('{"half":true}\n{"next":1}\n');
  });

  test("blocks no stream when it is killed, answers 503, and restarts", async () => {
    const streamed = await fetch(`${url}/v1/stream`);
    const cutOff = await fetch(`${url}/never`);
    const killed = portal.pid();
    kill();
    await expect(cutOff.text()).rejects.toThrow();
    const rejected = await fetch(`${url}/keys`);
    expect(rejected.status).toBe(503);
    expect(rejected.headers.get("retry-after")).toBe("1");
    expect(await rejected.json()).toMatchObject({ error: { code: "service_unavailable" } });
    await expect.poll(status).toBe(200);
    expect(portal.pid()).not.toBe(killed);
    finishStream();
    expect(await streamed.text()).toBe("first last");
  });

  test("ignores signals, and leaves nothing behind when it is stopped", async () => {
    const pid = portal.pid() ?? 0;
    process.kill(pid, "SIGINT");
    process.kill(pid, "SIGTERM");
    await sleep(100);
    expect(await status()).toBe(200);
    await portal.stop();
    expect(processState(pid)).toBe("gone");
    expect(await status()).toBe(503);
  });

  test("reports why it cannot start", async () => {
    const broken = startPortalProcess({ port: 1, program: programs.broken });
    await expect(broken.started).rejects.toThrow("There is no build.");
    await broken.stop();
  });
});

describe("kill -9 of its parent", () => {
  test("ends it and leaves no folder", async () => {
    const place = mkdtempSync(join(tmpdir(), "portal-place-"));
    const parent = spawn(process.execPath, [programs.parent, programs.portal], {
      env: { ...childEnvironment(), TMPDIR: place },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [pid] = await once(parent.stdout, "data");
    expect(processState(Number(pid))).toBe("running");
    expect(readdirSync(place)).toHaveLength(1);
    parent.kill("SIGKILL");
    expect(await waitUntilGone(Number(pid), 5_000)).toBe(true);
    expect(readdirSync(place)).toEqual([]);
    rmSync(place, { recursive: true });
  });
});
