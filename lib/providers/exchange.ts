import type { Dispatcher } from "undici";
import { VERSION } from "#lib/config/version";
import type { Signer } from "./sign/signer";
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
  return (call) => {
    const { exchange, signer } = call.target;
    if (exchange !== null) return exchange(call);
    const answered =
      signer === null ? post(connections, call, NOTHING) : postSigned(connections, call, signer);
    const { readAnswer } = call.wire;
    return readAnswer === undefined ? answered : answered.then(readAnswer);
  };
}

const NOTHING: readonly string[] = [];
const CONTENT_TYPE = "application/json";
const ACCEPTED = "application/json, text/event-stream";

/** Signs and posts: once more if the provider rejects a signature that can be renewed, such as a token that it revoked. */
async function postSigned(
  connections: Connections,
  call: UpstreamCall,
  signer: Signer,
): Promise<UpstreamAnswer> {
  const deadlineMs = performance.now() + call.timeoutMs;
  const { origin, path } = placeOf(call);
  const request = { method: "POST", origin, path, contentType: CONTENT_TYPE, body: call.body } as const;
  for (let isRepeated = false; ; isRepeated = true) {
    const leftMs = () => Math.max(1, deadlineMs - performance.now());
    const signature = await inTime(signer.sign(request, connections.agent), call, leftMs());
    const passedMs = call.timeoutMs - leftMs();
    const wholeTimeoutMs = Math.max(1, call.wholeTimeoutMs - passedMs);
    const answer = await post(connections, { ...call, timeoutMs: leftMs(), wholeTimeoutMs }, signature);
    if (answer.status !== REJECTED || isRepeated || !signer.renew(signature)) return answer;
    answer.body.cut();
  }
}

const REJECTED = 401;

/** What `signing` resolves with, unless the call ends before. Others may wait for the same token, so it goes on. */
function inTime<T>(signing: Promise<T>, { cancellation }: UpstreamCall, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () =>
      reject(new UpstreamTimeout("The provider's token server did not answer in time", false));
    const deadline = setTimeout(late, timeoutMs);
    const stopListening = cancellation.onCancel(() => reject(new CallCancelled(false)));
    signing.then(resolve, reject).finally(() => {
      clearTimeout(deadline);
      stopListening();
    });
  });
}

type Request = Dispatcher.DispatchOptions & { origin: string };

function requestOf(call: UpstreamCall, signature: readonly string[]): Request {
  const { target, wire } = call;
  const { origin, path } = placeOf(call);
  const headers = [
    "content-type",
    CONTENT_TYPE,
    "accept",
    wire.accept ?? ACCEPTED,
    "accept-encoding",
    "identity",
    "user-agent",
    USER_AGENT,
    "x-request-id",
    call.requestId,
  ];
  for (const part of call.headers) headers.push(part);
  for (const part of target.authHeaders) headers.push(part);
  for (const part of signature) headers.push(part);
  return {
    origin,
    path,
    method: "POST",
    headers,
    body: call.body,
    bodyTimeout: call.idleTimeoutMs ?? 0,
  };
}

/**
 * Uses undici's dispatcher rather than its `request`: only the dispatcher says whether a request was written
 * before it failed, and it costs less. Connection, head and whole answer have deadlines of their own because undici's
 * timers have a resolution of half a second.
 *
 * A provider may close a kept-alive connection just as a request is written to it. Such a request is sent once
 * more over a connection of its own, within the same deadline.
 */
function post(
  { agent, fresh }: Connections,
  call: UpstreamCall,
  signature: readonly string[],
): Promise<UpstreamAnswer> {
  const { cancellation, timeoutMs, connectTimeoutMs, wholeTimeoutMs } = call;
  return new Promise((resolve, reject) => {
    let request: Request;
    try {
      request = requestOf(call, signature);
    } catch (error) {
      reject(error);
      return;
    }
    if (cancellation.isCancelled()) {
      reject(new CallCancelled(false));
      return;
    }
    let controller: Dispatcher.DispatchController | undefined;
    let filled: FilledBody | undefined;
    let gaveUp: Error | undefined;
    let isResent = false;
    let isAccepted = false;
    let hasBegun = false;
    const startedMs = performance.now();
    const written = notWritten();

    const giveUp = (error: Error) => {
      gaveUp = error;
      controller?.abort(error);
      fail(error);
    };
    let deadline: NodeJS.Timeout;
    const giveUpAfter = (ms: number, message: string) => {
      const end = () => giveUp(new UpstreamTimeout(message, controller !== undefined));
      deadline = setTimeout(() => {
        if (controller !== undefined && call.late?.note()) deadline = setTimeout(end, call.late.readOnMs);
        else end();
      }, ms);
    };
    giveUpAfter(timeoutMs, "The provider did not answer in time");
    const notAccepted = () => {
      if (!isAccepted) giveUp(new UpstreamTimeout("The provider did not accept a connection in time", false));
    };
    const connectDeadline =
      connectTimeoutMs === null
        ? undefined
        : // After what has arrived: timers come first when this process was busy.
          setTimeout(() => setImmediate(notAccepted), connectTimeoutMs);
    const stopListening = cancellation.onCancel(() => giveUp(new CallCancelled(controller !== undefined)));
    const release = () => {
      clearTimeout(deadline);
      clearTimeout(connectDeadline);
      stopListening();
    };
    const begin = () => {
      hasBegun = true;
      clearTimeout(deadline);
      const leftMs = Math.max(1, wholeTimeoutMs - (performance.now() - startedMs));
      giveUpAfter(leftMs, "The provider did not end its answer in time");
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
        isAccepted = true;
        clearTimeout(connectDeadline);
        noteConnection(written);
      },
      onResponseStart(started, status, headers) {
        if (status < 200) return;
        stopListening();
        if (call.stream) begin();
        filled = upstreamBody(started);
        resolve({ status, headers, body: filled.body });
      },
      onResponseData(_started, chunk) {
        // Blank lines before an answer say that there is none yet.
        if (!hasBegun && !isBlank(chunk)) begin();
        filled?.push(chunk);
      },
      onResponseEnd() {
        clearTimeout(deadline);
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

const BLANK = new Set([0x20, 0x0a, 0x0d, 0x09]);
const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => BLANK.has(byte));

/** Sends the client's only request. Closing waits for its answer. */
function sendOnce(client: Dispatcher, request: Request, handler: Dispatcher.DispatchHandler): void {
  client.dispatch(request, handler);
  // An aborted request destroys the client, which needs no closing then.
  client.close().catch(() => {});
}

/** @throws UpstreamUnreachable for a base URL that is none */
function placeOf({ target, wire, stream }: UpstreamCall): { origin: string; path: string } {
  try {
    const { origin, pathPrefix } = baseOf(target.baseUrl);
    return { origin, path: pathPrefix + wire.path({ upstreamModel: target.upstreamModel, stream }) };
  } catch (error) {
    throw new UpstreamUnreachable("The provider's URL is not valid", false, { cause: error });
  }
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
