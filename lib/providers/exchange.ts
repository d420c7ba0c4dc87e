import type { Dispatcher } from "undici";
import { VERSION } from "#lib/config/version";
import type { Connections } from "./upstream-agent";
import { type FilledBody, upstreamBody } from "./upstream-body";
import { CallCancelled, UpstreamTimeout, UpstreamUnreachable, upstreamError } from "./upstream-error";
import type { Exchange, UpstreamAnswer, UpstreamCall } from "./wire";
import { noteConnection, notWritten, wasClosedIdle } from "./written-connection";

const USER_AGENT = `tollgate/${VERSION}`;

/** Parsed base URLs, as many as there are providers. */
const bases = new Map<string, { origin: string; pathPrefix: string }>();
const MOST_BASES = 1000;

/**
 * Sends requests as their targets say: in process, or else by HTTP: one POST over a kept-alive connection, with our own
 * headers only and without following redirects. A body that breaks or stalls fails with the same errors.
 * @throws (from the exchange) UpstreamTimeout, UpstreamUnreachable, CallCancelled
 */
export function exchangeOver(connections: Connections): Exchange {
  return (call) => (call.target.exchange === null ? post(connections, call) : call.target.exchange(call));
}

type Request = Dispatcher.DispatchOptions & { origin: string };

function requestOf(call: UpstreamCall): Request {
  const { target, wire, stream } = call;
  const { origin, pathPrefix } = baseOf(target.baseUrl);
  const headers = [
    "content-type",
    "application/json",
    "accept",
    "application/json, text/event-stream",
    "accept-encoding",
    "identity",
    "user-agent",
    USER_AGENT,
    "x-request-id",
    call.requestId,
  ];
  for (const part of call.headers) headers.push(part);
  for (const part of target.authHeaders) headers.push(part);
  return {
    origin,
    path: pathPrefix + wire.path({ upstreamModel: target.upstreamModel, stream }),
    method: "POST",
    headers,
    body: call.body,
    bodyTimeout: call.timeoutMs,
  };
}

/**
 * Uses undici's dispatcher rather than its `request`: only the dispatcher says whether a request was written
 * before it failed, and it costs less. The head has its own deadline because undici's timer has a resolution
 * of half a second and starts only once connected.
 *
 * A provider may close a kept-alive connection just as a request is written to it. Such a request is sent once
 * more over a connection of its own, within the same deadline.
 */
function post({ agent, fresh }: Connections, call: UpstreamCall): Promise<UpstreamAnswer> {
  const { cancellation, timeoutMs } = call;
  return new Promise((resolve, reject) => {
    let request: Request;
    try {
      request = requestOf(call);
    } catch (error) {
      reject(new UpstreamUnreachable("The provider's URL is not valid", false, { cause: error }));
      return;
    }
    if (cancellation.isCancelled()) {
      reject(new CallCancelled());
      return;
    }
    let controller: Dispatcher.DispatchController | undefined;
    let filled: FilledBody | undefined;
    let gaveUp: Error | undefined;
    let isResent = false;
    const written = notWritten();

    const giveUp = (error: Error) => {
      gaveUp = error;
      controller?.abort(error);
      fail(error);
    };
    const headDeadline = setTimeout(
      () => giveUp(new UpstreamTimeout("The provider did not answer in time", controller !== undefined)),
      timeoutMs,
    );
    const stopListening = cancellation.onCancel(() => giveUp(new CallCancelled()));
    const release = () => {
      clearTimeout(headDeadline);
      stopListening();
    };
    function fail(error: Error): void {
      release();
      if (filled) filled.fail(error);
      else reject(error);
    }

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        if (gaveUp) {
          started.abort(gaveUp);
          return;
        }
        controller = started;
        noteConnection(written);
      },
      onResponseStart(started, status, headers) {
        if (status < 200) return;
        release();
        filled = upstreamBody(started);
        resolve({ status, headers, body: filled.body });
      },
      onResponseData(_started, chunk) {
        filled?.push(chunk);
      },
      onResponseEnd() {
        filled?.end();
      },
      onResponseError(_started, error) {
        if (!gaveUp && !filled && !isResent && wasClosedIdle(written, performance.now())) {
          isResent = true;
          controller = undefined;
          sendOnce(fresh(request.origin), request, handler);
          return;
        }
        fail(gaveUp ?? upstreamError(error, controller !== undefined));
      },
    };
    agent.dispatch(request, handler);
  });
}

/** Sends the client's only request. Closing waits for its answer. */
function sendOnce(client: Dispatcher, request: Request, handler: Dispatcher.DispatchHandler): void {
  client.dispatch(request, handler);
  // An aborted request destroys the client, which needs no closing then.
  client.close().catch(() => {});
}

function baseOf(baseUrl: string): { origin: string; pathPrefix: string } {
  const known = bases.get(baseUrl);
  if (known) return known;
  const { origin, pathname } = new URL(baseUrl);
  const base = { origin, pathPrefix: pathname.endsWith("/") ? pathname : `${pathname}/` };
  if (bases.size >= MOST_BASES) bases.clear();
  bases.set(baseUrl, base);
  return base;
}
