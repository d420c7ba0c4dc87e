import type { Caller } from "#lib/auth/caller";

/** Whether a hard budget limits what the caller spends, or the allowance for outages may. */
export const isLimitedCaller = ({
  hasBudget,
  failOpenAllowanceUsd,
}: Pick<Caller, "hasBudget" | "failOpenAllowanceUsd">): boolean => hasBudget || failOpenAllowanceUsd !== null;
