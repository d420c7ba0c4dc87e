import { serve } from "#lib/gateway/pipeline/serve";
import type { GatewayAnswer, GatewayRequest } from "#lib/gateway/ports/exchange";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { BODY_TIMEOUTS } from "#lib/http/body-timeouts";
import { readWebBody } from "#lib/http/read-body";
import { cancellationOf } from "#lib/providers/cancellation";

/** Answers a Web-standard request, as Next's route handlers have it. */
export async function answerWeb(gateway: Gateway, request: Request): Promise<Response> {
  const { body, status, headers } = await serve(gateway, fromWeb(request));
  if (typeof body === "string" || Buffer.isBuffer(body)) {
    return new Response(new SingleChunk(typeof body === "string" ? Buffer.from(body) : body), {
      status,
      headers,
    });
  }
  return new Response(streamOf(body), { status, headers });
}

/**
 * A body of one chunk. Next pipes every body to Node's response; this one writes its chunk directly, which avoids
 * the cost of a stream.
 */
class SingleChunk extends ReadableStream<Uint8Array> {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    });
    this.#bytes = bytes;
  }

  override async pipeTo(destination: WritableStream<Uint8Array>): Promise<void> {
    const writer = destination.getWriter();
    // Not awaited: close() waits for the write, and fails if it failed.
    writer.write(this.#bytes).catch(() => {});
    await writer.close();
  }
}

function fromWeb(request: Request): GatewayRequest {
  return {
    method: request.method,
    url: request.url.slice(request.url.indexOf("/", request.url.indexOf("://") + 3)),
    header: (name) => request.headers.get(name),
    headerNames: () => [...request.headers.keys()],
    gone: cancellationOf(request.signal),
    socket: null,
    // A stream does not say.
    hasArrived: () => false,
    readBody: (maxBytes, count) => readWebBody(request, maxBytes, BODY_TIMEOUTS, count),
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
    // Nothing is read ahead of the client, so that its pace is also the provider's.
    { highWaterMark: 0 },
  );
}
