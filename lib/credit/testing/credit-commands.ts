import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import {
  adjustments,
  anyAmount,
  anyPlace,
  atOnce,
  holds,
  limitChanges,
  operationsOf,
  type Plan,
  settlements,
  sweeps,
  unheard,
} from "./credit-plans";
import { type CreditState, expectedState, readState } from "./credit-state";
import {
  type CreditSystem,
  carryOut,
  fall,
  loseHold,
  newProcess,
  processAt,
  rollOver,
  say,
} from "./credit-system";
import { apply, lose, type Operation, type Reference, type Row, scopeAt } from "./reference";

type Command = fc.AsyncCommand<Reference, CreditSystem>;
/** Null: refused for now, nothing was done. */
type Done = { operation: Operation; answer: string[] | null };

/** All commands: each does something to the database and to the reference, and then they must be equal. */
export function creditCommands(): fc.Arbitrary<Command>[] {
  return [
    holds.map((plan) => inSomeOrder([plan])),
    settlements.map((plan) => inSomeOrder([plan])),
    fc.oneof(sweeps, adjustments, unheard).map((plan) => inSomeOrder([plan])),
    limitChanges.map((plan) => inSomeOrder([plan])),
    atOnce.map(inSomeOrder),
    fc.tuple(anyPlace, fc.boolean()).map(([at, replaced]) => falling(at, replaced)),
    fc.tuple(anyPlace, anyPlace, anyAmount).map(([at, row, ifSwept]) => saying(at, row, ifSwept)),
    anyPlace.map(losing),
    anyPlace.map(rollingOver),
  ];
}

/** Does one thing, or several at once: then what came of them must be what comes of them in some order. */
function inSomeOrder(plans: Plan[]): Command {
  return {
    check: () => true,
    async run(reference, system) {
      const processes = system.processes.map(({ instance }) => instance.id);
      const operations = plans.flatMap((plan, place) => operationsOf(plan, place, reference, processes));
      const before = structuredClone(reference);
      const done: Done[] = await Promise.all(
        operations.map(async (operation) => ({
          operation,
          answer: await carryOut(system, before, operation),
        })),
      );
      if (system.retried.length > 0) throw system.retried[0];
      const state = await readState(system, reference);
      const after = explained(reference, plans.length > 1 ? done.flatMap(split) : done, state);
      if (!after) throw unexplained(reference, done, state);
      Object.assign(reference, after);
    },
    toString: () => plans.map(show).join(" and at once "),
  };
}

/** Settlements that share a call share no fate: those of rows that are no longer held go another way. */
function split({ operation, answer }: Done): Done[] {
  if (operation.kind !== "settle") return [{ operation, answer }];
  return operation.items.map((item, at) => ({
    operation: { ...operation, items: [item] },
    answer: answer && [answer[at] ?? ""],
  }));
}

/** The reference after all that was done, in an order that gives the same answers and the same state; null if none does. */
function explained(reference: Reference, done: readonly Done[], state: CreditState): Reference | null {
  if (done.length === 0) return isDeepStrictEqual(expectedState(reference), state) ? reference : null;
  for (const [at, next] of done.entries()) {
    const copy = structuredClone(reference);
    if (!answersAlike(copy, next)) continue;
    const after = explained(copy, done.toSpliced(at, 1), state);
    if (after) return after;
  }
  return null;
}

function answersAlike(reference: Reference, { operation, answer }: Done): boolean {
  if (answer === null) return true;
  // A settlement that meets its own hold on the way does not see what became of it.
  return apply(reference, operation).every((one, at) => one === answer[at] || answer[at] === "unknown");
}

function unexplained(reference: Reference, done: readonly Done[], state: CreditState): Error {
  const copy = structuredClone(reference);
  const lines = done.map(
    ({ operation, answer }) =>
      `${show(operation)}\n  answered ${show(answer)}, by the reference ${show(apply(copy, operation))}`,
  );
  return new Error(
    `No order explains what came of:\n${lines.join("\n")}\n${compared(state, expectedState(copy))}\nbefore   ${show(expectedState(reference))}`,
  );
}

function falling(at: number, replaced: boolean): Command {
  return {
    check: () => true,
    async run(reference, system) {
      const process = processAt(system, at);
      await fall(system, process);
      reference.dead.add(process.instance.id);
      if (replaced) system.processes[at % system.processes.length] = newProcess(system);
      await mustBeEqual(reference, system);
    },
    toString: () => `process ${at} falls${replaced ? ", and another takes its place" : ""}`,
  };
}

function saying(at: number, rowAt: number, ifSwept: bigint): Command {
  return onARow(
    rowAt,
    `process ${at} says what would be charged: ${ifSwept}`,
    async (reference, system, [id, row]) => {
      const process = processAt(system, at);
      await say(system, process, id, ifSwept);
      row.ifSwept = ifSwept;
      reference.dead.delete(process.instance.id);
    },
  );
}

function losing(rowAt: number): Command {
  return onARow(rowAt, "the database loses", async (reference, system, [id, row]) => {
    await loseHold(system, id);
    lose(reference, row);
  });
}

/** A command about one of the rows that are held. */
function onARow(
  at: number,
  what: string,
  run: (reference: Reference, system: CreditSystem, row: [string, Row]) => Promise<void>,
): Command {
  const held = ({ rows }: Reference) =>
    [...rows].filter(([, row]) => row.status === "held" && row.owner !== null);
  return {
    check: (reference) => held(reference).length > 0,
    async run(reference, system) {
      const rows = held(reference);
      const row = rows[at % rows.length];
      if (row) await run(reference, system, row);
      await mustBeEqual(reference, system);
    },
    toString: () => `${what} (row ${at})`,
  };
}

function rollingOver(at: number): Command {
  const scopeOf = (reference: Reference) => scopeAt(reference, at % reference.scopes.length);
  return {
    check: (reference) => scopeOf(reference).period !== "total",
    async run(reference, system) {
      const scope = scopeOf(reference);
      const key = `${scope.id} ${scope.period}`;
      const earlier = reference.rolledOver.get(key) ?? 0;
      await rollOver(system, scope, earlier);
      reference.rolledOver.set(key, earlier + 1);
      await mustBeEqual(reference, system);
    },
    toString: () => `the period of scope ${at} rolls over`,
  };
}

async function mustBeEqual(reference: Reference, system: CreditSystem): Promise<void> {
  const [state, expected] = [await readState(system, reference), expectedState(reference)];
  if (!isDeepStrictEqual(state, expected)) throw new Error(compared(state, expected));
}

const compared = (state: CreditState, expected: CreditState) =>
  `state    ${show(state)}\nexpected ${show(expected)}`;
const show = (value: unknown) =>
  JSON.stringify(value, (_, part) => (typeof part === "bigint" ? String(part) : part));
