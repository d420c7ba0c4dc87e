import { join } from "node:path";
import { openDurably } from "./durable-file";
import type { ReplayItem } from "./replay";

/** Keeps journalled requests that the ledger rejects, for an operator to review. */
export type RejectedItems = {
  /** A file of JSON lines. Tollgate neither reads nor deletes it. */
  path: string;
  /** Resolves when the items are on disk, each once. @throws the disk's error */
  add: (items: readonly ReplayItem[]) => Promise<void>;
};

/** Opens the file of a process in the journal's directory; the first item creates it. */
export function rejectedItemsIn(directory: string, ownerId: string): RejectedItems {
  const path = join(directory, `rejected-${ownerId}.jsonl`);
  const kept = new Set<string>();

  async function add(items: readonly ReplayItem[]): Promise<void> {
    const fresh = items.filter(({ id }) => !kept.has(id));
    if (fresh.length === 0) return;
    const file = await openDurably(directory, path);
    try {
      await file.appendFile(fresh.map((item) => `${JSON.stringify(item)}\n`).join(""));
      await file.datasync();
    } finally {
      await file.close();
    }
    for (const { id } of fresh) kept.add(id);
  }

  return { path, add };
}
