import { randomUUID } from "node:crypto";
import { appendFile, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Entry, type Journal, openJournal } from "./journal";
import { nameOf, self } from "./journal-name";

let directory: string;
const open: Journal[] = [];

beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), "tollgate-journal-")), "journal");
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(open.splice(0).map((journal) => journal.close()));
  await rm(join(directory, ".."), { recursive: true, force: true });
});

function journal(ownerId: string = randomUUID()): Journal {
  const opened = openJournal(directory, ownerId);
  open.push(opened);
  return opened;
}

const entry = (ended: boolean, id: string = randomUUID()): Entry => ({
  ended,
  item: { id, status: ended ? "settled" : "swept" },
});

const files = () => readdir(directory).catch(() => []);

/** A dead process that has written `entries`. */
async function dead(entries: Entry[], more = ""): Promise<void> {
  const writer = journal();
  for (const each of entries) await writer.append(each);
  await writer.close();
  const [written = ""] = (await files()).filter((name) => !name.includes(".999999999-"));
  await rename(join(directory, written), join(directory, nameOfDead()));
  await appendFile(join(directory, nameOfDead()), more);
}
const deadId = randomUUID();
const nameOfDead = (host = self().host) =>
  nameOf({ originId: deadId, ownerId: deadId, pid: 999_999_999, identity: "0".repeat(12), host });

describe("a journal", () => {
  test("creates no file before the first line", async () => {
    const written = journal();
    expect(await written.takeOver()).toEqual([]);
    await written.clear(() => true);
    expect(await files()).toEqual([]);
  });

  test("has each entry as a line when append resolves, and only the owner may read it", async () => {
    const written = journal();
    const entries = Array.from({ length: 50 }, (_, index) => entry(index % 2 === 0));
    await Promise.all(entries.map(written.append));
    const [name = ""] = await files();
    const lines = (await readFile(join(directory, name), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(entries);
    expect((await stat(join(directory, name))).mode & 0o077).toBe(0);
  });

  test("is deleted when everything is done, and created again by the next line", async () => {
    const written = journal();
    await written.append(entry(true));
    await written.clear(() => false);
    expect(await files()).toHaveLength(1);
    await written.clear(() => true);
    expect(await files()).toEqual([]);
    await written.append(entry(true));
    expect(await files()).toHaveLength(1);
  });

  test("rejects when it cannot be written", async () => {
    await writeFile(directory, "a file");
    await expect(journal().append(entry(true))).rejects.toThrow();
  });

  test("starts a new file after another process has taken over the old one", async () => {
    const written = journal();
    await written.append(entry(true));
    const [name = ""] = await files();
    await rename(join(directory, name), join(directory, "taken"));
    const late = entry(true);
    await written.append(late);
    expect(await readFile(join(directory, name), "utf8")).toContain(late.item.id);
  });
});

describe("the journal of a dead process", () => {
  test("has one item per request, its ending if there is one, in any order of the lines", async () => {
    const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
    await dead([
      entry(false, first),
      entry(false, second),
      entry(true, first),
      entry(true, third),
      entry(false, third),
    ]);
    const [orphan] = await journal().takeOver();
    expect(await orphan?.read()).toEqual([
      { id: first, status: "settled" },
      { id: second, status: "swept" },
      { id: third, status: "settled" },
    ]);
  });

  test("skips a line that was cut short", async () => {
    const whole = entry(true);
    await dead([whole], '{"ended":true,"item":{"id":"0199');
    const [orphan] = await journal().takeOver();
    expect(await orphan?.read()).toEqual([whole.item]);
  });

  test("is taken over by one of many processes, which keeps it until it is deleted", async () => {
    await dead([entry(true)]);
    const others = [journal(), journal(), journal()];
    const takenOver = await Promise.all(others.map((other) => other.takeOver()));
    expect(takenOver.flat()).toHaveLength(1);
    const owner = others[takenOver.findIndex((found) => found.length === 1)];
    const [again] = (await owner?.takeOver()) ?? [];
    expect(await again?.read()).toHaveLength(1);
    await again?.remove();
    expect(await owner?.takeOver()).toEqual([]);
    expect(await files()).toEqual([]);
  });

  test("is not taken over while its process is alive", async () => {
    await journal().append(entry(true));
    expect(await journal().takeOver()).toEqual([]);
  });

  test("on another machine is taken over once its file has been unchanged for a minute", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    await dead([entry(true)]);
    const elsewhere = nameOfDead("f".repeat(12));
    await rename(join(directory, nameOfDead()), join(directory, elsewhere));
    const other = journal();
    expect(await other.takeOver()).toEqual([]);
    vi.advanceTimersByTime(50_000);
    await appendFile(join(directory, elsewhere), "\n");
    expect(await other.takeOver()).toEqual([]);
    vi.advanceTimersByTime(50_000);
    expect(await other.takeOver()).toEqual([]);
    vi.advanceTimersByTime(15_000);
    expect(await other.takeOver()).toHaveLength(1);
  });

  test("is distinguished from other files", async () => {
    await journal().append(entry(true));
    await writeFile(join(directory, "notes.txt"), "mine");
    expect(await journal().takeOver()).toEqual([]);
    expect(await files()).toContain("notes.txt");
  });
});
