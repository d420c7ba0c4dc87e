import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openJournal } from "./journal";
import { setAsideIn } from "./rejected-items";
import type { ReplayItem } from "./replay";

let directory: string;

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "tollgate-aside-")), "journal");
});
afterEach(() => rm(join(directory, ".."), { recursive: true, force: true }));

const item = (id: string): ReplayItem => ({ id, status: "settled", cost: "0.25" });

test("what is set aside is a line each, once, for nobody else to read", async () => {
  const aside = setAsideIn(directory, "me");
  await aside.add([item("a")]);
  await aside.add([item("a"), item("b")]);
  const lines = (await readFile(aside.path, "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([item("a"), item("b")]);
  expect((await stat(aside.path)).mode & 0o077).toBe(0);
});

test("nothing set aside is no file", async () => {
  await setAsideIn(directory, "me").add([]);
  expect(await readdir(directory).catch(() => [])).toEqual([]);
});

test("no journal takes the file for one that a dead process has left", async () => {
  await setAsideIn(directory, "me").add([item("a")]);
  const journal = openJournal(directory, crypto.randomUUID());
  expect(await journal.inherit()).toEqual([]);
  await journal.close();
});
