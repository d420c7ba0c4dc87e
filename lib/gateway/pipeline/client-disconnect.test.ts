import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { testRoute } from "#lib/gateway/testing/test-model";
import { newCancellation } from "#lib/providers/cancellation";
import { clientDisconnect } from "./client-disconnect";

const stops = testRoute("stops");
const goesOn = testRoute("goes-on");
const readsOn = ({ target }: typeof stops) => target.upstreamModel === "goes-on";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a disconnect ends a route that stops at once, and one that goes on only after a while", () => {
  const gone = newCancellation();
  const disconnect = clientDisconnect(gone, { routes: [stops, goesOn], readsOn }, 60_000);
  expect(disconnect.isGone()).toBe(false);
  gone.cancel();
  expect(disconnect.isGone()).toBe(true);
  expect(disconnect.stopFor(stops).isCancelled()).toBe(true);
  expect(disconnect.stopFor(goesOn).isCancelled()).toBe(false);
  vi.advanceTimersByTime(59_999);
  expect(disconnect.stopFor(goesOn).isCancelled()).toBe(false);
  vi.advanceTimersByTime(1);
  expect(disconnect.stopFor(goesOn).isCancelled()).toBe(true);
});

test("a shutdown ends reading on, and the end of a request its timer", () => {
  const gone = newCancellation();
  const first = clientDisconnect(gone, { routes: [goesOn], readsOn }, 60_000);
  const second = clientDisconnect(gone, { routes: [goesOn], readsOn }, 60_000);
  gone.cancel();
  first.stopNow();
  expect(first.stopFor(goesOn).isCancelled()).toBe(true);
  expect(second.stopFor(goesOn).isCancelled()).toBe(false);
  first.end();
  second.end();
  expect(vi.getTimerCount()).toBe(0);
});

test("without a route that goes on, nothing is read on", () => {
  const gone = newCancellation();
  const disconnect = clientDisconnect(gone, { routes: [stops], readsOn }, 60_000);
  expect(disconnect.readsOn(stops)).toBe(false);
  gone.cancel();
  expect(disconnect.stopFor(stops).isCancelled()).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
