import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { projectRoot } from "#lib/config/project-root";
import { postgresOptions } from "#lib/db/socket-url";
import { bundleProgram } from "#lib/testing/bundle-program";
import { startZombie } from "#lib/testing/zombie";
import { chooseAccount, nobodyAccount } from "./account";
import { findBinaries } from "./binaries";
import { allocatorSettings, availableMemoryBytes } from "./memory-settings";
import { clearPidFile, readPidFile } from "./pid-file";
import { processState, waitUntilGone } from "./processes";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./supervisor";

const asRootOnLinux = process.platform === "linux" && process.getuid?.() === 0;

const OTHER_USER = { uid: 54_321, gid: 54_321 };

/** Whether another user may read this project and create a user namespace. */
function otherUserCanRun(): boolean {
  const program = "require('fs').readdirSync('node_modules')";
  const options = { ...OTHER_USER, cwd: projectRoot(), stdio: "ignore" } as const;
  return (
    asRootOnLinux &&
    spawnSync(process.execPath, ["-e", program], options).status === 0 &&
    spawnSync("unshare", ["-U", "true"], options).status === 0
  );
}

let parent = "";
const started: EmbeddedPostgres[] = [];
const dataDirectory = () => join(parent, "postgres/data");

async function start(options: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}) {
  const server = await startEmbeddedPostgres({
    directory: join(parent, "postgres"),
    durable: false,
    ...options,
  });
  started.push(server);
  return server;
}

async function query(url: string, statement: string) {
  const [place, options] = postgresOptions(url);
  const sql = postgres(place, { ...options, max: 1, onnotice: () => {}, connect_timeout: 5 });
  try {
    return await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

/** A program that starts the database in the given directory, prints its pid, and waits. */
const HOLDER = `
  import { startEmbeddedPostgres } from "#lib/db/embedded/supervisor";
  const server = await startEmbeddedPostgres({ directory: process.argv[2] });
  console.log(server.pid());
  setInterval(() => {}, 1000);`;

beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), "tollgate-embedded-"));
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
});
afterAll(() => rmSync(parent, { recursive: true, force: true }));

describe("the embedded PostgreSQL", () => {
  test("starts in an empty directory, requires its password, and keeps its data", async () => {
    const first = await start();
    await query(first.url, "CREATE TABLE kept AS SELECT 42 AS answer");
    const wrong = first.url.replace(/:[^:@]+@/, ":guess@");
    await expect(query(wrong, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
    await first.stop();
    expect(processState(first.pid())).not.toBe("running");

    const second = await start();
    expect(await query(second.url, "SELECT answer FROM kept")).toMatchObject([{ answer: 42 }]);
    expect(await query(second.url, "SHOW server_version_num")).toMatchObject([
      { server_version_num: expect.stringMatching(/^18/) },
    ]);
  });

  test("listens on loopback and on a socket in its own directory, and makes its files private", async () => {
    const server = await start();
    const { hostname, port } = new URL(server.url);
    expect(hostname).toBe("127.0.0.1");
    // An outgoing connection of any process could take a port of the system's choice while the database restarts.
    expect(Number(port)).toBeLessThan(32_768);
    expect(await query(server.url, "SHOW listen_addresses")).toMatchObject([
      { listen_addresses: "127.0.0.1" },
    ]);
    expect(await query(server.url, "SHOW unix_socket_directories")).toMatchObject([
      { unix_socket_directories: "." },
    ]);
    const bySocketQuery = "SELECT inet_client_addr() IS NULL AS by_socket";
    expect(await query(server.url, bySocketQuery)).toMatchObject([{ by_socket: false }]);
    expect(await query(server.socketUrl, bySocketQuery)).toMatchObject([{ by_socket: true }]);
    const { password } = new URL(server.url);
    await expect(query(server.socketUrl.replace(password, "wrong"), bySocketQuery)).rejects.toThrow(
      "password",
    );
    expect(statSync(join(parent, "postgres/password")).mode & 0o777).toBe(0o600);
    expect(statSync(dataDirectory()).mode & 0o777).toBe(0o700);
  });

  test("flushes to disk unless a test disables that", async () => {
    const server = await start({ durable: true });
    expect(await query(server.url, "SHOW fsync")).toMatchObject([{ fsync: "on" }]);
    expect(await query(server.url, "SHOW synchronous_commit")).toMatchObject([{ synchronous_commit: "on" }]);
  });

  test("keeps a report's memory for the next one", async () => {
    const server = await start();
    await query(server.url, "CREATE TABLE environment (setting text)");
    await query(server.url, "COPY environment FROM PROGRAM 'env | grep ^MALLOC_ | sort'");
    const [mapped, kept] = Object.entries(allocatorSettings(availableMemoryBytes()))
      .map(([k, v]) => `${k}=${v}`)
      .sort();
    expect(await query(server.url, "SELECT setting FROM environment")).toMatchObject([
      { setting: mapped },
      { setting: kept },
    ]);
    await query(server.url, "DROP TABLE environment");
  });

  test("restarts at the same address when it is killed", async () => {
    const reasons: string[] = [];
    const server = await start({ onEnd: (reason) => reasons.push(reason) });
    const killed = server.pid();
    process.kill(killed, "SIGKILL");
    // Before that, one that was forked before the signal may answer.
    await expect.poll(() => server.pid(), { timeout: 20_000 }).not.toBe(killed);
    await expect
      .poll(() => query(server.url, "SELECT 1 AS one").catch(() => []), { timeout: 20_000 })
      .toHaveLength(1);
    expect(reasons).toEqual(["the database ended (SIGKILL) and is restarted"]);
  });

  test("restarts when its port was in use for a moment", async () => {
    const occupant = createServer();
    const server = await start({ onEnd: () => occupant.listen(port, "127.0.0.1") });
    const port = Number(new URL(server.url).port);
    const log = () => readFileSync(join(parent, "postgres/log"), "utf8");
    const failuresBefore = log().split("could not bind").length;
    process.kill(server.pid(), "SIGKILL");
    await expect.poll(() => log().split("could not bind").length).toBeGreaterThan(failuresBefore);
    occupant.close();
    await expect
      .poll(() => query(server.url, "SELECT 1 AS one").catch((error: unknown) => [String(error), log()]), {
        timeout: 20_000,
      })
      .toMatchObject([{ one: 1 }]);
  });

  test("reports in one line why it does not start", async () => {
    await expect(start({ settings: { shared_buffers: "nonsense" } })).rejects.toThrow(
      /^The embedded database does not start: .*shared_buffers.*log\)$/,
    );
  });

  test("does not change a directory that it did not create", async () => {
    const foreign = join(parent, "foreign");
    writeFileSync(foreign, "something else");
    await expect(start({ directory: foreign })).rejects.toThrow(/contains no Tollgate database/);
    expect(readFileSync(foreign, "utf8")).toBe("something else");
  });
});

describe("after a crash", () => {
  test("stops an orphaned server and starts on the same data", async () => {
    await (await start()).stop();
    const { postgres: program } = findBinaries(join(parent, "links"));
    const [command = "", ...parameters] = [...chooseAccount().command, program, "-D", dataDirectory()];
    const settings = ["-c", `unix_socket_directories=${parent}`, "-c", "listen_addresses="];
    const orphan = spawn(command, [...parameters, ...settings], { stdio: "ignore", detached: true });
    const ended = once(orphan, "exit");
    await expect.poll(() => readPidFile(dataDirectory())).toEqual({ pid: orphan.pid, ready: true });

    const server = await start();
    expect(await ended).toEqual([0, null]);
    expect(await query(server.url, "SELECT answer FROM kept")).toMatchObject([{ answer: 42 }]);
  });

  test("ignores a pid file that names another program", async () => {
    await (await start()).stop();
    const bystander = spawn("sleep", ["60"]);
    const lines = [bystander.pid, dataDirectory(), 1_700_000_000, 5432, "", "127.0.0.1", "", "ready"];
    writeFileSync(join(dataDirectory(), "postmaster.pid"), `${lines.join("\n")}\n`);
    const server = await start();
    expect(await query(server.url, "SELECT 1 AS one")).toHaveLength(1);
    expect(processState(bystander.pid ?? 0)).toBe("running");
    bystander.kill("SIGKILL");
    await once(bystander, "exit");
  });

  test("ignores a pid file that names a zombie", async () => {
    await (await start()).stop();
    const zombie = await startZombie();
    await expect.poll(() => processState(zombie.pid)).toBe("zombie");
    writeFileSync(join(dataDirectory(), "postmaster.pid"), `${zombie.pid}\n${dataDirectory()}\n1700000000\n`);
    const server = await start();
    expect(await query(server.url, "SELECT 1 AS one")).toHaveLength(1);
    await zombie.end();
  });

  test("keeps a pid file whose process is gone, which PostgreSQL handles itself", async () => {
    await (await start()).stop();
    const gone = spawn("true");
    await once(gone, "exit");
    const text = `${gone.pid}\n${dataDirectory()}\n1700000000\n`;
    writeFileSync(join(dataDirectory(), "postmaster.pid"), text);
    await clearPidFile(dataDirectory());
    expect(readFileSync(join(dataDirectory(), "postmaster.pid"), "utf8")).toBe(text);
    expect(await query((await start()).url, "SELECT 1 AS one")).toHaveLength(1);
  });

  test("ends the database when the process is killed, and recovers at the next start", async () => {
    const script = await bundleProgram(join(parent, "holder"), "holder", { code: HOLDER });
    const holder = spawn(process.execPath, [script, join(parent, "postgres")], {
      cwd: projectRoot(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [output] = await once(holder.stdout, "data");
    const pid = Number(String(output).trim());
    expect(processState(pid)).toBe("running");
    expect(readPidFile(dataDirectory())?.pid).toBe(pid);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    // On other systems it runs until the next start.
    if (process.platform === "linux") expect(await waitUntilGone(pid, 10_000)).toBe(true);
    const server = await start();
    expect(await query(server.url, "SELECT answer FROM kept")).toMatchObject([{ answer: 42 }]);
    const sockets = readdirSync(dataDirectory()).filter((name) => name.startsWith(".s.PGSQL."));
    expect(sockets.toSorted()).toEqual([
      `.s.PGSQL.${new URL(server.url).port}`,
      `.s.PGSQL.${new URL(server.url).port}.lock`,
    ]);
  });
});

describe.runIf(asRootOnLinux)("as root without user namespaces", () => {
  test("runs as nobody and changes the owner of the files in both directions", async () => {
    const server = await start({ account: nobodyAccount() });
    expect(readFileSync(`/proc/${server.pid()}/status`, "utf8")).toMatch(/^Uid:\s+65534\s+65534/m);
    expect(statSync(dataDirectory()).uid).toBe(65_534);
    expect(await query(server.url, "SELECT answer FROM kept")).toMatchObject([{ answer: 42 }]);
    await server.stop();

    const back = await start();
    expect(statSync(dataDirectory()).uid).toBe(0);
    expect(await query(back.url, "SELECT answer FROM kept")).toMatchObject([{ answer: 42 }]);
  });

  test.runIf(otherUserCanRun())("runs as a user without a name, as in containers", async () => {
    const directory = join(parent, "nameless");
    const script = await bundleProgram(join(parent, "holder"), "holder", { code: HOLDER });
    chmodSync(parent, 0o777);
    const holder = spawn(process.execPath, [script, directory], {
      cwd: projectRoot(),
      ...OTHER_USER,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [output] = await Promise.race([once(holder.stdout, "data"), once(holder.stderr, "data")]);
    expect(String(output)).toMatch(/^\d+\n$/);
    expect(statSync(join(directory, "data")).uid).toBe(OTHER_USER.uid);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    await waitUntilGone(Number(output), 10_000);
  });

  test("creates a new directory", async () => {
    const directory = join(parent, "by-nobody");
    const server = await start({ directory, account: nobodyAccount() });
    expect(await query(server.url, "SELECT current_user")).toMatchObject([{ current_user: "tollgate" }]);
    expect(existsSync(join(directory, "password"))).toBe(true);
  });
});
