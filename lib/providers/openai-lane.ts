import { isIP } from "node:net";
import { Agent, buildConnector, type Dispatcher } from "undici";
import { VERSION } from "#lib/config/version";
import { AddressRefused, guardedLookup, isAddressAllowed } from "./address";
import type { Lane, UpstreamAnswer, UpstreamCall } from "./lane";
import { type FilledBody, upstreamBody } from "./upstream-body";
import { CallUnwanted, UpstreamTimeout, UpstreamUnreachable, upstreamError } from "./upstream-error";

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;
const USER_AGENT = `tollgate/${VERSION}`;

/** Base URLs, parsed once: there are as many as providers. */
const bases = new Map<string, { origin: string; pathPrefix: string }>();
const MOST_BASES = 1000;

/**
 * The pass-through lane for providers that speak OpenAI's dialect: one POST over a kept-alive
 * connection, with our own headers only, no redirect followed. A broken or silent body fails with errors
 * of the same kinds.
 * @throws (from the lane) UpstreamTimeout, UpstreamUnreachable, CallUnwanted
 */
export function openAiLane(agent: Dispatcher): Lane {
  return (call) => exchange(agent, call);
}

/** An agent that keeps connections alive and connects to allowed addresses only (see address.ts). */
export function upstreamAgent(options: { blockPrivate: boolean; connectTimeoutMs?: number }): Agent {
  const connectGuarded = buildConnector({
    timeout: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    lookup: guardedLookup(options.blockPrivate),
  });
  return new Agent({
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: 0,
    connect: (to, callback) => {
      // Sockets do not look up what is an address already.
      if (isIP(to.hostname) !== 0 && !isAddressAllowed(to.hostname, options.blockPrivate)) {
        callback(new AddressRefused("The provider's address is not allowed"), null);
      } else connectGuarded(to, callback);
    },
  });
}

function requestOf(call: UpstreamCall): Dispatcher.DispatchOptions {
  const { target } = call;
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
  if (target.apiKey !== null) headers.push("authorization", `Bearer ${target.apiKey}`);
  return {
    origin,
    path: pathPrefix + call.endpoint,
    method: "POST",
    headers,
    body: call.body,
    bodyTimeout: call.timeoutMs,
  };
}

/**
 * One request through undici's dispatcher, rather than its `request`: only there is it known whether a
 * request was written before it failed, and it costs less. The head has a deadline of its own, since
 * undici's clock has steps of half a second and starts only when connected.
 */
function exchange(agent: Dispatcher, call: UpstreamCall): Promise<UpstreamAnswer> {
  const { unwanted, timeoutMs } = call;
  return new Promise((resolve, reject) => {
    let request: Dispatcher.DispatchOptions;
    try {
      request = requestOf(call);
    } catch (error) {
      // A base URL that is none: nothing to reach.
      reject(new UpstreamUnreachable("The provider's URL is not valid", false, { cause: error }));
      return;
    }
    if (unwanted.isCancelled()) {
      reject(new CallUnwanted());
      return;
    }
    let controller: Dispatcher.DispatchController | undefined;
    let filled: FilledBody | undefined;
    let gaveUp: Error | undefined;

    const giveUp = (error: Error) => {
      gaveUp = error;
      controller?.abort(error);
      fail(error);
    };
    const headDeadline = setTimeout(
      () => giveUp(new UpstreamTimeout("The provider did not answer in time", controller !== undefined)),
      timeoutMs,
    );
    const unwatch = unwanted.onCancel(() => giveUp(new CallUnwanted()));
    const release = () => {
      clearTimeout(headDeadline);
      unwatch();
    };
    function fail(error: Error): void {
      release();
      if (filled) filled.fail(error);
      else reject(error);
    }

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        if (gaveUp) started.abort(gaveUp);
        else controller = started;
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
        fail(gaveUp ?? upstreamError(error, controller !== undefined));
      },
    };
    agent.dispatch(request, handler);
  });
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
