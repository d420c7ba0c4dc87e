import { describe, expect, test, vi } from "vitest";
import { cancellationOf, newCancellation, signalOf } from "./cancellation";

describe("a cancellation", () => {
  test("calls each listener once, and a late one at once", () => {
    const [early, late] = [vi.fn(), vi.fn()];
    const cancellation = newCancellation();
    cancellation.onCancel(early);
    expect(cancellation.isCancelled()).toBe(false);
    cancellation.cancel();
    cancellation.cancel();
    expect(cancellation.isCancelled()).toBe(true);
    expect(early).toHaveBeenCalledOnce();
    cancellation.onCancel(late);
    expect(late).toHaveBeenCalledOnce();
  });

  test("does not call a removed listener", () => {
    const [first, second] = [vi.fn(), vi.fn()];
    const cancellation = newCancellation();
    const stop = cancellation.onCancel(first);
    stop();
    stop();
    cancellation.onCancel(second);
    cancellation.cancel();
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledOnce();
  });

  test("follows a signal, and a signal follows it", () => {
    const controller = new AbortController();
    const called = vi.fn();
    const removed = vi.fn();
    const cancellation = cancellationOf(controller.signal);
    const signal = signalOf(cancellation);
    cancellation.onCancel(called);
    cancellation.onCancel(removed)();
    controller.abort();
    expect(cancellation.isCancelled()).toBe(true);
    expect(called).toHaveBeenCalledOnce();
    expect(removed).not.toHaveBeenCalled();
    expect(signal.aborted).toBe(true);
    expect(signalOf(cancellation).aborted).toBe(true);
  });
});
