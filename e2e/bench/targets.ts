export const TARGETS = [
  "direct",
  "bare",
  "server",
  "server-budgets",
  "next",
  "next-budgets",
  "next-empty",
  "portkey",
] as const;
export type TargetId = (typeof TARGETS)[number];

export const LABELS: Record<TargetId, string> = {
  direct: "no gateway",
  bare: "bare Node proxy",
  server: "Tollgate, `server.ts`",
  "server-budgets": "Tollgate, `server.ts`, hard budgets",
  next: "Tollgate, `next start`",
  "next-budgets": "Tollgate, `next start`, hard budgets",
  "next-empty": "Next alone (`GET /livez` of `next start`)",
  portkey: "Portkey 1.15.2",
};

/** A server that gets the same requests as the others, except `next-empty` (see `isChat`). */
export type Target = {
  id: TargetId;
  port: number;
  headers: Record<string, string>;
  /** Undefined for the upstream, which is no gateway. */
  pid: number | undefined;
  stop(): Promise<void>;
};

/** Whether a target gets chat requests. `next-empty` measures a route handler that does nothing. */
export const isChat = (id: TargetId) => id !== "next-empty";
/** Whether a target keeps a ledger: Tollgate's do. */
export const hasLedger = (id: TargetId) => isChat(id) && id !== "direct" && id !== "bare" && id !== "portkey";
/** Whether a target's key, user and organization have hard budgets. */
export const isBudgeted = (id: TargetId) => id === "server-budgets" || id === "next-budgets";
/** The target whose process this one uses: another one's or its own. */
export const processOf = (id: TargetId): TargetId =>
  id === "server-budgets" ? "server" : id === "next-budgets" || id === "next-empty" ? "next" : id;
export const isTarget = (name: string): name is TargetId => TARGETS.some((id) => id === name);
