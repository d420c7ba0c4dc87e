import type { Model, Route } from "#lib/gateway/routing/routing";

/** The most that any of the routes reads, since each may be tried; null if that of one is not known. */
export function knownWindow(routes: readonly Pick<Route, "contextWindow">[]): number | null {
  let most: number | null = null;
  for (const { contextWindow } of routes) {
    if (contextWindow === null) return null;
    most = Math.max(most ?? 0, contextWindow);
  }
  return most;
}

/**
 * Tokens to hold for input that only a window bounds. Where a target's is not known, only callers whom nothing limits come
 * so far, and for them the model's has to do.
 */
export const heldWindow = ({
  routes,
  contextWindow,
}: Pick<Model, "routes" | "contextWindow">): number | null => knownWindow(routes) ?? contextWindow;
