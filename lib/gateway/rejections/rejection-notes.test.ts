import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApiError, type ApiErrorCode } from "#lib/http/api-error";
import { type CallerInfo, UNKNOWN_CALLER } from "./caller-info";
import { type NotesOptions, type RejectionGroup, rejectionNotes } from "./rejection-notes";

const HOUR_MS = 3_600_000;
const NOON = Date.UTC(2026, 0, 31, 12);
const caller = (known: Partial<CallerInfo>): CallerInfo => ({ ...UNKNOWN_CALLER, ...known });
const rejection = (code: ApiErrorCode, message = "No.") => new ApiError(code, message);

let written: RejectionGroup[][] = [];
let failing = false;
const errors: unknown[] = [];
const notes = (options: Partial<NotesOptions> = {}) => {
  const { note, flush } = rejectionNotes(
    async (groups) => {
      if (failing) throw new Error("the database is away");
      written.push([...groups]);
    },
    {
      everyMs: 1_000,
      maxDetails: 3,
      maxGroups: 10,
      maxGroupsWithRequests: 5,
      onError: (error) => errors.push(error),
      ...options,
    },
  );
  let sent = 0;
  return {
    /** Notes the next request: "r1", "r2" and so on. */
    note: (who: CallerInfo, error: ApiError, nowMs?: number) => note(who, error, `r${++sent}`, nowMs),
    flush,
  };
};

beforeEach(() => {
  vi.useFakeTimers({ now: NOON + 60_000 });
  written = [];
  failing = false;
  errors.length = 0;
});
afterEach(() => vi.useRealTimers());

describe("rejections", () => {
  test("are counted by caller, code and model, and written together", async () => {
    const { note } = notes();
    for (let n = 0; n < 5_000; n++)
      note(caller({ organizationId: "o", model: "m" }), rejection("invalid_request"));
    note(caller({ organizationId: "o", model: "other" }), rejection("invalid_request"));
    note(caller({ organizationId: "p", model: "m" }), rejection("model_not_allowed", "Not yours."));
    note(UNKNOWN_CALLER, rejection("invalid_api_key"));
    expect(written).toEqual([]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(written).toHaveLength(1);
    expect(
      written[0]?.map(({ code, organizationId, model, rejections }) => [
        code,
        organizationId,
        model,
        rejections,
      ]),
    ).toEqual([
      ["invalid_request", "o", "m", 5_000],
      ["invalid_request", "o", "other", 1],
      ["model_not_allowed", "p", "m", 1],
      ["invalid_api_key", null, null, 1],
    ]);
    expect(written[0]?.[2]).toMatchObject({
      hourMs: NOON,
      lastAtMs: NOON + 60_000,
      lastMessage: "Not yours.",
    });
  });

  test("are written at once after a pause, else within a second, and never more than once a second", async () => {
    const { note } = notes();
    const noted = async (afterMs: number) => {
      await vi.advanceTimersByTimeAsync(afterMs);
      note(UNKNOWN_CALLER, rejection("invalid_api_key"));
      await vi.advanceTimersByTimeAsync(1);
    };
    const ids = () => written.map((groups) => groups[0]?.lastRequests.map(({ id }) => id));
    await noted(0);
    expect(ids()).toEqual([["r1"]]);
    await noted(100);
    await noted(500);
    expect(ids()).toEqual([["r1"]]);
    await vi.advanceTimersByTimeAsync(400);
    expect(ids()).toEqual([["r1"], ["r2", "r3"]]);
    for (let n = 0; n < 100; n++) await noted(49);
    expect(written.length).toBeLessThanOrEqual(2 + 6);
    await noted(2_000);
    expect(ids().at(-1)).toEqual(["r104"]);
  });

  test("are written once: the next write has only newer ones", async () => {
    const { note, flush } = notes();
    note(UNKNOWN_CALLER, rejection("invalid_api_key"));
    await flush();
    await flush();
    note(UNKNOWN_CALLER, rejection("invalid_api_key", "Still no."));
    await flush();
    expect(
      written.map((groups) => groups.map(({ rejections, lastMessage }) => [rejections, lastMessage])),
    ).toEqual([[[1, "No."]], [[1, "Still no."]]]);
  });

  test("are kept and retried if they cannot be written", async () => {
    const { note } = notes();
    failing = true;
    note(UNKNOWN_CALLER, rejection("service_unavailable"));
    await vi.advanceTimersByTimeAsync(3_000);
    note(UNKNOWN_CALLER, rejection("service_unavailable"));
    await vi.advanceTimersByTimeAsync(6_000);
    expect(errors.length).toBeGreaterThanOrEqual(2);
    failing = false;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(written.flat().map(({ rejections }) => rejections)).toEqual([2]);
  });

  test("belong to the hour in which they happened", async () => {
    const { note, flush } = notes();
    note(UNKNOWN_CALLER, rejection("invalid_api_key"), NOON + HOUR_MS - 1);
    note(UNKNOWN_CALLER, rejection("invalid_api_key"), NOON + HOUR_MS);
    await flush();
    expect(written[0]?.map(({ hourMs }) => hourMs)).toEqual([NOON, NOON + HOUR_MS]);
  });

  test.each<ApiErrorCode>([
    "upstream_error",
    "upstream_timeout",
    "upstream_rate_limited",
    "client_closed_request",
    "internal_error",
  ])("exclude what the ledger records and internal errors: %s", async (code) => {
    const { note, flush } = notes();
    note(UNKNOWN_CALLER, rejection(code));
    await flush();
    expect(written).toEqual([]);
  });

  test("contain only text that PostgreSQL can store, and little of the client's", async () => {
    const { note, flush } = notes();
    note(
      caller({ model: `\u0000\ud800${"x".repeat(500)}` }),
      rejection("model_not_found", `\ud800${"y".repeat(5_000)}`),
    );
    await flush();
    const [group] = written[0] ?? [];
    expect(group?.model).toMatch(/^ {2}x{98}$/);
    expect(group?.lastMessage).toMatch(/^ y{299}$/);
  });
});

describe("the last requests of a group", () => {
  const budget = {
    scope: "user",
    period: "month",
    remainingUsd: "0.1",
    heldUsd: "0",
    neededUsd: "0.3",
  } as const;
  const overBudget = () => new ApiError("insufficient_quota", "Too little.", { budget });
  const lastIds = () =>
    written.map((groups) => groups.map(({ lastRequests }) => lastRequests.map(({ id }) => id)));

  test("are kept with their message and the budget that rejected them, at most five", async () => {
    const { note, flush } = notes();
    for (let n = 0; n < 7; n++) note(caller({ organizationId: "o" }), overBudget());
    note(caller({ organizationId: "o" }), rejection("invalid_request", "Say, what?"));
    await flush();
    expect(lastIds()).toEqual([[["r3", "r4", "r5", "r6", "r7"], ["r8"]]]);
    expect(written[0]?.[0]?.lastRequests[0]).toEqual({ id: "r3", message: "Too little.", budget });
    expect(written[0]?.[1]?.lastRequests).toEqual([{ id: "r8", message: "Say, what?", budget: null }]);
  });

  test("are written once, and again together with newer ones if they cannot be written", async () => {
    const { note, flush } = notes();
    note(UNKNOWN_CALLER, rejection("invalid_api_key"));
    await flush();
    note(UNKNOWN_CALLER, rejection("invalid_api_key"));
    failing = true;
    await flush();
    for (let n = 0; n < 4; n++) note(UNKNOWN_CALLER, rejection("invalid_api_key"));
    await flush();
    note(UNKNOWN_CALLER, rejection("invalid_api_key"));
    failing = false;
    await flush();
    expect(lastIds()).toEqual([[["r1"]], [["r3", "r4", "r5", "r6", "r7"]]]);
  });

  test("are kept for few groups of an organization, and for all of its budgets", async () => {
    const { note, flush } = notes({ maxDetails: 100, maxGroups: 100, maxGroupsWithRequests: 2 });
    for (const organizationId of ["o", "p"]) {
      for (let n = 0; n < 4; n++)
        note(caller({ organizationId, model: `m${n}` }), rejection("model_not_found"));
      note(caller({ organizationId, model: "m" }), overBudget());
    }
    await flush();
    expect(lastIds()).toEqual([[["r1"], ["r2"], [], [], ["r5"], ["r6"], ["r7"], [], [], ["r10"]]]);
    note(caller({ organizationId: "o", model: "m4" }), rejection("model_not_found"));
    note(caller({ organizationId: "o", model: "m5" }), rejection("model_not_found"), NOON + HOUR_MS);
    await flush();
    expect(lastIds()[1]).toEqual([[], ["r12"]]);
  });
});

describe("a flood of values that clients invent", () => {
  const models = (note: (who: CallerInfo, error: ApiError) => void, organizationId: string, many: number) => {
    for (let n = 0; n < many; n++)
      note(caller({ organizationId, model: `m${n}` }), rejection("model_not_found"));
  };
  const shown = () =>
    written.flat().map(({ organizationId, model, rejections }) => [organizationId, model, rejections]);

  test("is distinguished up to a limit, then only by caller and code", async () => {
    const { note, flush } = notes();
    models(note, "o", 1_000);
    models(note, "p", 1);
    await flush();
    expect(shown()).toEqual([
      ["o", "m0", 1],
      ["o", "m1", 1],
      ["o", "m2", 1],
      ["o", null, 997],
      ["p", "m0", 1],
    ]);
  });

  test("is bounded for the whole hour however often it is written; the next hour starts over", async () => {
    const { note, flush } = notes();
    for (let n = 0; n < 10; n++) {
      note(caller({ keyPrefix: `key${n}` }), rejection("invalid_api_key"));
      await flush();
    }
    const prefixes = new Set(written.flat().map(({ keyPrefix }) => keyPrefix));
    expect(prefixes).toEqual(new Set(["key0", "key1", "key2", null]));
    vi.setSystemTime(NOON + HOUR_MS);
    note(caller({ keyPrefix: "key9" }), rejection("invalid_api_key"));
    await flush();
    expect(written.at(-1)?.map(({ keyPrefix }) => keyPrefix)).toEqual(["key9"]);
  });

  test("of too many organizations is distinguished by code alone, and none is lost", async () => {
    const { note, flush } = notes();
    for (let n = 0; n < 100; n++) models(note, `o${n}`, 1);
    await flush();
    expect(shown()).toHaveLength(11);
    expect(shown().at(-1)).toEqual([null, null, 90]);
  });
});
