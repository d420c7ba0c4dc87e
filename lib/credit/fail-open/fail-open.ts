import { setTimeout as sleep } from "node:timers/promises";
import { oncePerProcess } from "#lib/config/once-per-process";
import type { HoldRequest } from "#lib/credit/ledger/hold";
import type { Settlement } from "#lib/credit/ledger/settle";
import type { PicoUsd } from "#lib/credit/money";
import type { DatabaseWatch } from "#lib/db/watch";
import type { Inheritance, Journal } from "./journal";
import type { SetAside } from "./rejected-items";
import { endedItem, type Replay, type ReplayItem, settledItem, sweptItem } from "./replay";

/** Credit control while the database is away, for the organizations that want to go on without it. */
export type FailOpen = {
  /** What is left of an organization's allowance on this replica. */
  freePicoUsd: (organizationId: string, allowancePicoUsd: PicoUsd) => PicoUsd;
  /**
   * Admits a request; when it resolves, the journal has it on disk.
   * @returns false beyond the allowance
   * @throws what the disk says; then the request is not admitted
   */
  admit: (hold: HoldRequest, createdAt: string, allowancePicoUsd: PicoUsd) => Promise<boolean>;
  /**
   * Ends a request that was admitted here. Resolves when the journal has its ending and, where the database is
   * there, the ledger too; never rejects.
   */
  settle: (settlement: Settlement) => Promise<void>;
  /** Writes down what could not be settled: the process ends. */
  leaveBehind: (settlements: readonly Settlement[]) => Promise<void>;
  /** Replays what has ended, and what dead processes have left behind, as far as the database is there. */
  replay: () => Promise<void>;
  /** Resolves when the ledger has everything that was admitted here. */
  idle: () => Promise<void>;
  close: () => Promise<void>;
};

/** What operators and load balancers are told. */
export type FailOpenState = {
  /** How many requests the journal has and the ledger does not have yet. */
  waiting: number;
  /** How many the ledger would not take since this process started: they are kept aside. */
  refused: number;
  /** Whether anybody would be served if the database were away. */
  servesAnybody: () => boolean;
};

export const failOpenState = (): FailOpenState =>
  oncePerProcess("fail-open", () => ({ waiting: 0, refused: 0, servesAnybody: () => false }));

export type FailOpenParts = {
  journal: Journal;
  aside: SetAside;
  watch: DatabaseWatch;
  replay: Replay;
  /** What went wrong with a request whose journal or replay failed; it is tried again. */
  onError: (error: unknown, what: string) => void;
  /** The ledger has the request. */
  onReplayed: (requestId: string) => void;
  /** Requests are older than what the ledger still knows: they are kept in the file, and not charged. */
  onRefused: (requests: number, file: string) => void;
  state?: Pick<FailOpenState, "waiting" | "refused">;
};

/** A journalled request that the ledger does not have yet. */
type Waiting = {
  organizationId: string;
  item: ReplayItem;
  ended: boolean;
  /** What it takes of the allowance: its hold, then its cost. */
  picoUsd: PicoUsd;
  sending: Promise<void> | null;
};

/** Beyond this, memory counts for more than the allowance. */
const MOST_WAITING = 100_000;
const TRY_AGAIN_AFTER_MS = 100;

/** Makes the desk that admits requests without the database. */
export function failOpenDesk(parts: FailOpenParts): FailOpen {
  const { journal, aside, watch, onError } = parts;
  const state = parts.state ?? { waiting: 0, refused: 0 };
  const waiting = new Map<string, Waiting>();
  const used = new Map<string, PicoUsd>();
  let replaying: Promise<void> | null = null;
  let isLeaving = false;
  /** What is left behind is for the next start: the file stays. */
  const isDone = () => waiting.size === 0 && !isLeaving;

  function use(organizationId: string, picoUsd: PicoUsd): void {
    const total = (used.get(organizationId) ?? 0n) + picoUsd;
    if (total === 0n) used.delete(organizationId);
    else used.set(organizationId, total);
  }

  const freePicoUsd = (organizationId: string, allowancePicoUsd: PicoUsd) =>
    allowancePicoUsd - (used.get(organizationId) ?? 0n);

  async function admit(hold: HoldRequest, createdAt: string, allowancePicoUsd: PicoUsd): Promise<boolean> {
    const { organizationId } = hold.payer;
    // Judged and taken in one go, with nothing awaited in between: concurrent requests see each other.
    if (hold.holdPicoUsd > freePicoUsd(organizationId, allowancePicoUsd)) return false;
    if (waiting.size >= MOST_WAITING) return false;
    const item = sweptItem(hold, createdAt);
    const entry: Waiting = { organizationId, item, ended: false, picoUsd: hold.holdPicoUsd, sending: null };
    waiting.set(hold.id, entry);
    state.waiting = waiting.size;
    use(organizationId, entry.picoUsd);
    try {
      await journal.append({ ended: false, item });
      return true;
    } catch (error) {
      // It is not sent upstream; should its line have reached the disk all the same, this one takes it back.
      const nothing = { status: "released", cost: "0", output_tokens: 0, http_status: 503 } as const;
      end(entry, { ...item, ...nothing, error_code: "service_unavailable" }, 0n);
      void journal.append({ ended: true, item: entry.item }).catch(() => {});
      throw error;
    }
  }

  function end(entry: Waiting, item: ReplayItem, costPicoUsd: PicoUsd): void {
    use(entry.organizationId, costPicoUsd - entry.picoUsd);
    entry.picoUsd = costPicoUsd;
    entry.item = item;
    entry.ended = true;
  }

  async function settle(settlement: Settlement): Promise<void> {
    const entry = waiting.get(settlement.hold.id);
    if (!entry || entry.ended) return;
    end(entry, endedItem(settlement), settlement.costPicoUsd);
    try {
      await journal.append({ ended: true, item: entry.item });
    } catch (error) {
      onError(error, "the journal cannot be written");
    }
    if (!watch.isAway()) await send(entry);
  }

  /** Never rejects: what the database does not take stays. */
  function send(entry: Waiting): Promise<void> {
    entry.sending ??= parts
      .replay(entry.item)
      .then((outcome) => (outcome === "too_old" ? keepAside([entry.item]) : undefined))
      .then(
        () => {
          use(entry.organizationId, -entry.picoUsd);
          waiting.delete(entry.item.id);
          state.waiting = waiting.size;
          parts.onReplayed(entry.item.id);
        },
        (error) => onError(error, "a journalled request is replayed again"),
      )
      .finally(() => {
        entry.sending = null;
      });
    return entry.sending;
  }

  async function keepAside(items: readonly ReplayItem[]): Promise<void> {
    if (items.length === 0) return;
    await aside.add(items);
    state.refused += items.length;
    parts.onRefused(items.length, aside.path);
  }

  /** @throws where the ledger does not have them all: they are tried again */
  async function replayInheritance({ read, remove }: Inheritance): Promise<void> {
    const items = await read();
    const tooOld: ReplayItem[] = [];
    const sent = await Promise.allSettled(
      items.map(async (item) => {
        if ((await parts.replay(item)) === "too_old") tooOld.push(item);
      }),
    );
    const failed = sent.find((outcome) => outcome.status === "rejected");
    if (failed) throw failed.reason;
    await keepAside(tooOld);
    await remove();
  }

  async function replayAll(): Promise<void> {
    const ended = [...waiting.values()].filter((entry) => entry.ended);
    await Promise.all(ended.map(send));
    if (isDone()) await journal.clear(isDone);
    for (const inheritance of await journal.inherit()) {
      await replayInheritance(inheritance).catch((error) =>
        onError(error, "a dead process's journal is replayed again"),
      );
    }
  }

  async function replay(): Promise<void> {
    await journal.touch();
    if (watch.isAway()) return;
    replaying ??= replayAll()
      .catch((error) => onError(error, "the journal cannot be read"))
      .finally(() => {
        replaying = null;
      });
    await replaying;
  }

  watch.onBack(() => void replay());

  return {
    freePicoUsd,
    admit,
    settle,
    leaveBehind: async (settlements) => {
      isLeaving = true;
      await Promise.all(
        settlements.map((settlement) => journal.append({ ended: true, item: settledItem(settlement) })),
      );
    },
    replay,
    idle: async () => {
      while (waiting.size > 0) {
        await watch.back();
        await replay();
        if (waiting.size > 0) await sleep(TRY_AGAIN_AFTER_MS, undefined, { ref: false });
      }
    },
    close: () => journal.close(),
  };
}
