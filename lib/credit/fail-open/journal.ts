import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { gather, type Outcome, turnstile } from "#lib/credit/batching/batch-calls";
import { isAlive, type JournalName, nameOf, parseName, self } from "./journal-name";
import { ReplayItem } from "./replay";

/** A line of a journal: what the ledger is to be told of a request, as far as is known when it is written. */
export type Entry = z.output<typeof Entry>;
const Entry = z.object({ ended: z.boolean(), item: ReplayItem });

/** A file that a process which has died left behind; it is ours now. */
export type Inheritance = {
  /** One item a request: its ending where it has one, else what a sweep would charge. */
  read: () => Promise<ReplayItem[]>;
  /** The ledger has it all. */
  remove: () => Promise<void>;
};

export type Journal = {
  /** Resolves once the line is on the disk; concurrent lines share a flush. @throws what the disk says */
  append: (entry: Entry) => Promise<void>;
  /** Removes our own file, if `isDone` still says so when all that was appended is written. */
  clear: (isDone: () => boolean) => Promise<void>;
  /** Shows other machines that we are alive, if there is a file to show it by. */
  touch: () => Promise<void>;
  /** Takes over what dead processes left, so that one process replays it. */
  inherit: () => Promise<Inheritance[]>;
  close: () => Promise<void>;
};

const MOST_LINES_A_FLUSH = 1_000;

/**
 * Makes the journal of a process: JSON lines in a file of its own in `directory`, both of which come into being
 * with the first line. Nothing is done before that.
 * @param ownerId the process's id, new at each start
 */
export function openJournal(directory: string, ownerId: string): Journal {
  const name: JournalName = { originId: ownerId, ownerId, ...self() };
  const path = join(directory, nameOf(name));
  // One write at a time: what comes meanwhile shares the next flush.
  const turn = turnstile({ maxJobs: 1, patienceMs: 1_000 });
  const seen = new Map<string, { changedMs: number; seenAtMs: number }>();
  let file: FileHandle | null = null;
  let isTorn = false;

  const append = gather({ run: write, maxBatch: MOST_LINES_A_FLUSH, turn });

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
      file ??= await create();
      // After a write that failed half-way, the line begins anew.
      await file.appendFile(isTorn ? `\n${text}` : text);
      await file.datasync();
      isTorn = false;
      if (await isStillOurs(file)) return;
      // We were taken for dead, and the file with what it held is another's: this goes into a new one.
      await file.close();
      file = null;
    }
    throw new Error("the journal was taken away");
  }

  async function create(): Promise<FileHandle> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const created = await open(path, "a", 0o600);
    // The directory's own entry must survive a power cut, too.
    const folder = await open(directory, "r");
    try {
      await folder.datasync();
    } finally {
      await folder.close();
    }
    return created;
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

  async function inherit(): Promise<Inheritance[]> {
    const inherited: Inheritance[] = [];
    for (const entry of await readdir(directory).catch(() => [])) {
      const found = parseName(entry);
      if (found === null || found.originId === ownerId) continue;
      const from = join(directory, entry);
      if (found.ownerId === ownerId) {
        inherited.push(inheritance(from));
        continue;
      }
      if (isAlive(found, await silenceMs(from))) continue;
      const to = join(directory, nameOf({ ...name, originId: found.originId }));
      // Of several that try, one succeeds.
      const isOurs = await rename(from, to).then(
        () => true,
        () => false,
      );
      if (isOurs) inherited.push(inheritance(to));
    }
    return inherited;
  }

  /** How long nothing has happened to a file, on our own clock: machines may not agree on theirs. */
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
    clear: (isDone) => inTurn(() => remove(isDone)),
    touch: async () => {
      if (file !== null) await utimes(path, new Date(), new Date()).catch(() => {});
    },
    inherit,
    close: () =>
      inTurn(async () => {
        await file?.close();
        file = null;
      }),
  };

  /** After what is being written. */
  function inTurn(job: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) =>
      turn(() =>
        job().then(
          () => resolve,
          (error) => () => reject(error),
        ),
      ),
    );
  }
}

function inheritance(path: string): Inheritance {
  return { read: async () => itemsOf(await readFile(path, "utf8")), remove: () => rm(path, { force: true }) };
}

/** Lines that a crash cut short are passed over: what they announce was never sent upstream. */
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
