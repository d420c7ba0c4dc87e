import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Journal = {
  entries: { idx: number; version: string; when: number; tag: string; breakpoints: boolean }[];
};

export const readJournal = (folder: string): Journal => JSON.parse(readFileSync(journalPath(folder), "utf8"));

const journalPath = (folder: string) => join(folder, "meta", "_journal.json");

/** Adds a migration that drizzle-kit cannot write. @returns its file, relative to `folder` */
export function addMigration(folder: string, name: string, text: string): string {
  const journal = readJournal(folder);
  const idx = journal.entries.length;
  const tag = `${String(idx).padStart(4, "0")}_${name}`;
  // Drizzle applies what is newer than the newest applied migration.
  const when = Math.max(Date.now(), (journal.entries.at(-1)?.when ?? 0) + 1);
  journal.entries.push({ idx, version: "7", when, tag, breakpoints: true });
  writeFileSync(join(folder, `${tag}.sql`), text);
  writeFileSync(journalPath(folder), JSON.stringify(journal, null, 2));
  return `${tag}.sql`;
}
