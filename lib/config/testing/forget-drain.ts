import { oncePerProcess } from "#lib/config/once-per-process";

/** There is no way back from a drain but for tests: the state is the process's, and a test file is not. */
export function forgetDrain(): void {
  oncePerProcess("drain-state", () => ({ draining: false })).draining = false;
}
