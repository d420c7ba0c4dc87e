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

test("a store stays available when this process was paused", async () => {
  const onChange = vi.fn();
  const store = guardedStore(
    storeThat(async () => {
      // As many turns of the event loop as sending a command and reading its answer take.
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

test("a store that does not answer is unavailable after the third failure", async () => {
  const onChange = vi.fn();
  const store = guardedStore(
    storeThat(() => new Promise(() => {})),
    onChange,
  );
  for (let times = 0; times < 3; times++) {
    await expect(store.take([])).rejects.toMatchObject({ name: "RateStoreUnavailable" });
  }
  expect(onChange).toHaveBeenCalledExactlyOnceWith({ available: false, cause: expect.any(Error) });
});
