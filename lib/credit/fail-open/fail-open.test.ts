import { describe, expect, test, vi } from "vitest";
import { parseUsd } from "#lib/credit/money";
import { aRequest, aSettlement } from "#lib/credit/testing/ledger";
import { testPayer } from "#lib/db/testing/tenant";
import type { DatabaseWatch } from "#lib/db/watch";
import { createFailOpen } from "./fail-open";
import type { Entry, Journal, OrphanedJournal } from "./journal";
import type { RejectedItems } from "./rejected-items";
import type { ReplayItem } from "./replay";

const payer = testPayer({
  organizationId: "11111111-1111-4111-8111-111111111111",
  userId: "22222222-2222-4222-8222-222222222222",
  apiKeyId: "33333333-3333-4333-8333-333333333333",
});
const ONE = parseUsd("1");
const NOW = "2026-11-21T12:00:00.000Z";

/** A FailOpen whose disk and database the test controls. */
function setUp() {
  const written: Entry[] = [];
  const replayed: ReplayItem[] = [];
  const rejectedIds: string[] = [];
  const orphans: OrphanedJournal[] = [];
  const tooOld = new Set<string>();
  const state = { waiting: 0, rejected: 0 };
  const listeners: (() => void)[] = [];
  const world = { isUnavailable: true, diskFails: false, databaseFails: false, cleared: 0 };
  const journal: Journal = {
    append: async (entry) => {
      if (world.diskFails) throw new Error("no space left");
      written.push(entry);
    },
    clear: async (isDone) => {
      if (isDone()) world.cleared += 1;
    },
    touch: async () => {},
    takeOver: async () => orphans,
    close: async () => {},
  };
  const watch: DatabaseWatch = {
    isUnavailable: () => world.isUnavailable,
    check: async () => !world.isUnavailable,
    within: (call) => call(),
    untilAvailable: async () => {},
    onAvailable: (listener) => listeners.push(listener),
    stop: () => {},
  };
  const rejectedItems: RejectedItems = {
    path: "rejected.jsonl",
    add: async (items) => {
      if (world.diskFails) throw new Error("no space left");
      rejectedIds.push(...items.map(({ id }) => id));
    },
  };
  const onError = vi.fn();
  const onRejected = vi.fn();
  const onReplayed = vi.fn();
  const failOpen = createFailOpen({
    journal,
    rejectedItems,
    watch,
    replay: async (item) => {
      if (world.databaseFails) throw new Error("database error");
      if (tooOld.has(item.id)) return "too_old";
      replayed.push(item);
      return "replayed";
    },
    onError,
    onRejected,
    state,
    onReplayed,
  });
  const free = () => failOpen.freePicoUsd(payer.organizationId, ONE);
  const old = { ids: tooOld, rejectedIds, orphans, onRejected, state };
  return { failOpen, world, written, replayed, free, onError, onReplayed, old };
}

describe("the allowance", () => {
  test("is reduced by a hold, then by the cost, and restored once the ledger has the request", async () => {
    const { failOpen, world, free } = setUp();
    const request = aRequest(payer, "0.75");
    expect(await failOpen.hold(request, NOW, ONE)).toBe(true);
    expect(free()).toBe(parseUsd("0.25"));
    await failOpen.settle(aSettlement(request, "0.5"));
    expect(free()).toBe(parseUsd("0.5"));
    world.isUnavailable = false;
    await failOpen.replay();
    expect(free()).toBe(ONE);
  });

  test("is checked without awaiting anything, so that concurrent requests see each other", async () => {
    const { failOpen } = setUp();
    const verdicts = await Promise.all(
      Array.from({ length: 10 }, () => failOpen.hold(aRequest(payer, "0.3"), NOW, ONE)),
    );
    expect(verdicts.filter(Boolean)).toHaveLength(3);
  });

  test("belongs to each organization alone, and zero admits nothing", async () => {
    const { failOpen, free } = setUp();
    const other = { ...payer, organizationId: payer.userId };
    expect(await failOpen.hold(aRequest(other, "1"), NOW, ONE)).toBe(true);
    expect(free()).toBe(ONE);
    expect(await failOpen.hold(aRequest(payer, "0.000001"), NOW, 0n)).toBe(false);
  });
});

describe("a request", () => {
  test("is journalled before it is admitted, with what a sweep would charge, and again when it ends", async () => {
    const { failOpen, written } = setUp();
    const request = aRequest(payer, "0.75");
    await failOpen.hold(request, NOW, ONE);
    expect(written).toMatchObject([
      { ended: false, item: { id: request.id, status: "swept", hold: "0.75" } },
    ]);
    await failOpen.settle(aSettlement(request, "0.5"));
    expect(written[1]).toMatchObject({
      ended: true,
      item: { id: request.id, status: "settled", cost: "0.5" },
    });
  });

  test("is journalled with its progress until it ends, so that its process may die", async () => {
    const { failOpen, written } = setUp();
    const request = aRequest(payer, "0.75");
    await failOpen.hold(request, NOW, ONE);
    const progress = { ifSweptPicoUsd: parseUsd("0.25"), ifSweptOutputTokens: 2_500 };
    failOpen.noteProgress([
      { id: request.id, ...progress },
      { id: payer.userId, ...progress },
    ]);
    expect(written[1]).toMatchObject({
      ended: false,
      item: { id: request.id, status: "swept", cost: "0.25", output_tokens: 2_500, hold: "0.75" },
    });
    await failOpen.settle(aSettlement(request, "0.5"));
    failOpen.noteProgress([{ id: request.id, ...progress }]);
    expect(written.map(({ ended }) => ended)).toEqual([false, false, true]);
  });

  test("that cannot be journalled is not admitted, uses no allowance, and is cancelled in case its line is on disk", async () => {
    const { failOpen, world, free, replayed } = setUp();
    world.diskFails = true;
    const request = aRequest(payer, "0.75");
    await expect(failOpen.hold(request, NOW, ONE)).rejects.toThrow("no space left");
    expect(free()).toBe(ONE);
    Object.assign(world, { diskFails: false, isUnavailable: false });
    await failOpen.replay();
    expect(replayed).toMatchObject([{ id: request.id, status: "released", cost: "0" }]);
  });

  test("whose ending cannot be journalled is still replayed", async () => {
    const { failOpen, world, replayed, onError } = setUp();
    const request = aRequest(payer, "0.75");
    await failOpen.hold(request, NOW, ONE);
    world.diskFails = true;
    await failOpen.settle(aSettlement(request, "0.5"));
    expect(onError).toHaveBeenCalledOnce();
    world.isUnavailable = false;
    await failOpen.replay();
    expect(replayed).toMatchObject([{ id: request.id, status: "settled" }]);
  });

  test("is replayed once it has ended; the journal is cleared when nothing is waiting", async () => {
    const { failOpen, world, replayed, onReplayed } = setUp();
    const [ended, open] = [aRequest(payer, "0.1"), aRequest(payer, "0.1")];
    await failOpen.hold(ended, NOW, ONE);
    await failOpen.hold(open, NOW, ONE);
    await failOpen.settle(aSettlement(ended, "0.1"));
    world.isUnavailable = false;
    await failOpen.replay();
    expect([replayed.map(({ id }) => id), world.cleared]).toEqual([[ended.id], 0]);
    // The database is available by now, so the ledger gets the ending at once.
    await failOpen.settle(aSettlement(open, "0.1"));
    expect(replayed.map(({ id }) => id)).toEqual([ended.id, open.id]);
    await failOpen.replay();
    expect(world.cleared).toBe(1);
    expect(onReplayed.mock.calls).toEqual([[ended.id], [open.id]]);
  });

  test("whose replay fails is replayed again", async () => {
    const { failOpen, world, replayed, free } = setUp();
    const request = aRequest(payer, "0.75");
    await failOpen.hold(request, NOW, ONE);
    Object.assign(world, { isUnavailable: false, databaseFails: true });
    await failOpen.settle(aSettlement(request, "0.5"));
    expect(free()).toBe(parseUsd("0.5"));
    setTimeout(() => {
      world.databaseFails = false;
    }, 150);
    await failOpen.idle();
    expect(replayed).toHaveLength(1);
  });
});

test("keeps unsettled requests on disk when nothing else is waiting", async () => {
  const { failOpen, world, written } = setUp();
  const request = aRequest(payer, "0.75");
  await failOpen.journalUnsettled([aSettlement(request, "0.5")]);
  expect(written).toMatchObject([
    { ended: true, item: { id: request.id, status: "settled", fail_open: false } },
  ]);
  world.isUnavailable = false;
  await failOpen.replay();
  expect(world.cleared).toBe(0);
});

describe("requests from before what retention has kept", () => {
  const item = (id: string): ReplayItem => ({ id, status: "settled" });

  test("are written to the file before their journal is deleted; the others are replayed", async () => {
    const { failOpen, world, replayed, old } = setUp();
    const remove = vi.fn(async () => expect(old.rejectedIds).toEqual(["old"]));
    old.ids.add("old");
    old.orphans.push({ read: async () => [item("old"), item("new")], remove });
    world.isUnavailable = false;
    await failOpen.replay();
    expect(replayed.map(({ id }) => id)).toEqual(["new"]);
    expect(remove).toHaveBeenCalledOnce();
    expect(old.onRejected).toHaveBeenCalledExactlyOnceWith(1, "rejected.jsonl");
    expect(old.state.rejected).toBe(1);
  });

  test("stay in their journal while the file cannot be written", async () => {
    const { failOpen, world, old, onError } = setUp();
    const remove = vi.fn(async () => {});
    old.ids.add("old");
    old.orphans.push({ read: async () => [item("old")], remove });
    Object.assign(world, { isUnavailable: false, diskFails: true });
    await failOpen.replay();
    expect(remove).not.toHaveBeenCalled();
    expect(onError).toHaveBeenCalledOnce();
    world.diskFails = false;
    await failOpen.replay();
    expect(remove).toHaveBeenCalledOnce();
  });

  test("are written to the file and no longer wait if this process admitted them", async () => {
    const { failOpen, world, old, free } = setUp();
    const request = aRequest(payer, "0.75");
    old.ids.add(request.id);
    await failOpen.hold(request, NOW, ONE);
    await failOpen.settle(aSettlement(request, "0.5"));
    world.isUnavailable = false;
    await failOpen.replay();
    expect(old.rejectedIds).toEqual([request.id]);
    expect(free()).toBe(ONE);
    expect(old.state).toEqual({ waiting: 0, rejected: 1 });
  });
});
