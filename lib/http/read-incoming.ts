import type { IncomingMessage } from "node:http";
import { BODY_TIMEOUTS, type BodyTimeouts, watchBody } from "./body-timeouts";
import { bodyPace } from "./pace-body";
import { bodyCollector, bodyIncomplete, bodyTooLarge, type CountBytes } from "./read-body";

/** A body up to this size is taken as a whole once it is there: others wait no longer for it than for a part of one. */
const MOST_TAKEN_BYTES = 65_536;

/** Whether the whole body is there, and small: mostly by the time that its request's caller is known. */
export function hasArrived({ complete, headers, readableLength }: IncomingMessage): boolean {
  if (readableLength > MOST_TAKEN_BYTES) return false;
  // Node says so only in a later callback. What is longer than its declared length is another request.
  return complete || readableLength === Number(headers["content-length"] ?? Number.NaN);
}

/**
 * Reads the body of a Node request, up to `maxBytes`. It uses events: iterating costs more, and would cut the
 * connection of a rejected body.
 * @throws ApiError request_too_large, request_timeout, invalid_request if the body is incomplete, or what `count` throws
 */
export function readIncoming(
  incoming: IncomingMessage,
  maxBytes: number,
  timeouts: BodyTimeouts = BODY_TIMEOUTS,
  count: CountBytes = () => {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (hasArrived(incoming)) return resolve(taken(incoming, maxBytes, count));
    if (Number(incoming.headers["content-length"]) > maxBytes) throw bodyTooLarge(maxBytes);
    const collector = bodyCollector(maxBytes, count);
    const fail = (error: Error) => {
      watch.stop();
      incoming.off("data", onData);
      incoming.off("end", onEnd);
      collector.drop();
      reject(error);
    };
    const watch = watchBody(timeouts, fail);
    const pace = bodyPace(incoming);
    const onData = (chunk: Buffer) => {
      watch.progress();
      pace(chunk);
      try {
        collector.add(chunk);
      } catch (error) {
        fail(error instanceof Error ? error : bodyIncomplete(error));
      }
    };
    const onEnd = () => {
      watch.stop();
      resolve(collector.whole());
      collector.drop();
    };
    incoming.on("data", onData);
    incoming.once("end", onEnd);
    incoming.once("error", (cause) => fail(bodyIncomplete(cause)));
    incoming.once("close", () => {
      if (!incoming.readableEnded) fail(bodyIncomplete());
    });
  });
}

/** There is nothing to wait for, nor to watch. */
function taken(incoming: IncomingMessage, maxBytes: number, count: CountBytes): Buffer {
  const body: unknown = incoming.read();
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  if (bytes.length > maxBytes) throw bodyTooLarge(maxBytes);
  count(bytes.length, bytes);
  return bytes;
}
