import { oncePerProcess } from "./once-per-process";

const state = oncePerProcess("drain-state", () => ({ draining: false }));

/** True after the first SIGTERM: new requests are rejected, requests in flight continue. */
export function isDraining(): boolean {
  return state.draining;
}

/** Starts rejecting new requests, in every bundle of this process. Final, because the process ends. */
export function beginDrain(): void {
  state.draining = true;
}
