import { oncePerProcess } from "#lib/config/once-per-process";

/** True for the first caller in this process: `server.ts` boots before Next calls `instrumentation.ts`. */
export function claimBoot(): boolean {
  const state = oncePerProcess("boot", () => ({ claimed: false }));
  if (state.claimed) return false;
  state.claimed = true;
  return true;
}
