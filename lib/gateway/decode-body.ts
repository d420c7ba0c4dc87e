import "server-only";
import type { Readable } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { UpstreamAnswer } from "#lib/providers/lane";

/**
 * The body as it was before `content-encoding`. Providers are asked for identity; some compress all the
 * same, and a compressed answer has to be metered like any other.
 * @throws Error for an encoding that nobody asked for
 */
export function decodedBody({ headers, body }: UpstreamAnswer): Readable {
  const encoding = headers["content-encoding"];
  switch (typeof encoding === "string" ? encoding.trim().toLowerCase() : "identity") {
    case "":
    case "identity":
      return body;
    case "gzip":
    case "x-gzip":
      // A flush at every chunk: events are relayed as they arrive, not when a buffer is full.
      return piped(body, createGunzip({ flush: constants.Z_SYNC_FLUSH }));
    case "deflate":
      return piped(body, createInflate({ flush: constants.Z_SYNC_FLUSH }));
    case "br":
      return piped(body, createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH }));
    default:
      body.destroy();
      throw new Error(`the provider answered in the unknown content-encoding ${String(encoding)}`);
  }
}

/** Unlike `pipe`, an error or the end of interest on either side ends the other. */
function piped<T extends NodeJS.ReadWriteStream & Readable>(source: Readable, decoder: T): Readable {
  source.once("error", (error) => decoder.destroy(error));
  decoder.once("close", () => source.destroy());
  decoder.on("error", () => {});
  return source.pipe(decoder);
}
