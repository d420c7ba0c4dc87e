import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Journal = {
  entries: { idx: number; version: string; when: number; tag: string; breakpoints: boolean }[];
};

/** Adds a migration that drizzle-kit cannot write. @returns its file, relative to `folder` */
export function addMigration(folder: string, name: string, text: string): string {
  const path = join(folder, "meta", "_journal.json");
  const journal: Journal = JSON.parse(readFileSync(path, "utf8"));
  const idx = journal.entries.length;
  const tag = `${String(idx).padStart(4, "0")}_${name}`;
  // Drizzle applies what is newer than the newest applied migration.
  const when = Math.max(Date.now(), (journal.entries.at(-1)?.when ?? 0) + 1);
  journal.entries.push({ idx, version: "7", when, tag, breakpoints: true });
  writeFileSync(join(folder, `${tag}.sql`), text);
  writeFileSync(path, JSON.stringify(journal, null, 2));
  return `${tag}.sql`;
}
