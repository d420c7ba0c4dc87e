import { ApiError } from "./api-error";

/** How long a body may pause, and how long it may take as a whole. */
export type BodyPatience = { pauseMs: number; totalMs: number };

/** The whole ends before Node's own patience with a request (300 s), which cuts the connection without a word. */
export const BODY_PATIENCE: BodyPatience = { pauseMs: 30_000, totalMs: 240_000 };

type BodyWatch = { progress: () => void; stop: () => void };

/** Watches over a body that is being read, and says once when it has become too slow. */
export function watchBody(patience: BodyPatience, onTooSlow: (error: ApiError) => void): BodyWatch {
  const startedMs = performance.now();
  let over = false;
  const end = () => {
    if (!over) onTooSlow(bodyTooSlow());
    stop();
  };
  const timer = setTimeout(end, Math.min(patience.pauseMs, patience.totalMs));
  const stop = () => {
    over = true;
    clearTimeout(timer);
  };
  return {
    progress: () => {
      if (performance.now() - startedMs > patience.totalMs) end();
      else if (!over) timer.refresh();
    },
    stop,
  };
}

/** The connection goes with it: what is still on its way belongs to no request. */
const bodyTooSlow = () =>
  new ApiError("request_timeout", "The request body took too long to arrive. Send it again.", {
    headers: { connection: "close" },
  });
