import "server-only";
import type { GatewayAnswer, GatewayRequest } from "./exchange";
import type { Gateway } from "./gateway";
import { bodyBrokenOff, bodyTooLarge, readChunks } from "./read-body";
import { serve } from "./serve";

/** The data plane as a Web-standard function: what Next's route handlers mount. */
export async function answerWeb(gateway: Gateway, request: Request): Promise<Response> {
  const { body, status, headers } = await serve(gateway, fromWeb(request));
  if (typeof body === "string" || Buffer.isBuffer(body)) {
    // A Buffer may be a view of a larger pool, which BodyInit takes as it is.
    return new Response(typeof body === "string" ? body : new Uint8Array(body), { status, headers });
  }
  return new Response(streamOf(body), { status, headers });
}

function fromWeb(request: Request): GatewayRequest {
  return {
    method: request.method,
    url: request.url.slice(request.url.indexOf("/", request.url.indexOf("://") + 3)),
    header: (name) => request.headers.get(name),
    signal: request.signal,
    readBody: async (maxBytes) => {
      const declared = request.headers.get("content-length");
      if (declared === null) return readChunks(request.body ?? [], maxBytes);
      if (Number(declared) > maxBytes) throw bodyTooLarge(maxBytes);
      // The server ends a body at its declared length.
      try {
        return Buffer.from(await request.arrayBuffer());
      } catch (cause) {
        throw bodyBrokenOff(cause);
      }
    },
  };
}

function streamOf(chunks: Exclude<GatewayAnswer["body"], string | Buffer>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const step = await chunks.next();
        if (step.done) controller.close();
        else controller.enqueue(step.value);
      },
      async cancel() {
        await chunks.return();
      },
    },
    // Nothing is read ahead of the client: its pace is the provider's.
    { highWaterMark: 0 },
  );
}
