import type { Instrumentation } from "next";

/** Next calls this once before it serves. `next start`, `next dev` and Vercel boot here; `server.ts` boots earlier. */
export async function register(): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: Next replaces this expression when it builds for the edge runtime.
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { bootUnderNext } = await import("#lib/boot/boot-under-next");
  await bootUnderNext();
}

/** Logs errors that a page, route or action did not catch. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  // biome-ignore lint/style/noProcessEnv: as above.
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { log } = await import("#lib/observability/log");
  log.error(
    { err: error, method: request.method, path: request.path.split("?")[0], route: context.routePath },
    "unhandled error in a request",
  );
};
