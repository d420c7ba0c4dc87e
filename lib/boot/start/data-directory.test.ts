import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { processIdentity, processState } from "#lib/db/embedded/processes";
import { startZombie } from "#lib/testing/zombie";
import { type DataDirectory, openDataDirectory } from "./data-directory";

let path = "";
let opened: DataDirectory[] = [];
const lock = () => join(path, "lock");

async function open() {
  const directory = await openDataDirectory(path);
  opened.push(directory);
  return directory;
}

function leaveLock(holder: { pid: number; identity: string; host?: string }) {
  writeFileSync(lock(), JSON.stringify({ host: hostname(), ...holder }));
}

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "tollgate-data-"));
});
afterEach(() => {
  for (const directory of opened) directory.release();
  opened = [];
  rmSync(path, { recursive: true, force: true });
});

describe("the data directory", () => {
  test("is created if missing, and unlocked on release", async () => {
    const deep = join(path, "deep/er");
    const directory = await openDataDirectory(deep);
    expect(directory.path).toBe(deep);
    expect(JSON.parse(readFileSync(join(deep, "lock"), "utf8"))).toMatchObject({ pid: process.pid });
    directory.release();
    expect(readdirSync(deep)).toEqual([]);
  });

  test("belongs to one process at a time, which the error names", async () => {
    await open();
    await expect(open()).rejects.toThrow(
      new RegExp(`^Tollgate already runs on ${path} \\(process ${process.pid}\\): stop it first`),
    );
  });

  test("causes a one-line error when it cannot be written", async () => {
    const file = join(path, "file");
    writeFileSync(file, "");
    await expect(openDataDirectory(join(file, "data"))).rejects.toThrow(
      /^Cannot write to the data directory .*file\/data \(ENOTDIR\): .*DATA_DIR/,
    );
  });
});

describe("a lock that a crash left behind is taken over", () => {
  test("when its process is gone", async () => {
    const gone = spawn("true");
    await once(gone, "exit");
    leaveLock({ pid: gone.pid ?? 0, identity: "whatever" });
    await open();
    expect(readdirSync(path)).toEqual(["lock"]);
    expect(JSON.parse(readFileSync(lock(), "utf8"))).toMatchObject({ pid: process.pid });
  });

  test("when another program has its process id, as in a container ours may", async () => {
    leaveLock({ pid: process.pid, identity: "of an earlier boot" });
    await open();
  });

  test("when its process is a zombie", async () => {
    const zombie = await startZombie();
    const identity = processIdentity(zombie.pid);
    await expect.poll(() => processState(zombie.pid)).toBe("zombie");
    leaveLock({ pid: zombie.pid, identity });
    await open();
    await zombie.end();
  });

  test("when it was only partly written", async () => {
    writeFileSync(lock(), '{"pid":');
    await open();
  });

  test("when it belongs to another machine and is stale", async () => {
    leaveLock({ pid: process.pid, identity: processIdentity(process.pid), host: "another" });
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(lock(), longAgo, longAgo);
    await open();
  });
});

describe("a lock is respected", () => {
  test("while its process runs", async () => {
    const holder = spawn("sleep", ["60"]);
    await once(holder, "spawn");
    leaveLock({ pid: holder.pid ?? 0, identity: processIdentity(holder.pid ?? 0) });
    await expect(open()).rejects.toThrow(new RegExp(`process ${holder.pid}\\)`));
    expect(existsSync(lock())).toBe(true);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    await open();
  });

  test("while its process on another machine keeps touching it", async () => {
    leaveLock({ pid: 1, identity: "x", host: "another" });
    const heartbeat = setInterval(() => utimesSync(lock(), new Date(), new Date()), 100);
    await expect(open()).rejects.toThrow(/already runs on .* \(process 1 on another\)/);
    clearInterval(heartbeat);
  });
});
