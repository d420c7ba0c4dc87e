import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { guardedStore } from "./guarded-store";
import type { RateStore } from "./store";

const storeThat = (take: RateStore["take"]): RateStore => ({
  take,
  peek: () => take([]),
  correct: () => take([]),
  ping: async () => {},
  close: async () => {},
});

test("a store is not taken for away when it is this process that stood still", async () => {
  const onChange = vi.fn();
  const store = guardedStore(
    storeThat(async () => {
      // As many turns of the event loop as it takes to send a command and read its answer.
      for (let turn = 0; turn < 8; turn++) await readFile(fileURLToPath(import.meta.url));
      return [];
    }),
    onChange,
  );
  const taking = Promise.all(Array.from({ length: 5 }, () => store.take([])));
  const until = Date.now() + 1_000;
  while (Date.now() < until);
  expect(await taking).toHaveLength(5);
  expect(onChange).not.toHaveBeenCalled();
});

test("a store that does not answer is away after the third time", async () => {
  const onChange = vi.fn();
  const store = guardedStore(
    storeThat(() => new Promise(() => {})),
    onChange,
  );
  for (let times = 0; times < 3; times++) {
    await expect(store.take([])).rejects.toMatchObject({ name: "RateStoreUnavailable" });
  }
  expect(onChange).toHaveBeenCalledExactlyOnceWith({ away: true, cause: expect.any(Error) });
});
