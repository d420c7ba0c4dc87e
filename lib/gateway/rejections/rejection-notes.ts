import type { ApiError, ApiErrorCode } from "#lib/http/api-error";
import type { CallerInfo } from "./caller-info";

/** Rejections of one kind within an hour. */
export type RejectionGroup = CallerInfo & {
  code: ApiErrorCode;
  hourMs: number;
  rejections: number;
  lastAtMs: number;
  lastMessage: string;
};

export type RejectionNotes = {
  note: (caller: CallerInfo, error: ApiError, nowMs?: number) => void;
  /** Writes what has been noted since the last time. Never throws: what cannot be written is kept for the next time. */
  flush: () => Promise<void>;
};

/** Adds the groups' counts to what is kept; it may be called again with the same after it has failed. */
export type WriteRejections = (groups: readonly RejectionGroup[]) => Promise<void>;

export type NotesOptions = {
  /** How long a note may wait to be written. */
  delayMs: number;
  /** Of one organization, or of unknown callers, an hour: so many models or keys are told apart. */
  maxDetails: number;
  /** In all; then rejections are told apart by their codes only. */
  maxGroups: number;
  onError: (error: unknown) => void;
};

const HOUR_MS = 3_600_000;
const MOST_MODEL_CHARACTERS = 100;
const MOST_MESSAGE_CHARACTERS = 300;

/** The requests behind these were held for, so that each has a row in the ledger; or an accident, which is in the log. */
const NOT_REJECTED: ReadonlySet<ApiErrorCode> = new Set<ApiErrorCode>([
  "upstream_error",
  "upstream_timeout",
  "upstream_rate_limited",
  "client_closed_request",
  "internal_error",
]);

/**
 * Counts rejections in memory, by who, why and the hour, and writes the counts every few seconds: a flood of
 * refused requests costs a few rows. What a client can make up (a model's name, a key) is told apart only so
 * far, which bounds the memory and the rows an hour.
 */
export function rejectionNotes(write: WriteRejections, options: NotesOptions): RejectionNotes {
  const groups = new Map<string, RejectionGroup>();
  const details = new Map<string | null, number>();
  let detailsHourMs = 0;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();

  const groupOf = (caller: CallerInfo, code: ApiErrorCode, hourMs: number): RejectionGroup => {
    const keyOf = (who: CallerInfo) => JSON.stringify([hourMs, code, ...Object.values(who)]);
    const add = (who: CallerInfo) => {
      const group = { ...who, code, hourMs, rejections: 0, lastAtMs: 0, lastMessage: "" };
      groups.set(keyOf(who), group);
      return group;
    };
    const known = groups.get(keyOf(caller));
    if (known) return known;
    const isFull = groups.size >= options.maxGroups;
    const { organizationId } = caller;
    const told = details.get(organizationId) ?? 0;
    const isDetailed = caller.model !== null || caller.keyPrefix !== null;
    if (!isFull && (!isDetailed || told < options.maxDetails)) {
      if (isDetailed) details.set(organizationId, told + 1);
      return add(caller);
    }
    const rough = { ...caller, model: null, keyPrefix: null };
    const nobody = { ...rough, organizationId: null, userId: null, apiKeyId: null, appId: null };
    return groups.get(keyOf(rough)) ?? (isFull ? (groups.get(keyOf(nobody)) ?? add(nobody)) : add(rough));
  };

  const writeDue = async (): Promise<void> => {
    const due = [...groups.values()].filter(({ rejections }) => rejections > 0);
    if (due.length === 0) return;
    const copies = due.map((group) => ({ ...group }));
    for (const group of due) group.rejections = 0;
    try {
      await write(copies);
      // Of the running hour they are remembered, so that no more of them are told apart.
      const hourMs = hourOf(Date.now());
      for (const [key, group] of groups) {
        if (group.hourMs < hourMs && group.rejections === 0) groups.delete(key);
      }
    } catch (error) {
      for (const [at, group] of due.entries()) group.rejections += copies[at]?.rejections ?? 0;
      options.onError(error);
      schedule();
    }
  };

  const flush = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    writing = writing.then(writeDue);
    return writing;
  };

  const schedule = () => {
    timer ??= setTimeout(flush, options.delayMs).unref();
  };

  return {
    note: (caller, error, nowMs = Date.now()) => {
      if (NOT_REJECTED.has(error.code)) return;
      const hourMs = hourOf(nowMs);
      if (hourMs !== detailsHourMs) {
        details.clear();
        detailsHourMs = hourMs;
      }
      const model = caller.model === null ? null : storable(caller.model, MOST_MODEL_CHARACTERS);
      const group = groupOf({ ...caller, model }, error.code, hourMs);
      group.rejections += 1;
      group.lastAtMs = Math.max(group.lastAtMs, nowMs);
      group.lastMessage = storable(error.message, MOST_MESSAGE_CHARACTERS);
      schedule();
    },
    flush,
  };
}

const hourOf = (ms: number) => Math.floor(ms / HOUR_MS) * HOUR_MS;

/** Without what PostgreSQL cannot keep: control characters, halves of a surrogate pair. */
const storable = (text: string, most: number) => text.slice(0, most).replace(/[\p{Cc}\p{Cs}]/gu, " ");
