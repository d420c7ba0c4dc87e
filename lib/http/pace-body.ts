import type { IncomingMessage } from "node:http";

/**
 * How much of a body is read before other connections have their turn. libuv alone reads up to 2 MB of each connection
 * in a turn (32 reads of 64 KB), so that a few dozen large uploads keep everything else waiting for most of a second,
 * and the database seems unavailable.
 */
const TURN_BYTES = 65_536;

/** Creates the function to call with each chunk of a body: it pauses a large one until the next turn of the event loop. */
export function bodyPace(incoming: IncomingMessage): (chunk: Buffer) => void {
  let bytes = 0;
  return (chunk) => {
    bytes += chunk.byteLength;
    if (bytes < TURN_BYTES) return;
    bytes = 0;
    incoming.pause();
    setImmediate(() => incoming.resume());
  };
}
