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

/** A process that has written `entries` and is no more. */
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
  test("is no file until there is something to write", async () => {
    const written = journal();
    expect(await written.inherit()).toEqual([]);
    await written.clear(() => true);
    expect(await files()).toEqual([]);
  });

  test("has what was appended, a line each, when append resolves; nobody else may read it", async () => {
    const written = journal();
    const entries = Array.from({ length: 50 }, (_, index) => entry(index % 2 === 0));
    await Promise.all(entries.map(written.append));
    const [name = ""] = await files();
    const lines = (await readFile(join(directory, name), "utf8")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(entries);
    expect((await stat(join(directory, name))).mode & 0o077).toBe(0);
  });

  test("is removed when all is done, and comes back with the next line", async () => {
    const written = journal();
    await written.append(entry(true));
    await written.clear(() => false);
    expect(await files()).toHaveLength(1);
    await written.clear(() => true);
    expect(await files()).toEqual([]);
    await written.append(entry(true));
    expect(await files()).toHaveLength(1);
  });

  test("that cannot be written says so", async () => {
    await writeFile(directory, "no directory");
    await expect(journal().append(entry(true))).rejects.toThrow();
  });

  test("that another has taken over, taking us for dead, is begun anew: no line goes where nobody reads", async () => {
    const written = journal();
    await written.append(entry(true));
    const [name = ""] = await files();
    await rename(join(directory, name), join(directory, "taken"));
    const late = entry(true);
    await written.append(late);
    expect(await readFile(join(directory, name), "utf8")).toContain(late.item.id);
  });
});

describe("what a dead process has left", () => {
  test("is one item a request, its ending where it has one, whatever the order of the lines", async () => {
    const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
    await dead([
      entry(false, first),
      entry(false, second),
      entry(true, first),
      entry(true, third),
      entry(false, third),
    ]);
    const [inheritance] = await journal().inherit();
    expect(await inheritance?.read()).toEqual([
      { id: first, status: "settled" },
      { id: second, status: "swept" },
      { id: third, status: "settled" },
    ]);
  });

  test("is read past a line that was cut short", async () => {
    const whole = entry(true);
    await dead([whole], '{"ended":true,"item":{"id":"0199');
    const [inheritance] = await journal().inherit();
    expect(await inheritance?.read()).toEqual([whole.item]);
  });

  test("is inherited by one of many, who keeps it until it is removed", async () => {
    await dead([entry(true)]);
    const heirs = [journal(), journal(), journal()];
    const inherited = await Promise.all(heirs.map((heir) => heir.inherit()));
    expect(inherited.flat()).toHaveLength(1);
    const heir = heirs[inherited.findIndex((found) => found.length === 1)];
    const [again] = (await heir?.inherit()) ?? [];
    expect(await again?.read()).toHaveLength(1);
    await again?.remove();
    expect(await heir?.inherit()).toEqual([]);
    expect(await files()).toEqual([]);
  });

  test("is not what a living one still writes", async () => {
    await journal().append(entry(true));
    expect(await journal().inherit()).toEqual([]);
  });

  test("on another machine is believed to be left once nothing has touched it for a minute", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    await dead([entry(true)]);
    const elsewhere = nameOfDead("f".repeat(12));
    await rename(join(directory, nameOfDead()), join(directory, elsewhere));
    const heir = journal();
    expect(await heir.inherit()).toEqual([]);
    vi.advanceTimersByTime(50_000);
    await appendFile(join(directory, elsewhere), "\n");
    expect(await heir.inherit()).toEqual([]);
    vi.advanceTimersByTime(50_000);
    expect(await heir.inherit()).toEqual([]);
    vi.advanceTimersByTime(15_000);
    expect(await heir.inherit()).toHaveLength(1);
  });

  test("is told from other files", async () => {
    await journal().append(entry(true));
    await writeFile(join(directory, "notes.txt"), "mine");
    expect(await journal().inherit()).toEqual([]);
    expect(await files()).toContain("notes.txt");
  });
});
