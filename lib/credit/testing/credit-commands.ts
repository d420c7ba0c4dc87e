import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import {
  adjustments,
  anyAmount,
  anyPlace,
  concurrently,
  holds,
  limitChanges,
  operationsOf,
  type Plan,
  settlements,
  sweeps,
  unknownSettlements,
} from "./credit-plans";
import { type CreditState, expectedState, readState } from "./credit-state";
import {
  type CreditSystem,
  carryOut,
  expireLease,
  loseHold,
  newProcess,
  processAt,
  rollOver,
  sendHeartbeat,
} from "./credit-system";
import { apply, lose, type Operation, type Reference, type Row, scopeAt } from "./reference";

type Command = fc.AsyncCommand<Reference, CreditSystem>;
/** Null: timed out on a lock, nothing was done. */
type Done = { operation: Operation; answer: string[] | null };

/** Every command acts on the database and on the reference, which must then be equal. */
export function creditCommands(): fc.Arbitrary<Command>[] {
  return [
    holds.map((plan) => inSomeOrder([plan])),
    settlements.map((plan) => inSomeOrder([plan])),
    fc.oneof(sweeps, adjustments, unknownSettlements).map((plan) => inSomeOrder([plan])),
    limitChanges.map((plan) => inSomeOrder([plan])),
    concurrently.map(inSomeOrder),
    fc.tuple(anyPlace, fc.boolean()).map(([at, replaced]) => expiring(at, replaced)),
    fc.tuple(anyPlace, anyPlace, anyAmount).map(([at, row, ifSwept]) => sendingHeartbeat(at, row, ifSwept)),
    anyPlace.map(losing),
    anyPlace.map(rollingOver),
  ];
}

/** Runs one plan, or several concurrently: the result must be that of some sequential order. */
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
    toString: () => plans.map(show).join(" concurrently with "),
  };
}

/** Settlements that share a call may end separately: those of rows that are not held take another path. */
function split({ operation, answer }: Done): Done[] {
  if (operation.kind !== "settle") return [{ operation, answer }];
  return operation.items.map((item, at) => ({
    operation: { ...operation, items: [item] },
    answer: answer && [answer[at] ?? ""],
  }));
}

/** The reference after an order of operations with the same answers and the same state; null if there is none. */
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
  // A settlement that overlaps with its own hold does not see its outcome.
  return apply(reference, operation).every((one, at) => one === answer[at] || answer[at] === "unknown");
}

function unexplained(reference: Reference, done: readonly Done[], state: CreditState): Error {
  const copy = structuredClone(reference);
  const lines = done.map(
    ({ operation, answer }) =>
      `${show(operation)}\n  answered ${show(answer)}, the reference ${show(apply(copy, operation))}`,
  );
  return new Error(
    `No order of operations explains:\n${lines.join("\n")}\n${compared(state, expectedState(copy))}\nbefore   ${show(expectedState(reference))}`,
  );
}

function expiring(at: number, replaced: boolean): Command {
  return {
    check: () => true,
    async run(reference, system) {
      const process = processAt(system, at);
      await expireLease(system, process);
      reference.dead.add(process.instance.id);
      if (replaced) system.processes[at % system.processes.length] = newProcess(system);
      await mustBeEqual(reference, system);
    },
    toString: () => `the lease of process ${at} expires${replaced ? ", and a new process replaces it" : ""}`,
  };
}

function sendingHeartbeat(at: number, rowAt: number, ifSwept: bigint): Command {
  return onARow(
    rowAt,
    `process ${at} reports what a sweep would charge: ${ifSwept}`,
    async (reference, system, [id, row]) => {
      const process = processAt(system, at);
      await sendHeartbeat(system, process, id, ifSwept);
      row.ifSwept = ifSwept;
      reference.dead.delete(process.instance.id);
    },
  );
}

function losing(rowAt: number): Command {
  return onARow(rowAt, "the database loses a hold", async (reference, system, [id, row]) => {
    await loseHold(system, id);
    lose(reference, row);
  });
}

/** A command on one of the held rows. */
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
