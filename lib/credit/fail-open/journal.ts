import { type FileHandle, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { batchCalls, type Outcome } from "#lib/credit/batching/batch-calls";
import { batchGate } from "#lib/credit/batching/batch-gate";
import { openDurably } from "./durable-file";
import { isAlive, type JournalName, nameOf, parseName, self } from "./journal-name";
import { ReplayItem } from "./replay";

/** A line of a journal: what to write to the ledger, as far as is known at that time. */
export type Entry = z.output<typeof Entry>;
const Entry = z.object({ ended: z.boolean(), item: ReplayItem });

/** The journal of a dead process, which this one has taken over. */
export type OrphanedJournal = {
  /** One item per request: its ending if there is one, otherwise what a sweep would charge. */
  read: () => Promise<ReplayItem[]>;
  /** Deletes the file: the ledger has every item. */
  remove: () => Promise<void>;
};

export type Journal = {
  /** Resolves once the line is on disk; concurrent lines share a flush. @throws the disk's error */
  append: (entry: Entry) => Promise<void>;
  /** Deletes our own file, if `isDone` is still true when every appended line is written. */
  clear: (isDone: () => boolean) => Promise<void>;
  /** Updates our file's time, which tells other machines that this process is alive. */
  touch: () => Promise<void>;
  /** Takes over the journals of dead processes; one process gets each. */
  takeOver: () => Promise<OrphanedJournal[]>;
  close: () => Promise<void>;
};

const MAX_LINES_PER_FLUSH = 1_000;

/**
 * Opens the journal of a process: JSON lines in a file of its own in `directory`. The first line creates both.
 * @param ownerId the process's id, new at each start
 */
export function openJournal(directory: string, ownerId: string): Journal {
  const name: JournalName = { originId: ownerId, ownerId, ...self() };
  const path = join(directory, nameOf(name));
  // One write at a time: lines that arrive meanwhile share the next flush.
  const gate = batchGate({ maxJobs: 1, patienceMs: 1_000 });
  const seen = new Map<string, { changedMs: number; seenAtMs: number }>();
  let file: FileHandle | null = null;
  let isTorn = false;

  const append = batchCalls({ run: write, maxBatch: MAX_LINES_PER_FLUSH, gate });

  async function write(lines: string[]): Promise<Outcome<void>[]> {
    try {
      await flush(lines.join(""));
      return lines.map(() => ({ ok: true, value: undefined }));
    } catch (error) {
      isTorn = true;
      return lines.map(() => ({ ok: false, error }));
    }
  }

  async function flush(text: string): Promise<void> {
    for (let attempt = 0; attempt < 2; attempt++) {
      file ??= await openDurably(directory, path);
      // After a partial write, start a new line.
      await file.appendFile(isTorn ? `\n${text}` : text);
      await file.datasync();
      isTorn = false;
      if (await isStillOurs(file)) return;
      // Another process took the file over, believing this one dead: write to a new file.
      await file.close();
      file = null;
    }
    throw new Error("Another process keeps taking over the journal.");
  }

  async function isStillOurs(handle: FileHandle): Promise<boolean> {
    const [held, named] = await Promise.all([handle.stat(), stat(path).catch(() => null)]);
    return named !== null && named.ino === held.ino && named.dev === held.dev;
  }

  async function remove(isDone: () => boolean): Promise<void> {
    if (file === null || !isDone()) return;
    const done = file;
    file = null;
    await rm(path, { force: true });
    await done.close();
  }

  async function takeOver(): Promise<OrphanedJournal[]> {
    const orphans: OrphanedJournal[] = [];
    for (const entry of await readdir(directory).catch(() => [])) {
      const found = parseName(entry);
      if (found === null || found.originId === ownerId) continue;
      const from = join(directory, entry);
      if (found.ownerId === ownerId) {
        orphans.push(orphanedJournal(from));
        continue;
      }
      if (isAlive(found, await silenceMs(from))) continue;
      const to = join(directory, nameOf({ ...name, originId: found.originId }));
      // Of several processes that try, one succeeds.
      const isOurs = await rename(from, to).then(
        () => true,
        () => false,
      );
      if (isOurs) orphans.push(orphanedJournal(to));
    }
    return orphans;
  }

  /** How long a file has been unchanged, on our own clock, since clocks of machines may differ. */
  async function silenceMs(path: string): Promise<number> {
    const changedMs = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    const known = seen.get(path);
    if (known?.changedMs === changedMs) return performance.now() - known.seenAtMs;
    seen.set(path, { changedMs, seenAtMs: performance.now() });
    return 0;
  }

  return {
    append: (entry) => append(`${JSON.stringify(entry)}\n`),
    clear: (isDone) => afterWrites(() => remove(isDone)),
    touch: async () => {
      if (file !== null) await utimes(path, new Date(), new Date()).catch(() => {});
    },
    takeOver,
    close: () =>
      afterWrites(async () => {
        await file?.close();
        file = null;
      }),
  };

  /** Runs a job once pending writes are done. */
  function afterWrites(job: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) =>
      gate(() =>
        job().then(
          () => resolve,
          (error) => () => reject(error),
        ),
      ),
    );
  }
}

function orphanedJournal(path: string): OrphanedJournal {
  return { read: async () => itemsOf(await readFile(path, "utf8")), remove: () => rm(path, { force: true }) };
}

/** Skips lines that a crash cut short: their requests were never sent upstream. */
function itemsOf(text: string): ReplayItem[] {
  const entries = new Map<string, Entry>();
  for (const line of text.split("\n")) {
    const entry = parseLine(line);
    if (entry === null) continue;
    if (entry.ended || !entries.get(entry.item.id)?.ended) entries.set(entry.item.id, entry);
  }
  return [...entries.values()].map(({ item }) => item);
}

function parseLine(line: string): Entry | null {
  if (line === "") return null;
  try {
    return Entry.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
