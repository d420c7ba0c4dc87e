import "server-only";
import type { Readable } from "node:stream";
import { joined } from "#lib/http/read-body";
import { cut } from "./hang-up";

/**
 * Reads a body to its end. By its events, not by iterating: this is the hot path of whole answers.
 * @throws what broke the connection, or an Error for more than `maxBytes`
 */
export function readAll(body: Readable, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    body.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length <= maxBytes) return;
      reject(new Error(`the provider's answer is larger than ${maxBytes} bytes`));
      cut(body);
    });
    body.once("end", () => resolve(joined(chunks)));
    body.once("error", reject);
  });
}
