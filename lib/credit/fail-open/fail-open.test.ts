import { describe, expect, test, vi } from "vitest";
import { parseUsd } from "#lib/credit/money";
import { aRequest, aSettlement } from "#lib/credit/testing/ledger";
import type { TestPayer } from "#lib/db/testing/tenant";
import type { DatabaseWatch } from "#lib/db/watch";
import { failOpenDesk } from "./fail-open";
import type { Entry, Inheritance, Journal } from "./journal";
import type { SetAside } from "./rejected-items";
import type { ReplayItem } from "./replay";

const payer: TestPayer = {
  organizationId: "11111111-1111-4111-8111-111111111111",
  organizationPeriod: "month",
  organizationVersion: 1,
  userId: "22222222-2222-4222-8222-222222222222",
  userPeriod: "month",
  userVersion: 1,
  apiKeyId: "33333333-3333-4333-8333-333333333333",
  apiKeyPeriod: "month",
  apiKeyVersion: 1,
  appId: null,
  appPeriod: "month",
  appVersion: null,
  tags: [],
};
const ONE = parseUsd("1");
const NOW = "2026-11-21T12:00:00.000Z";

/** A desk whose disk and database do as they are told. */
function scene() {
  const written: Entry[] = [];
  const replayed: ReplayItem[] = [];
  const keptAside: string[] = [];
  const inherited: Inheritance[] = [];
  const tooOld = new Set<string>();
  const state = { waiting: 0, refused: 0 };
  const listeners: (() => void)[] = [];
  const world = { isAway: true, diskFails: false, databaseFails: false, cleared: 0 };
  const journal: Journal = {
    append: async (entry) => {
      if (world.diskFails) throw new Error("no space left");
      written.push(entry);
    },
    clear: async (isDone) => {
      if (isDone()) world.cleared += 1;
    },
    touch: async () => {},
    inherit: async () => inherited,
    close: async () => {},
  };
  const watch: DatabaseWatch = {
    isAway: () => world.isAway,
    check: async () => !world.isAway,
    within: (call) => call(),
    back: async () => {},
    onBack: (listener) => listeners.push(listener),
    stop: () => {},
  };
  const aside: SetAside = {
    path: "refused.jsonl",
    add: async (items) => {
      if (world.diskFails) throw new Error("no space left");
      keptAside.push(...items.map(({ id }) => id));
    },
  };
  const onError = vi.fn();
  const onRefused = vi.fn();
  const onReplayed = vi.fn();
  const desk = failOpenDesk({
    journal,
    aside,
    watch,
    replay: async (item) => {
      if (world.databaseFails) throw new Error("not now");
      if (tooOld.has(item.id)) return "too_old";
      replayed.push(item);
      return "replayed";
    },
    onError,
    onRefused,
    state,
    onReplayed,
  });
  const free = () => desk.freePicoUsd(payer.organizationId, ONE);
  const kept = { tooOld, aside: keptAside, inherited, onRefused, state };
  return { desk, world, written, replayed, free, onError, onReplayed, kept };
}

describe("the allowance", () => {
  test("is taken by a hold, then by the cost, and given back when the ledger has it", async () => {
    const { desk, world, free } = scene();
    const request = aRequest(payer, "0.75");
    expect(await desk.admit(request, NOW, ONE)).toBe(true);
    expect(free()).toBe(parseUsd("0.25"));
    await desk.settle(aSettlement(request, "0.5"));
    expect(free()).toBe(parseUsd("0.5"));
    world.isAway = false;
    await desk.replay();
    expect(free()).toBe(ONE);
  });

  test("is judged before anything is awaited, so that requests at once see each other", async () => {
    const { desk } = scene();
    const verdicts = await Promise.all(
      Array.from({ length: 10 }, () => desk.admit(aRequest(payer, "0.3"), NOW, ONE)),
    );
    expect(verdicts.filter(Boolean)).toHaveLength(3);
  });

  test("is each organization's own, and none is none", async () => {
    const { desk, free } = scene();
    const other = { ...payer, organizationId: payer.userId };
    expect(await desk.admit(aRequest(other, "1"), NOW, ONE)).toBe(true);
    expect(free()).toBe(ONE);
    expect(await desk.admit(aRequest(payer, "0.000001"), NOW, 0n)).toBe(false);
  });
});

describe("a request", () => {
  test("is written down before it is admitted, as what a sweep would make of it, then as it ended", async () => {
    const { desk, written } = scene();
    const request = aRequest(payer, "0.75");
    await desk.admit(request, NOW, ONE);
    expect(written).toMatchObject([
      { ended: false, item: { id: request.id, status: "swept", hold: "0.75" } },
    ]);
    await desk.settle(aSettlement(request, "0.5"));
    expect(written[1]).toMatchObject({
      ended: true,
      item: { id: request.id, status: "settled", cost: "0.5" },
    });
  });

  test("that cannot be written down is not admitted, takes nothing, and is taken back should it be on the disk", async () => {
    const { desk, world, free, replayed } = scene();
    world.diskFails = true;
    const request = aRequest(payer, "0.75");
    await expect(desk.admit(request, NOW, ONE)).rejects.toThrow("no space left");
    expect(free()).toBe(ONE);
    Object.assign(world, { diskFails: false, isAway: false });
    await desk.replay();
    expect(replayed).toMatchObject([{ id: request.id, status: "released", cost: "0" }]);
  });

  test("whose ending cannot be written down is replayed all the same", async () => {
    const { desk, world, replayed, onError } = scene();
    const request = aRequest(payer, "0.75");
    await desk.admit(request, NOW, ONE);
    world.diskFails = true;
    await desk.settle(aSettlement(request, "0.5"));
    expect(onError).toHaveBeenCalledOnce();
    world.isAway = false;
    await desk.replay();
    expect(replayed).toMatchObject([{ id: request.id, status: "settled" }]);
  });

  test("is replayed when it has ended, not before; the journal goes when nothing is left in it", async () => {
    const { desk, world, replayed, onReplayed } = scene();
    const [ended, open] = [aRequest(payer, "0.1"), aRequest(payer, "0.1")];
    await desk.admit(ended, NOW, ONE);
    await desk.admit(open, NOW, ONE);
    await desk.settle(aSettlement(ended, "0.1"));
    world.isAway = false;
    await desk.replay();
    expect([replayed.map(({ id }) => id), world.cleared]).toEqual([[ended.id], 0]);
    // The database is there by now: it is told at once.
    await desk.settle(aSettlement(open, "0.1"));
    expect(replayed.map(({ id }) => id)).toEqual([ended.id, open.id]);
    await desk.replay();
    expect(world.cleared).toBe(1);
    expect(onReplayed.mock.calls).toEqual([[ended.id], [open.id]]);
  });

  test("whose replay fails is replayed again", async () => {
    const { desk, world, replayed, free } = scene();
    const request = aRequest(payer, "0.75");
    await desk.admit(request, NOW, ONE);
    Object.assign(world, { isAway: false, databaseFails: true });
    await desk.settle(aSettlement(request, "0.5"));
    expect(free()).toBe(parseUsd("0.5"));
    setTimeout(() => {
      world.databaseFails = false;
    }, 150);
    await desk.idle();
    expect(replayed).toHaveLength(1);
  });
});

test("what is left behind stays on the disk, though nothing else waits", async () => {
  const { desk, world, written } = scene();
  const request = aRequest(payer, "0.75");
  await desk.leaveBehind([aSettlement(request, "0.5")]);
  expect(written).toMatchObject([
    { ended: true, item: { id: request.id, status: "settled", fail_open: false } },
  ]);
  world.isAway = false;
  await desk.replay();
  expect(world.cleared).toBe(0);
});

describe("requests that are older than what the ledger knows", () => {
  const item = (id: string): ReplayItem => ({ id, status: "settled" });

  test("are kept aside before their journal is removed; the others are replayed", async () => {
    const { desk, world, replayed, kept } = scene();
    const remove = vi.fn(async () => expect(kept.aside).toEqual(["old"]));
    kept.tooOld.add("old");
    kept.inherited.push({ read: async () => [item("old"), item("new")], remove });
    world.isAway = false;
    await desk.replay();
    expect(replayed.map(({ id }) => id)).toEqual(["new"]);
    expect(remove).toHaveBeenCalledOnce();
    expect(kept.onRefused).toHaveBeenCalledExactlyOnceWith(1, "refused.jsonl");
    expect(kept.state.refused).toBe(1);
  });

  test("stay in their journal as long as they cannot be kept aside", async () => {
    const { desk, world, kept, onError } = scene();
    const remove = vi.fn(async () => {});
    kept.tooOld.add("old");
    kept.inherited.push({ read: async () => [item("old")], remove });
    Object.assign(world, { isAway: false, diskFails: true });
    await desk.replay();
    expect(remove).not.toHaveBeenCalled();
    expect(onError).toHaveBeenCalledOnce();
    world.diskFails = false;
    await desk.replay();
    expect(remove).toHaveBeenCalledOnce();
  });

  test("are kept aside where they are this process's own, too, and wait no longer", async () => {
    const { desk, world, kept, free } = scene();
    const request = aRequest(payer, "0.75");
    kept.tooOld.add(request.id);
    await desk.admit(request, NOW, ONE);
    await desk.settle(aSettlement(request, "0.5"));
    world.isAway = false;
    await desk.replay();
    expect(kept.aside).toEqual([request.id]);
    expect(free()).toBe(ONE);
    expect(kept.state).toEqual({ waiting: 0, refused: 1 });
  });
});
