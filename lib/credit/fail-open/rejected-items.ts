import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import type { ReplayItem } from "./replay";

/** Keeps what the ledger would not take, for a person to look at. */
export type SetAside = {
  /** Where: a file of JSON lines, which nothing of ours reads or removes. */
  path: string;
  /** Resolves when the items are on the disk, each once. @throws what the disk says */
  add: (items: readonly ReplayItem[]) => Promise<void>;
};

/** Makes the file of a process in a journal's directory; it comes into being with the first item. */
export function setAsideIn(directory: string, ownerId: string): SetAside {
  const path = join(directory, `refused-${ownerId}.jsonl`);
  const kept = new Set<string>();

  async function add(items: readonly ReplayItem[]): Promise<void> {
    const fresh = items.filter(({ id }) => !kept.has(id));
    if (fresh.length === 0) return;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = await open(path, "a", 0o600);
    try {
      await file.appendFile(fresh.map((item) => `${JSON.stringify(item)}\n`).join(""));
      await file.datasync();
    } finally {
      await file.close();
    }
    const folder = await open(directory, "r");
    try {
      await folder.datasync();
    } finally {
      await folder.close();
    }
    for (const { id } of fresh) kept.add(id);
  }

  return { path, add };
}
