import { subscribe } from "node:diagnostics_channel";
import { Socket } from "node:net";

/** The connection that a request was written to, when, and how much it had answered by then. */
export type WrittenConnection = { socket: Socket | null; bytesBefore: number; atMs: number };

/** A connection that was closed while idle breaks within a round trip; later, a provider may have begun to work. */
const SOON_MS = 10_000;

export const notWritten = (): WrittenConnection => ({ socket: null, bytesBefore: 0, atMs: 0 });

/** The request that undici writes next: it publishes the connection right after `onRequestStart`. */
let starting: WrittenConnection | null = null;

subscribe("undici:client:sendHeaders", (message) => {
  if (starting === null || typeof message !== "object" || message === null || !("socket" in message)) return;
  if (message.socket instanceof Socket) {
    starting.socket = message.socket;
    starting.bytesBefore = message.socket.bytesRead;
    starting.atMs = performance.now();
  }
  starting = null;
});

/** Fills `written` with the connection of the request that is about to be written; for `onRequestStart`. */
export function noteConnection(written: WrittenConnection): void {
  starting = written;
}

/**
 * Whether a connection that broke had answered before, and brought not a byte of this answer. It was closed while
 * it was idle: the provider has not read the request and bills nothing.
 * @param nowMs on the clock of `performance.now()`
 */
export function wasClosedIdle({ socket, bytesBefore, atMs }: WrittenConnection, nowMs: number): boolean {
  return socket !== null && bytesBefore > 0 && socket.bytesRead === bytesBefore && nowMs - atMs < SOON_MS;
}
