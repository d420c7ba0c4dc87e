import { Readable, type Transform } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { bodyOf, type UpstreamBody } from "./upstream-body";
import type { UpstreamAnswer } from "./wire";

/**
 * The body before `content-encoding`. Providers are asked for identity; some compress nevertheless, and a
 * compressed answer must be metered like any other.
 * @throws Error for an unknown encoding
 */
export function decodedBody({ headers, body }: UpstreamAnswer): UpstreamBody {
  const encoding = headers["content-encoding"];
  switch (typeof encoding === "string" ? encoding.trim().toLowerCase() : "identity") {
    case "":
    case "identity":
      return body;
    case "gzip":
    case "x-gzip":
      // A flush at every chunk: events are relayed as they arrive, not when a buffer is full.
      return through(body, createGunzip({ flush: constants.Z_SYNC_FLUSH }));
    case "deflate":
      return through(body, createInflate({ flush: constants.Z_SYNC_FLUSH }));
    case "br":
      return through(body, createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH }));
    default:
      body.cut();
      throw new Error(`the provider answered in the unknown content-encoding ${String(encoding)}`);
  }
}

/** Unlike with `pipe`, an error or an end on either side ends the other. */
function through(body: UpstreamBody, decoder: Transform): UpstreamBody {
  const source = Readable.from(body.chunks(), { objectMode: false });
  source.once("error", (error) => decoder.destroy(error));
  decoder.once("close", () => {
    body.cut();
    source.destroy();
  });
  return bodyOf(source.pipe(decoder));
}
