import { Readable, type Transform } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { bodyOf, type UpstreamBody } from "./upstream-body";
import { AnswerTooLarge } from "./upstream-error";
import type { UpstreamAnswer } from "./wire";

/** JSON and events rarely shrink below a tenth. Beyond this, a few kilobytes would unpack to gigabytes. */
const MAX_RATIO = 100;
/** A smaller body costs little, however small it was before. */
const RATIO_FROM_BYTES = 1024 * 1024;

/**
 * The body before `content-encoding`. Providers are asked for identity; some compress nevertheless, and a
 * compressed answer must be metered like any other. One that unpacks to more than 100 times its size ends in
 * AnswerTooLarge once it exceeds 1 MB.
 * @throws Error for an unknown encoding
 */
export function decodedBody({ headers, body }: UpstreamAnswer): UpstreamBody {
  const encoding = String(headers["content-encoding"] ?? "");
  switch (compressionIn(encoding)) {
    case "":
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
      throw new Error(`the provider answered in the unknown content-encoding ${encoding}`);
  }
}

/** What some servers call an encoding though the bytes are as they are. */
const NO_COMPRESSION = new Set(["", "identity", "none", "chunked", "utf-8", "utf8", "8bit"]);

/** The name of the compression in a list of encodings; empty without one. */
function compressionIn(encoding: string): string {
  if (encoding === "") return "";
  const names = encoding.split(",").map((name) => name.trim().toLowerCase());
  return names.filter((name) => !NO_COMPRESSION.has(name)).join(",");
}

/** Unlike with `pipe`, an error or an end on either side ends the other. */
function through(body: UpstreamBody, decoder: Transform): UpstreamBody {
  const source = Readable.from(received(body.chunks()), { objectMode: false });
  let compressedBytes = 0;
  let bytes = 0;
  async function* received(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
    for await (const chunk of chunks) {
      compressedBytes += chunk.length;
      yield chunk;
    }
  }
  source.once("error", (error) => decoder.destroy(error));
  decoder.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= RATIO_FROM_BYTES || bytes <= compressedBytes * MAX_RATIO) return;
    decoder.destroy(
      new AnswerTooLarge(`The provider's answer unpacks to more than ${MAX_RATIO} times its size`),
    );
  });
  decoder.once("close", () => {
    body.cut();
    source.destroy();
  });
  return bodyOf(source.pipe(decoder));
}
