import { setTimeout as sleep } from "node:timers/promises";
import { oncePerProcess } from "#lib/config/once-per-process";
import type { HoldRequest } from "#lib/credit/ledger/hold";
import type { Progress } from "#lib/credit/ledger/instance";
import type { Settlement } from "#lib/credit/ledger/settle";
import { formatUsd, type PicoUsd } from "#lib/credit/money";
import type { DatabaseWatch } from "#lib/db/watch";
import type { Journal, OrphanedJournal } from "./journal";
import type { RejectedItems } from "./rejected-items";
import { endedItem, type Replay, type ReplayItem, settledItem, sweptItem } from "./replay";

/** Credit control while the database is unavailable, for organizations whose failure mode is `fail_open`. */
export type FailOpen = {
  /** What is left of an organization's allowance on this replica. */
  freePicoUsd: (organizationId: string, allowancePicoUsd: PicoUsd) => PicoUsd;
  /**
   * Admits a request. When it resolves, the journal has the request on disk.
   * @returns false beyond the allowance
   * @throws the disk's error, in which case the request is not admitted
   */
  hold: (request: HoldRequest, createdAt: string, allowancePicoUsd: PicoUsd) => Promise<boolean>;
  /**
   * Ends a request that was admitted here. Resolves when the journal has its ending and, if the database is available,
   * the ledger too; never rejects.
   */
  settle: (settlement: Settlement) => Promise<void>;
  /** Journals how far open requests that were admitted here have come, for the case that the process dies. */
  noteProgress: (progress: readonly Progress[]) => void;
  /** Journals settlements that the database did not get, since the process ends. */
  journalUnsettled: (settlements: readonly Settlement[]) => Promise<void>;
  /** Replays ended requests and the journals of dead processes, if the database is available. */
  replay: () => Promise<void>;
  /** Resolves when the ledger has every request that was admitted here. */
  idle: () => Promise<void>;
  close: () => Promise<void>;
};

/** What health checks report. */
export type FailOpenState = {
  /** How many journalled requests the ledger does not have yet. */
  waiting: number;
  /** How many requests the ledger has rejected since this process started (rejected-items.ts). */
  rejected: number;
  /** Whether any caller would be served if the database were unavailable. */
  canServe: () => boolean;
};

export const failOpenState = (): FailOpenState =>
  oncePerProcess("fail-open", () => ({ waiting: 0, rejected: 0, canServe: () => false }));

export type FailOpenParts = {
  journal: Journal;
  rejectedItems: RejectedItems;
  watch: DatabaseWatch;
  replay: Replay;
  /** Journalling or replaying a request has failed; it is retried. */
  onError: (error: unknown, what: string) => void;
  /** The ledger has the request. */
  onReplayed: (requestId: string) => void;
  /** Requests from before what retention has kept: they are kept in the file and not charged. */
  onRejected: (requests: number, file: string) => void;
  state?: Pick<FailOpenState, "waiting" | "rejected">;
};

/** A journalled request that the ledger does not have yet. */
type Waiting = {
  organizationId: string;
  item: ReplayItem;
  ended: boolean;
  /** Its share of the allowance: its hold, then its cost. */
  picoUsd: PicoUsd;
  sending: Promise<void> | null;
};

/** A bound on memory, whatever the allowance. */
const MAX_WAITING = 100_000;
const RETRY_AFTER_MS = 100;

/** Creates what admits requests without the database. */
export function createFailOpen(parts: FailOpenParts): FailOpen {
  const { journal, rejectedItems, watch, onError } = parts;
  const state = parts.state ?? { waiting: 0, rejected: 0 };
  const waiting = new Map<string, Waiting>();
  const used = new Map<string, PicoUsd>();
  let replaying: Promise<void> | null = null;
  let hasUnsettled = false;
  /** A file with unsettled requests stays for the next start. */
  const isDone = () => waiting.size === 0 && !hasUnsettled;

  function use(organizationId: string, picoUsd: PicoUsd): void {
    const total = (used.get(organizationId) ?? 0n) + picoUsd;
    if (total === 0n) used.delete(organizationId);
    else used.set(organizationId, total);
  }

  const freePicoUsd = (organizationId: string, allowancePicoUsd: PicoUsd) =>
    allowancePicoUsd - (used.get(organizationId) ?? 0n);

  async function hold(request: HoldRequest, createdAt: string, allowancePicoUsd: PicoUsd): Promise<boolean> {
    const { organizationId } = request.payer;
    // Checks and takes without awaiting anything in between, so that concurrent requests see each other.
    if (request.holdPicoUsd > freePicoUsd(organizationId, allowancePicoUsd)) return false;
    if (waiting.size >= MAX_WAITING) return false;
    const item = sweptItem(request, createdAt);
    const entry: Waiting = {
      organizationId,
      item,
      ended: false,
      picoUsd: request.holdPicoUsd,
      sending: null,
    };
    waiting.set(request.id, entry);
    state.waiting = waiting.size;
    use(organizationId, entry.picoUsd);
    try {
      await journal.append({ ended: false, item });
      return true;
    } catch (error) {
      // The request is not sent upstream. If its line did reach the disk, this one cancels it.
      const cancelled = { status: "released", cost: "0", output_tokens: 0, http_status: 503 } as const;
      end(entry, { ...item, ...cancelled, error_code: "service_unavailable" }, 0n);
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
      onError(error, "cannot write the journal");
    }
    if (!watch.isUnavailable()) await send(entry);
  }

  function noteProgress(progress: readonly Progress[]): void {
    for (const { id, ifSweptPicoUsd, ifSweptOutputTokens } of progress) {
      const entry = waiting.get(id);
      if (!entry || entry.ended) continue;
      const known = { cost: formatUsd(ifSweptPicoUsd), output_tokens: ifSweptOutputTokens };
      entry.item = { ...entry.item, ...known };
      journal
        .append({ ended: false, item: entry.item })
        .catch((error) => onError(error, "cannot write progress to the journal"));
    }
  }

  /** Never rejects: what fails stays for the next replay. */
  function send(entry: Waiting): Promise<void> {
    entry.sending ??= parts
      .replay(entry.item)
      .then((outcome) => (outcome === "too_old" ? reject([entry.item]) : undefined))
      .then(
        () => {
          use(entry.organizationId, -entry.picoUsd);
          waiting.delete(entry.item.id);
          state.waiting = waiting.size;
          parts.onReplayed(entry.item.id);
        },
        (error) => onError(error, "replaying a journalled request failed and is retried"),
      )
      .finally(() => {
        entry.sending = null;
      });
    return entry.sending;
  }

  async function reject(items: readonly ReplayItem[]): Promise<void> {
    if (items.length === 0) return;
    await rejectedItems.add(items);
    state.rejected += items.length;
    parts.onRejected(items.length, rejectedItems.path);
  }

  /** @throws when the ledger does not have all of them yet: they are retried */
  async function replayOrphan({ read, remove }: OrphanedJournal): Promise<void> {
    const items = await read();
    const tooOld: ReplayItem[] = [];
    const sent = await Promise.allSettled(
      items.map(async (item) => {
        if ((await parts.replay(item)) === "too_old") tooOld.push(item);
      }),
    );
    const failed = sent.find((outcome) => outcome.status === "rejected");
    if (failed) throw failed.reason;
    await reject(tooOld);
    await remove();
  }

  async function replayAll(): Promise<void> {
    const ended = [...waiting.values()].filter((entry) => entry.ended);
    await Promise.all(ended.map(send));
    if (isDone()) await journal.clear(isDone);
    for (const orphan of await journal.takeOver()) {
      await replayOrphan(orphan).catch((error) =>
        onError(error, "replaying a dead process's journal failed and is retried"),
      );
    }
  }

  async function replay(): Promise<void> {
    await journal.touch();
    if (watch.isUnavailable()) return;
    replaying ??= replayAll()
      .catch((error) => onError(error, "cannot read the journal"))
      .finally(() => {
        replaying = null;
      });
    await replaying;
  }

  watch.onAvailable(() => void replay());

  return {
    freePicoUsd,
    hold,
    settle,
    noteProgress,
    journalUnsettled: async (settlements) => {
      hasUnsettled = true;
      await Promise.all(
        settlements.map((settlement) => journal.append({ ended: true, item: settledItem(settlement) })),
      );
    },
    replay,
    idle: async () => {
      while (waiting.size > 0) {
        await watch.untilAvailable();
        await replay();
        if (waiting.size > 0) await sleep(RETRY_AFTER_MS, undefined, { ref: false });
      }
    },
    close: () => journal.close(),
  };
}
