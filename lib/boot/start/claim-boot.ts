import { oncePerProcess } from "#lib/config/once-per-process";

/** Whether this process has booted, or does so now: `server.ts` boots before Next asks `instrumentation.ts`. */
export function claimBoot(): boolean {
  const state = oncePerProcess("boot", () => ({ claimed: false }));
  if (state.claimed) return false;
  state.claimed = true;
  return true;
}
