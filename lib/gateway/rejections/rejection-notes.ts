import type { ApiError, ApiErrorCode, RejectingBudget } from "#lib/http/api-error";
import { type CallerInfo, UNKNOWN_CALLER } from "./caller-info";

/** Rejections of one kind within an hour. */
export type RejectionGroup = CallerInfo & {
  code: ApiErrorCode;
  hourMs: number;
  rejections: number;
  lastAtMs: number;
  lastMessage: string;
  /** The last few of them, the latest last. Empty if the group keeps none. */
  lastRequests: RejectedRequest[];
};

/** One rejected request. */
export type RejectedRequest = { id: string; message: string; budget: RejectingBudget | null };

export type RejectionNotes = {
  /** @param requestId a UUIDv7 of this hour */
  note: (caller: CallerInfo, error: ApiError, requestId: string, nowMs?: number) => void;
  /** Writes the counts since the last flush. Never rejects: counts that cannot be written are retried. */
  flush: () => Promise<void>;
};

/** Adds the groups' counts to those stored; called again with the same groups after a failure. */
export type WriteRejections = (groups: readonly RejectionGroup[]) => Promise<void>;

export type NotesOptions = {
  /** The least time between two writes, and so the longest that a count waits to be written. */
  everyMs: number;
  /** How many models and keys are counted separately, per hour and organization (or all unknown callers together). */
  maxDetails: number;
  /** How many groups there may be in all; beyond it, rejections are counted by code only. */
  maxGroups: number;
  /** How many groups keep their last requests, per hour and organization, besides those of budgets. */
  maxGroupsWithRequests: number;
  onError: (error: unknown) => void;
};

/** How many requests of a group are kept with their ids. */
export const LAST_REQUESTS = 5;

const HOUR_MS = 3_600_000;
const MAX_MODEL_CHARACTERS = 100;
const MAX_MESSAGE_CHARACTERS = 300;

/** Not rejections of ours: these requests have a ledger row. */
const HAVE_ROWS: ReadonlySet<ApiErrorCode> = new Set<ApiErrorCode>([
  "upstream_error",
  "upstream_timeout",
  "upstream_rate_limited",
  "client_closed_request",
]);

/** Whether a request that ended in this error has a ledger row. */
export const hasLedgerRow = ({ code }: ApiError): boolean => HAVE_ROWS.has(code);

/** A group in memory. */
type CountedGroup = RejectionGroup & { keepsRequests: boolean };

/**
 * Counts rejections in memory by caller, code and hour, and writes the counts once a second, so that a flood of
 * rejected requests costs few rows. The first after a pause is written at once, so that its id can be looked up. Values that a client can invent (model names, keys) are counted separately
 * only up to a limit, and only the last requests of a group are kept, which bounds memory, rows and their size.
 */
export function rejectionNotes(write: WriteRejections, options: NotesOptions): RejectionNotes {
  const groups = new Map<string, CountedGroup>();
  const details = new Map<string | null, number>();
  const groupsWithRequests = new Map<string | null, number>();
  let detailsHourMs = 0;
  let timer: NodeJS.Timeout | null = null;
  let flushedAtMs = Number.NEGATIVE_INFINITY;
  let writing: Promise<void> = Promise.resolve();

  /** A budget's rejection names no model, or one that exists, so that its groups are few. */
  const keepsRequests = ({ organizationId }: CallerInfo, { budget }: ApiError): boolean => {
    if (budget !== null) return true;
    const count = groupsWithRequests.get(organizationId) ?? 0;
    if (count >= options.maxGroupsWithRequests) return false;
    groupsWithRequests.set(organizationId, count + 1);
    return true;
  };

  const groupOf = (caller: CallerInfo, error: ApiError, hourMs: number): CountedGroup => {
    const { code } = error;
    // Not by the prefix of a known key, which changes when it is rotated.
    const keyOf = ({ organizationId, userId, apiKeyId, appId, keyPrefix, model }: CallerInfo) =>
      JSON.stringify([hourMs, code, organizationId, userId, apiKeyId, appId, keyPrefix, model]);
    const add = (info: CallerInfo) => {
      const group: CountedGroup = {
        ...info,
        code,
        hourMs,
        rejections: 0,
        lastAtMs: 0,
        lastMessage: "",
        lastRequests: [],
        keepsRequests: keepsRequests(info, error),
      };
      groups.set(keyOf(info), group);
      return group;
    };
    const known = groups.get(keyOf(caller));
    if (known) return known;
    const isFull = groups.size >= options.maxGroups;
    const { organizationId } = caller;
    const detailCount = details.get(organizationId) ?? 0;
    const isDetailed = caller.model !== null || caller.keyPrefix !== null;
    if (!isFull && (!isDetailed || detailCount < options.maxDetails)) {
      if (isDetailed) details.set(organizationId, detailCount + 1);
      return add(caller);
    }
    const withoutDetails = { ...caller, model: null, keyPrefix: null };
    const existing = groups.get(keyOf(withoutDetails));
    if (existing) return existing;
    if (!isFull) return add(withoutDetails);
    return groups.get(keyOf(UNKNOWN_CALLER)) ?? add(UNKNOWN_CALLER);
  };

  const writeCounts = async (): Promise<void> => {
    const due = [...groups.values()].filter(({ rejections }) => rejections > 0);
    if (due.length === 0) return;
    const copies = due.map(({ keepsRequests: _, ...group }) => group);
    for (const group of due) {
      group.rejections = 0;
      group.lastRequests = [];
    }
    try {
      await write(copies);
      // Groups of the current hour stay, so that they go on counting towards the limits.
      const hourMs = hourOf(Date.now());
      for (const [key, group] of groups) {
        if (group.hourMs < hourMs && group.rejections === 0) groups.delete(key);
      }
    } catch (error) {
      for (const [at, group] of due.entries()) {
        group.rejections += copies[at]?.rejections ?? 0;
        group.lastRequests = [...(copies[at]?.lastRequests ?? []), ...group.lastRequests].slice(
          -LAST_REQUESTS,
        );
      }
      options.onError(error);
      schedule();
    }
  };

  const flush = (): Promise<void> => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    flushedAtMs = performance.now();
    writing = writing.then(writeCounts);
    return writing;
  };

  const schedule = () => {
    timer ??= setTimeout(flush, Math.max(0, flushedAtMs + options.everyMs - performance.now())).unref();
  };

  return {
    note: (caller, error, requestId, nowMs = Date.now()) => {
      if (hasLedgerRow(error) || error.code === "internal_error") return;
      const hourMs = hourOf(nowMs);
      if (hourMs !== detailsHourMs) {
        details.clear();
        groupsWithRequests.clear();
        detailsHourMs = hourMs;
      }
      const model = caller.model === null ? null : storable(caller.model, MAX_MODEL_CHARACTERS);
      const group = groupOf({ ...caller, model }, error, hourMs);
      const message = storable(error.message, MAX_MESSAGE_CHARACTERS);
      group.rejections += 1;
      group.lastAtMs = Math.max(group.lastAtMs, nowMs);
      group.lastMessage = message;
      if (group.keepsRequests) {
        if (group.lastRequests.length === LAST_REQUESTS) group.lastRequests.shift();
        group.lastRequests.push({ id: requestId, message, budget: error.budget });
      }
      schedule();
    },
    flush,
  };
}

const hourOf = (ms: number) => Math.floor(ms / HOUR_MS) * HOUR_MS;

/** Replaces what PostgreSQL cannot store: control characters and lone surrogates. */
const storable = (text: string, maxCharacters: number) =>
  text.slice(0, maxCharacters).replace(/[\p{Cc}\p{Cs}]/gu, " ");
