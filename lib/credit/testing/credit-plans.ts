import fc from "fast-check";
import { uuidv7 } from "#lib/credit/request-id";
import { PAYERS } from "./credit-system";
import { type Ending, type HoldItem, type Operation, type Reference, scopeAt } from "./reference";

/** A generated hold. Numbers that select something are taken modulo how many there are. */
type HoldPlan = {
  payer: number;
  amount: bigint;
  floor: bigint | null;
  ifSwept: bigint;
  stale: boolean;
  /** Selects a row whose id is reused. */
  again: number | null;
};

/** A generated action, before it is known which rows exist. */
export type Plan =
  | { do: "hold"; process: number; items: HoldPlan[] }
  | { do: "settle"; endings: { row: number; cost: bigint; released: boolean }[] }
  | { do: "settle unknown"; cost: bigint }
  | { do: "sweep" }
  | { do: "adjust"; scope: number; amount: bigint | null }
  | { do: "limit"; scope: number; limit: bigint | null; maxConcurrent: number | null }
  | { do: "release a pending hold"; process: number; item: HoldPlan };

const MAX_ITEMS = 8;

/** Odd amounts, so that a sum that is off in its last digit shows. */
const usd = (most: number) => fc.nat(most).map((units) => BigInt(units) * 7_000_000_001n);
export const anyAmount = usd(60);
export const anyPlace = fc.nat(1_000);

const process = anyPlace;
const fresh: fc.Arbitrary<HoldPlan> = fc.record({
  payer: anyPlace,
  amount: anyAmount,
  floor: fc.option(anyAmount),
  ifSwept: anyAmount,
  stale: fc.nat(9).map((die) => die === 9),
  again: fc.constant(null),
});
const freshOrAgain = fc.oneof(
  { weight: 5, arbitrary: fresh },
  fc.tuple(fresh, anyPlace).map(([item, again]) => ({ ...item, again })),
);
const does = <const Word extends Plan["do"]>(word: Word) => fc.constant(word);

export const holds = fc.record({
  do: does("hold"),
  process,
  items: fc.array(freshOrAgain, { minLength: 1, maxLength: MAX_ITEMS }),
});
const settlementsOf = (most: number) =>
  fc.record({
    do: does("settle"),
    endings: fc.array(fc.record({ row: anyPlace, cost: anyAmount, released: fc.boolean() }), {
      minLength: 1,
      maxLength: most,
    }),
  });
export const settlements = settlementsOf(4);
export const sweeps = fc.record({ do: does("sweep") });
export const adjustments = fc.record({
  do: does("adjust"),
  scope: anyPlace,
  amount: fc.option(
    fc.tuple(anyAmount, fc.boolean()).map(([charged, refund]) => (refund ? -charged : charged)),
    { freq: 4 },
  ),
});
export const limitChanges = fc.record({
  do: does("limit"),
  scope: anyPlace,
  limit: fc.option(usd(200)),
  maxConcurrent: fc.option(fc.nat(6)),
});
export const unknownSettlements = fc.record({ do: does("settle unknown"), cost: anyAmount });

/** Actions that may run concurrently. (A process resends an id only before it settles it.) */
export const concurrently: fc.Arbitrary<Plan[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: does("hold"),
        process,
        items: fc.array(fresh, { minLength: 1, maxLength: 1 }),
      }),
    },
    { weight: 3, arbitrary: settlementsOf(2) },
    sweeps,
    adjustments,
    limitChanges,
    fc.record({ do: does("release a pending hold"), process, item: fresh }),
  ),
  { minLength: 2, maxLength: 4 },
);

/**
 * Turns a plan into operations on the rows that exist.
 * @param place the plan's index among concurrent ones: each settles from a process of its own, since no process
 * settles a request twice
 */
export function operationsOf(
  plan: Plan,
  place: number,
  reference: Reference,
  processes: readonly string[],
): Operation[] {
  const at = (process: number) => processes[process % processes.length] ?? "";
  switch (plan.do) {
    case "hold":
      return [
        { kind: "hold", process: at(plan.process), items: plan.items.map((one) => holdItem(one, reference)) },
      ];
    case "settle": {
      const ids = rowsOf(reference, (status) => status !== "adjustment");
      const items = new Map<string, Ending>();
      for (const { row, cost, released } of plan.endings) {
        const id = ids[row % ids.length];
        if (id !== undefined) items.set(id, ending(id, cost, released));
      }
      return items.size === 0 ? [] : [{ kind: "settle", process: at(place), items: [...items.values()] }];
    }
    case "settle unknown":
      return [{ kind: "settle", process: at(0), items: [ending(uuidv7(), plan.cost, false)] }];
    case "sweep":
      return [{ kind: "sweep" }];
    case "adjust":
      return [
        { kind: "adjust", id: uuidv7(), scope: plan.scope % reference.scopes.length, amount: plan.amount },
      ];
    case "limit": {
      const { limit, maxConcurrent } = plan;
      return [{ kind: "limit", scope: plan.scope % reference.scopes.length, limit, maxConcurrent }];
    }
    case "release a pending hold": {
      const item = holdItem(plan.item, reference);
      const release = ending(item.id, 0n, true);
      return [
        { kind: "hold", process: at(plan.process), items: [item] },
        { kind: "settle", process: at(plan.process), items: [release] },
      ];
    }
  }
}

function holdItem({ payer, amount, floor, ifSwept, stale, again }: HoldPlan, reference: Reference): HoldItem {
  const ids = rowsOf(reference, (status) => status !== "adjustment" && status !== "lost");
  const seen = again === null ? undefined : ids[again % ids.length];
  const scopes = [...(PAYERS[payer % PAYERS.length] ?? [])];
  const versions = scopes.map((place) => scopeAt(reference, place).version - (stale ? 1 : 0));
  return { id: seen ?? uuidv7(), scopes, versions, amount, floor, ifSwept };
}

const ending = (id: string, cost: bigint, released: boolean): Ending =>
  released ? { id, status: "released", cost: 0n } : { id, status: "settled", cost };

function rowsOf({ rows }: Reference, wanted: (status: string) => boolean): string[] {
  return [...rows].filter(([, { status }]) => wanted(status)).map(([id]) => id);
}
