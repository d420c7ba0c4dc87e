import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { AdminClient, Query } from "#lib/cli/api/client";
import { segment } from "#lib/cli/api/client";
import { allPages, onePage } from "#lib/cli/api/pages";

/** How rows of a list that grows are shown as they come. */
export type Follows<Row> = {
  /** Whether a row is not complete yet: it is shown when it is. */
  isOpen(row: Row): boolean;
  line(row: Row): string;
};

type Followed<Row> = { path: string; item: z.ZodType<Row>; isOpen(row: Row): boolean };

const FIRST_ROWS = 10;
/** Rows may become visible a little later than younger ones. */
const OVERLAP_MS = 5_000;
/** How much the clocks of the server and of this machine may differ. */
const CLOCKS_MS = 60_000;
const MOST_OPEN = 100;
const EVERY_MS = 1_000;

const Stamped = z.looseObject({ id: z.string(), created_at: z.string() });

/**
 * Shows the last rows of a list, oldest first, then each new one once it is complete, until the reader is gone.
 * @param shown is called with a row and its JSON
 */
export async function follow<Row>(
  admin: AdminClient,
  { path, item, isOpen }: Followed<Row>,
  query: Query,
  shown: (row: Row, json: unknown) => void,
  gone: AbortSignal,
  everyMs = EVERY_MS,
): Promise<void> {
  const startedMs = Date.now();
  let seen = new Set<string>();
  const open = new Set<string>();
  // By the server's clock, as soon as there is a row.
  let newestMs: number | null = null;
  const take = (json: unknown) => {
    const row = item.parse(json);
    const { id } = Stamped.parse(json);
    if (isOpen(row)) {
      if (open.size < MOST_OPEN) open.add(id);
      return;
    }
    open.delete(id);
    shown(row, json);
  };
  const last = await onePage(admin, path, z.unknown(), { ...query, limit: FIRST_ROWS });
  let page = last.value.items;
  while (!gone.aborted) {
    for (const json of page.toReversed()) {
      const { id, created_at: at } = Stamped.parse(json);
      newestMs = Math.max(newestMs ?? 0, Date.parse(at));
      if (!seen.has(id)) take(json);
    }
    seen = new Set(page.map((json) => Stamped.parse(json).id));
    await sleep(everyMs, undefined, { signal: gone }).catch(() => {});
    if (gone.aborted) return;
    for (const id of [...open]) take((await admin.get(`${path}/${segment(id)}`, z.unknown())).json);
    const from = new Date(newestMs === null ? startedMs - CLOCKS_MS : newestMs - OVERLAP_MS).toISOString();
    page = (await allPages(admin, path, z.unknown(), { ...query, from })).value.items;
  }
}
