import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { dirname } from "node:path";
import type { NodeHandler } from "#lib/boot/server/http-server";
import { claimBoot } from "#lib/boot/start/claim-boot";
import { failOpenState } from "#lib/credit/fail-open/fail-open";
import { trustPeerSecret } from "#lib/http/peer-stamp";
import { log } from "#lib/observability/log";
import { type FromPortal, ToPortal } from "./messages";

type Begin = Extract<ToPortal, { kind: "begin" }>;

/** The HTTP server in front already checks head sizes, time-outs and hosts, and decides how long to keep connections. */
const SOCKET_SERVER_OPTIONS = {
  maxHeaderSize: 64 * 1024,
  requestTimeout: 0,
  keepAliveTimeout: 0,
  requireHostHeader: false,
} as const;

/**
 * Runs the portal in this process, for the one that started it (lib/boot/portal/process.ts) and for as long
 * as that one lives. Signals are its own to answer: Ctrl-C reaches both, and the drain wants the portal.
 * @param prepare makes what answers, on a server that is about to listen; `port` is where clients are
 */
export function servePortal(prepare: (server: Server, port: number) => Promise<NodeHandler>): void {
  let begun: Begin | undefined;
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => {});
  process.on("unhandledRejection", (error) => log.error({ err: error }, "a promise failed unheard"));
  const end = () => {
    // Where it was killed, nobody else removes the folder.
    if (begun && !isPipe(begun.address)) rmSync(dirname(begun.address), { recursive: true, force: true });
    process.exit(0);
  };
  process.on("disconnect", end);
  // It may be gone already.
  if (!process.connected) end();
  process.on("message", (message) => {
    const order = ToPortal.parse(message);
    if (order.kind === "state") {
      const { waiting, refused, servesAnybody } = order.state;
      Object.assign(failOpenState(), { waiting, refused, servesAnybody: () => servesAnybody });
      return;
    }
    begun = order;
    begin(order, prepare).then(
      () => say({ kind: "ready" }),
      (error: unknown) => {
        const failure = error instanceof Error ? error : new Error(String(error));
        say({ kind: "failed", error: failure }, () => process.exit(1));
      },
    );
  });
}

const say = (message: FromPortal, then?: () => void) =>
  process.send?.(message, undefined, undefined, () => then?.());

async function begin({ address, port, peerSecret }: Begin, prepare: Parameters<typeof servePortal>[0]) {
  // No jobs, no migrations and no gateway here: `instrumentation.ts` finds that boot is done.
  claimBoot();
  trustPeerSecret(peerSecret);
  const server = createServer(SOCKET_SERVER_OPTIONS);
  server.on("request", await prepare(server, port));
  // One that was killed has left it behind.
  if (!isPipe(address)) rmSync(address, { force: true });
  server.listen(address);
  await once(server, "listening");
}

const isPipe = (address: string) => address.startsWith("\\\\");
