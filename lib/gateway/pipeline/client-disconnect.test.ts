import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { testRoute } from "#lib/gateway/testing/test-model";
import { newCancellation } from "#lib/providers/cancellation";
import { clientDisconnect } from "./client-disconnect";

const stops = testRoute("stops");
const goesOn = testRoute("goes-on");
const readsOn = ({ target }: typeof stops) => target.upstreamModel === "goes-on";
const NOT_AWAITED = { readsOn, awaitsInput: false };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("a disconnect ends a route that stops at once, and one that goes on only after a while", () => {
  const gone = newCancellation();
  const disconnect = clientDisconnect(gone, { ...NOT_AWAITED, routes: [stops, goesOn] }, 60_000);
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
  const first = clientDisconnect(gone, { ...NOT_AWAITED, routes: [goesOn] }, 60_000);
  const second = clientDisconnect(gone, { ...NOT_AWAITED, routes: [goesOn] }, 60_000);
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
  const disconnect = clientDisconnect(gone, { ...NOT_AWAITED, routes: [stops] }, 60_000);
  expect(disconnect.readsOn(stops)).toBe(false);
  gone.cancel();
  expect(disconnect.stopFor(stops).isCancelled()).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test("a stream whose input is to be counted is read on, but not to its end", () => {
  const gone = newCancellation();
  const disconnect = clientDisconnect(gone, { routes: [stops], readsOn, awaitsInput: true }, 60_000);
  gone.cancel();
  expect(disconnect.isGone()).toBe(true);
  expect(disconnect.readsOn(stops)).toBe(false);
  expect(disconnect.stopFor(stops).isCancelled()).toBe(false);
  vi.advanceTimersByTime(60_000);
  expect(disconnect.stopFor(stops).isCancelled()).toBe(true);
});
