import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { dirname } from "node:path";
import type { NodeHandler } from "#lib/boot/server/http-server";
import { claimBoot } from "#lib/boot/start/claim-boot";
import { environmentOfProcess } from "#lib/config/environment-of-process";
import { failOpenState } from "#lib/credit/fail-open/fail-open";
import { stampEveryPage } from "#lib/http/page-security";
import { trustPeerSecret } from "#lib/http/peer-stamp";
import { log } from "#lib/observability/log";
import { explainByParent } from "./ask-parent";
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
 * Runs the portal in this process until the parent (lib/boot/portal/process.ts) ends. Ignores signals, because
 * Ctrl-C reaches both processes and the parent needs the portal while it drains.
 * @param prepare creates the request handler for a server that is about to listen; `port` is the public port
 */
export function servePortal(prepare: (server: Server, port: number) => Promise<NodeHandler>): void {
  let begun: Begin | undefined;
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => {});
  process.on("unhandledRejection", (error) => log.error({ err: error }, "unhandled promise rejection"));
  const end = () => {
    // A killed parent cannot remove the folder.
    if (begun && !isPipe(begun.address)) rmSync(dirname(begun.address), { recursive: true, force: true });
    process.exit(0);
  };
  process.on("disconnect", end);
  // The parent may be gone already.
  if (!process.connected) end();
  const takeAnswer = explainByParent(send);
  process.on("message", (message) => {
    const received = ToPortal.parse(message);
    if (received.kind === "explained") return takeAnswer(received.id, received.answer);
    if (received.kind === "state") {
      const { waiting, rejected, canServe } = received.state;
      Object.assign(failOpenState(), { waiting, rejected, canServe: () => canServe });
      return;
    }
    begun = received;
    begin(received, prepare).then(
      () => send({ kind: "ready" }),
      (error: unknown) => {
        const failure = error instanceof Error ? error : new Error(String(error));
        send({ kind: "failed", error: failure }, () => process.exit(1));
      },
    );
  });
}

const send = (message: FromPortal, then?: () => void) =>
  process.send?.(message, undefined, undefined, () => then?.());

async function begin({ address, port, peerSecret }: Begin, prepare: Parameters<typeof servePortal>[0]) {
  // Claims boot, so that `instrumentation.ts` runs no migrations, jobs or gateway here.
  claimBoot();
  trustPeerSecret(peerSecret);
  stampEveryPage(environmentOfProcess());
  const server = createServer(SOCKET_SERVER_OPTIONS);
  server.on("request", await prepare(server, port));
  // Left over from a killed process.
  if (!isPipe(address)) rmSync(address, { force: true });
  server.listen(address);
  await once(server, "listening");
}

const isPipe = (address: string) => address.startsWith("\\\\");
