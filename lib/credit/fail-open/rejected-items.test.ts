import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openJournal } from "./journal";
import { rejectedItemsIn } from "./rejected-items";
import type { ReplayItem } from "./replay";

let directory: string;

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "tollgate-rejected-")), "journal");
});
afterEach(() => rm(join(directory, ".."), { recursive: true, force: true }));

const item = (id: string): ReplayItem => ({ id, status: "settled", cost: "0.25" });

test("writes each item once, as a line that only the owner may read", async () => {
  const rejected = rejectedItemsIn(directory, "me");
  await rejected.add([item("a")]);
  await rejected.add([item("a"), item("b")]);
  const lines = (await readFile(rejected.path, "utf8")).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([item("a"), item("b")]);
  expect((await stat(rejected.path)).mode & 0o077).toBe(0);
});

test("creates no file without an item", async () => {
  await rejectedItemsIn(directory, "me").add([]);
  expect(await readdir(directory).catch(() => [])).toEqual([]);
});

test("is not taken over as the journal of a dead process", async () => {
  await rejectedItemsIn(directory, "me").add([item("a")]);
  const journal = openJournal(directory, crypto.randomUUID());
  expect(await journal.takeOver()).toEqual([]);
  await journal.close();
});
