import { randomBytes } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import { IncomingMessage } from "node:http";
import { oncePerProcess } from "#lib/config/once-per-process";

/**
 * Next's route handlers have no socket, and clients can forge `x-forwarded-for`, which Next sets only if it is
 * missing. So the server in front of Next stamps the connection's address into this header, with a secret that
 * only this process (and the portal's) knows. It overwrites a client's own header, and a header without the
 * secret is ignored.
 */
export const PEER_HEADER = "x-tollgate-peer";

const secret = () => oncePerProcess("peer-stamp", () => `${randomBytes(16).toString("base64url")} `);

/** The secret, for the portal's process. */
export const peerSecret = (): string => secret();

/** Accepts stamps of the process in front of this one. Call it before anything is served. */
export function trustPeerSecret(trusted: string): void {
  oncePerProcess("peer-stamp", () => trusted);
}

/** Stamps a request with the address of its connection. */
export function stampPeer(request: IncomingMessage): void {
  request.headers[PEER_HEADER] = secret() + (request.socket.remoteAddress ?? "");
}

/** Stamps every request of this process: for `next start`, where the HTTP server is Next's own. */
export function stampEveryPeer(): void {
  subscribe("http.server.request.start", (message) => {
    if (typeof message !== "object" || message === null || !("request" in message)) return;
    if (message.request instanceof IncomingMessage) stampPeer(message.request);
  });
}

/** The stamped address; null without a stamp, or with a forged one. */
export function stampedPeer(value: string | null): string | null {
  return value?.startsWith(secret()) ? value.slice(secret().length) : null;
}
