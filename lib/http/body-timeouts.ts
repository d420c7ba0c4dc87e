import { ApiError } from "./api-error";

/** How long a body may pause, and how long it may take in all. */
export type BodyTimeouts = { pauseMs: number; totalMs: number };

/** The total is below Node's own request timeout (300 s), which closes the connection without an answer. */
export const BODY_TIMEOUTS: BodyTimeouts = { pauseMs: 30_000, totalMs: 240_000 };

type BodyWatch = { progress: () => void; stop: () => void };

/** Watches a body that is being read, and reports once if it is too slow. */
export function watchBody(timeouts: BodyTimeouts, onTooSlow: (error: ApiError) => void): BodyWatch {
  const startedMs = performance.now();
  let over = false;
  const end = () => {
    if (!over) onTooSlow(bodyTooSlow());
    stop();
  };
  const timer = setTimeout(end, Math.min(timeouts.pauseMs, timeouts.totalMs));
  const stop = () => {
    over = true;
    clearTimeout(timer);
  };
  return {
    progress: () => {
      if (performance.now() - startedMs > timeouts.totalMs) end();
      else if (!over) timer.refresh();
    },
    stop,
  };
}

/** Closes the connection: the rest of the body belongs to no request. */
const bodyTooSlow = () =>
  new ApiError("request_timeout", "The request body took too long to arrive. Send it again.", {
    headers: { connection: "close" },
  });
