import { subscribe } from "node:diagnostics_channel";
import { Socket } from "node:net";

/** The connection that a request was written to, and how much it had answered by then. */
export type WrittenConnection = { socket: Socket | null; bytesBefore: number };

export const notWritten = (): WrittenConnection => ({ socket: null, bytesBefore: 0 });

/** The request that undici writes next: it publishes the connection right after `onRequestStart`. */
let starting: WrittenConnection | null = null;

subscribe("undici:client:sendHeaders", (message) => {
  if (starting === null || typeof message !== "object" || message === null || !("socket" in message)) return;
  if (message.socket instanceof Socket) {
    starting.socket = message.socket;
    starting.bytesBefore = message.socket.bytesRead;
  }
  starting = null;
});

/** Fills `written` with the connection of the request that is about to be written; for `onRequestStart`. */
export function noteConnection(written: WrittenConnection): void {
  starting = written;
}

/**
 * Whether a connection had answered before and brought not a byte of this answer. Such a connection was closed
 * while it was idle: the provider has not read the request and bills nothing.
 */
export function wasClosedIdle({ socket, bytesBefore }: WrittenConnection): boolean {
  return socket !== null && bytesBefore > 0 && socket.bytesRead === bytesBefore;
}
