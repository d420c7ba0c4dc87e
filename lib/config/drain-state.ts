import { oncePerProcess } from "./once-per-process";

const state = oncePerProcess("drain-state", () => ({ draining: false }));

/** True from the first SIGTERM on: new work is refused, what is in flight goes on. */
export function isDraining(): boolean {
  return state.draining;
}

/** Refuses new work from now on, in every bundle of this process. There is no way back: the process ends. */
export function beginDrain(): void {
  state.draining = true;
}
