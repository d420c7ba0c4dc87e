import type { IncomingMessage } from "node:http";
import { BODY_PATIENCE, type BodyPatience, watchBody } from "./body-patience";
import { bodyBrokenOff, bodyTooLarge, gathering } from "./read-body";

/**
 * Reads the body of a request of Node's, at most `maxBytes` of it. By its events: iterating costs more, and
 * would cut the connection of a body that is refused.
 * @throws ApiError request_too_large, request_timeout, or invalid_request when the client stops in its middle
 */
export function readIncoming(
  incoming: IncomingMessage,
  maxBytes: number,
  patience: BodyPatience = BODY_PATIENCE,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(incoming.headers["content-length"]) > maxBytes) throw bodyTooLarge(maxBytes);
    const gathered = gathering(maxBytes);
    const refuse = (error: Error) => {
      watch.stop();
      incoming.off("data", onData);
      reject(error);
    };
    const watch = watchBody(patience, refuse);
    const onData = (chunk: Buffer) => {
      watch.progress();
      try {
        gathered.add(chunk);
      } catch (error) {
        refuse(error instanceof Error ? error : bodyBrokenOff(error));
      }
    };
    incoming.on("data", onData);
    incoming.once("end", () => {
      watch.stop();
      resolve(gathered.whole());
    });
    incoming.once("error", (cause) => refuse(bodyBrokenOff(cause)));
    incoming.once("close", () => {
      if (!incoming.readableEnded) refuse(bodyBrokenOff());
    });
  });
}
