import { randomBytes } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import { IncomingMessage } from "node:http";
import { oncePerProcess } from "#lib/config/once-per-process";

/**
 * Next's route handlers have no socket, and `x-forwarded-for`, which Next fills in only where it is not
 * there, is the client's to write. So the server in front of Next notes the connection's address in a
 * header of our own, under a word that only this process (and the portal's, where that is another) knows: a
 * client's own header of that name is overwritten, and one that came another way is not believed.
 */
export const PEER_HEADER = "x-tollgate-peer";

const stamp = () => oncePerProcess("peer-stamp", () => `${randomBytes(16).toString("base64url")} `);

/** The word, for the portal's own process. */
export const peerWord = (): string => stamp();

/** Believes notes under the word of the process in front of this one; called before anything is served. */
export function believePeerWord(word: string): void {
  oncePerProcess("peer-stamp", () => word);
}

/** Notes the address that a request's connection comes from. */
export function stampPeer(request: IncomingMessage): void {
  request.headers[PEER_HEADER] = stamp() + (request.socket.remoteAddress ?? "");
}

/** Does so for every request of this process, for where the HTTP server is Next's own (`next start`). */
export function stampEveryPeer(): void {
  subscribe("http.server.request.start", (message) => {
    if (typeof message !== "object" || message === null || !("request" in message)) return;
    if (message.request instanceof IncomingMessage) stampPeer(message.request);
  });
}

/** What was noted; null where nothing was, or somebody else wrote it. */
export function stampedPeer(value: string | null): string | null {
  return value?.startsWith(stamp()) ? value.slice(stamp().length) : null;
}
