import { expect, test } from "vitest";
import { z } from "zod";
import type { AdminClient } from "#lib/cli/api/client";
import { follow } from "./follow";

const Row = z.object({ id: z.string(), created_at: z.string(), status: z.string() });
type Row = z.output<typeof Row>;
const at = (id: string, status: string, seconds: number): Row => ({
  id,
  status,
  created_at: new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString(),
});

/** A ledger that has the next state at each look. */
function ledgerOf(states: readonly (readonly Row[])[], gone: AbortController): AdminClient {
  let looks = 0;
  const now = () => states[Math.min(looks, states.length) - 1] ?? [];
  return {
    url: "",
    get: async (path, schema, query) => {
      const [, id] = /^\/requests\/(.*)$/.exec(path) ?? [];
      if (id !== undefined) {
        const json = states[looks]?.find((row) => row.id === id);
        return { json, value: schema.parse(json) };
      }
      looks += 1;
      if (looks > states.length) gone.abort();
      const from = String(query?.from ?? "");
      const data = now()
        .filter((row) => row.created_at >= from)
        .toReversed();
      const json = { data, next_cursor: null };
      return { json, value: schema.parse(json) };
    },
    post: () => expect.unreachable(),
    patch: () => expect.unreachable(),
    delete: () => expect.unreachable(),
  };
}

test("shows each request once, when it is complete, the oldest first", async () => {
  const gone = new AbortController();
  const done = (id: string, seconds: number) => at(id, "settled", seconds);
  const admin = ledgerOf(
    [
      [done("a", 1), at("b", "held", 2)],
      [done("a", 1), at("b", "held", 2), done("c", 3)],
      [done("a", 1), done("b", 2), done("c", 3), done("d", 100)],
      [done("a", 1), done("b", 2), done("c", 3), done("d", 100)],
    ],
    gone,
  );
  const shown: string[] = [];
  const list = { path: "/requests", item: Row, isOpen: ({ status }: Row) => status === "held" };
  await follow(admin, list, {}, ({ id }) => shown.push(id), gone.signal, 1);
  expect(shown).toEqual(["a", "c", "b", "d"]);
});
