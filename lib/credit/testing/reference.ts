import type { Period } from "#lib/db/schema/columns";

/**
 * Credit control in plain TypeScript: what the database functions must do. Amounts are in picodollars.
 */
export type Reference = {
  scopes: Scope[];
  /** Keyed by scope, period, and how often that period has rolled over. */
  buckets: Map<string, Bucket>;
  rows: Map<string, Row>;
  /** Processes whose lease has expired. */
  dead: Set<string>;
  /** How often each scope's period has rolled over. */
  rolledOver: Map<string, number>;
};

export type ScopeType = "organization" | "user" | "api_key" | "app";
export type Scope = {
  type: ScopeType;
  id: string;
  period: Period;
  limit: bigint | null;
  maxConcurrent: number | null;
  version: number;
};
export type Bucket = { spent: bigint; held: bigint; open: number };
export type Row = {
  /** `lost`: missing in the database, but known to its process. */
  status: "held" | "settled" | "released" | "swept" | "adjustment" | "lost";
  hold: bigint;
  cost: bigint;
  overrun: bigint;
  ifSwept: bigint;
  buckets: string[];
  /** The process that has to settle it; null: none. */
  owner: string | null;
};

export type HoldItem = {
  id: string;
  /** Indexes into `scopes`, and the versions they were read in. */
  scopes: number[];
  versions: number[];
  amount: bigint;
  floor: bigint | null;
  ifSwept: bigint;
};
export type Ending = { id: string; status: "settled" | "released"; cost: bigint };

export type Operation =
  | { kind: "hold"; process: string; items: HoldItem[] }
  | { kind: "settle"; process: string; items: Ending[] }
  | { kind: "sweep" }
  | { kind: "adjust"; id: string; scope: number; amount: bigint | null }
  | { kind: "limit"; scope: number; limit: bigint | null; maxConcurrent: number | null };

/** A rejection in words, with its budgets in any order. */
export const overBudgetText = (
  free: bigint | null,
  idle: bigint | null,
  budgets: readonly { scope: ScopeType; idlePicoUsd: bigint; heldPicoUsd: bigint }[],
): string => {
  const each = budgets.map((budget) => `${budget.scope} ${budget.idlePicoUsd} ${budget.heldPicoUsd}`);
  return `over_budget ${free} ${idle}: ${each.toSorted().join(", ")}`;
};

/** Applies the operation and returns what the database should. */
export function apply(reference: Reference, operation: Operation): string[] {
  switch (operation.kind) {
    case "hold":
      reference.dead.delete(operation.process);
      return operation.items.map((item) => hold(reference, operation.process, item));
    case "settle":
      return operation.items.map((ending) => settle(reference, ending));
    case "sweep":
      sweep(reference);
      return [];
    case "adjust":
      return [adjust(reference, operation)];
    case "limit": {
      const scope = scopeAt(reference, operation.scope);
      Object.assign(scope, {
        limit: operation.limit,
        maxConcurrent: operation.maxConcurrent,
        version: scope.version + 1,
      });
      return [];
    }
  }
}

function hold(reference: Reference, process: string, item: HoldItem): string {
  const seen = reference.rows.get(item.id);
  if (seen && seen.status !== "lost") return `granted ${seen.hold}`;
  const scopes = item.scopes.map((at) => scopeAt(reference, at));
  const buckets = scopes.map((scope) => runningBucket(reference, scope));
  const free = least(scopes.map((scope, at) => leftIn(scope, buckets[at], "held")));
  if (scopes.some((scope, at) => scope.version !== item.versions[at])) return "stale";
  if (
    scopes.some((scope) => scope.maxConcurrent !== null && openIn(reference, scope) >= scope.maxConcurrent)
  ) {
    return "concurrency_limit_exceeded";
  }
  const fits = free === null || item.amount <= free;
  if (!fits && (item.floor === null || item.floor > free)) {
    const idle = least(scopes.map((scope, at) => leftIn(scope, buckets[at], "nothing held")));
    const budgets = scopes.map((scope, at) => {
      const left = leftIn(scope, buckets[at], "nothing held");
      return left === null
        ? null
        : { scope: scope.type, idlePicoUsd: left, heldPicoUsd: buckets[at]?.held ?? 0n };
    });
    return overBudgetText(
      free,
      idle,
      budgets.filter((budget) => budget !== null),
    );
  }
  const granted = fits ? item.amount : free;
  const row: Row = {
    status: "held",
    hold: granted,
    cost: 0n,
    overrun: 0n,
    ifSwept: least([item.ifSwept, granted]) ?? 0n,
    buckets: scopes.map((scope) => runningKey(reference, scope)),
    owner: process,
  };
  reference.rows.set(item.id, row);
  take(reference, row);
  return `granted ${granted}`;
}

function settle(reference: Reference, { id, status, cost }: Ending): string {
  let row = reference.rows.get(id);
  if (!row) {
    // The hold never arrived: the row keeps a late one from holding anything.
    row = { status: "held", hold: 0n, cost: 0n, overrun: 0n, ifSwept: 0n, buckets: [], owner: null };
    reference.rows.set(id, row);
  } else if (row.status === "lost") {
    Object.assign(row, { status: "held", hold: 0n, owner: null });
  } else if (row.status === "swept") {
    for (const bucket of bucketsOf(reference, row)) bucket.spent -= row.cost;
    take(reference, row);
  } else if (row.status !== "held") {
    return `already_${row.status}`;
  }
  end(reference, row, status, cost);
  return status;
}

function sweep(reference: Reference): void {
  for (const row of reference.rows.values()) {
    if (row.status === "held" && row.owner !== null && reference.dead.has(row.owner)) {
      end(reference, row, "swept", row.ifSwept);
    }
  }
}

function adjust(
  reference: Reference,
  { id, scope: at, amount }: Extract<Operation, { kind: "adjust" }>,
): string {
  const key = runningKey(reference, scopeAt(reference, at));
  const bucket = bucketAt(reference, key);
  const cost = amount ?? -bucket.spent;
  bucket.spent += cost;
  const row = { hold: 0n, overrun: 0n, ifSwept: 0n, owner: null };
  reference.rows.set(id, { ...row, status: "adjustment", cost, buckets: [key] });
  return String(cost);
}

/** As if the database failed over to a standby without the hold. */
export function lose(reference: Reference, row: Row): void {
  for (const bucket of bucketsOf(reference, row)) {
    bucket.held -= row.hold;
    bucket.open -= 1;
  }
  row.status = "lost";
}

function take(reference: Reference, row: Row): void {
  for (const bucket of bucketsOf(reference, row)) {
    bucket.held += row.hold;
    if (row.owner !== null) bucket.open += 1;
  }
}

function end(reference: Reference, row: Row, status: Row["status"], cost: bigint): void {
  for (const bucket of bucketsOf(reference, row)) {
    bucket.held -= row.hold;
    bucket.spent += cost;
    if (row.owner !== null) bucket.open -= 1;
  }
  Object.assign(row, { status, cost, overrun: cost > row.hold ? cost - row.hold : 0n });
}

function leftIn(scope: Scope, bucket: Bucket | undefined, with_: "held" | "nothing held"): bigint | null {
  if (scope.limit === null || !bucket) return null;
  return scope.limit - bucket.spent - (with_ === "held" ? bucket.held : 0n);
}

const least = (amounts: (bigint | null)[]): bigint | null =>
  amounts.reduce((a, b) => (a === null || (b !== null && b < a) ? b : a), null);

export function scopeAt(reference: Reference, at: number): Scope {
  const scope = reference.scopes[at];
  if (!scope) throw new Error("no such scope");
  return scope;
}

/** The key of the bucket that the scope's requests are charged to. */
export function runningKey(reference: Reference, { id, period }: Scope): string {
  return `${id} ${period} ${reference.rolledOver.get(`${id} ${period}`) ?? 0}`;
}

const runningBucket = (reference: Reference, scope: Scope) =>
  bucketAt(reference, runningKey(reference, scope));

/** Open holds of the running bucket and the previous one; no hold is older than that. */
function openIn(reference: Reference, { id, period }: Scope): number {
  const rolledOver = reference.rolledOver.get(`${id} ${period}`) ?? 0;
  const open = (at: number) => reference.buckets.get(`${id} ${period} ${at}`)?.open ?? 0;
  return open(rolledOver) + open(rolledOver - 1);
}
const bucketsOf = (reference: Reference, row: Row) => row.buckets.map((key) => bucketAt(reference, key));

function bucketAt(reference: Reference, key: string): Bucket {
  const bucket = reference.buckets.get(key) ?? { spent: 0n, held: 0n, open: 0 };
  reference.buckets.set(key, bucket);
  return bucket;
}
