import { describe, expect, test, vi } from "vitest";
import { cancellationOf, newCancellation, signalOf } from "./cancellation";

describe("a cancellation", () => {
  test("calls each listener once, and a late one at once", () => {
    const [early, late] = [vi.fn(), vi.fn()];
    const made = newCancellation();
    made.onCancel(early);
    expect(made.isCancelled()).toBe(false);
    made.cancel();
    made.cancel();
    expect(made.isCancelled()).toBe(true);
    expect(early).toHaveBeenCalledOnce();
    made.onCancel(late);
    expect(late).toHaveBeenCalledOnce();
  });

  test("does not call a removed listener", () => {
    const [first, second] = [vi.fn(), vi.fn()];
    const made = newCancellation();
    const stop = made.onCancel(first);
    stop();
    stop();
    made.onCancel(second);
    made.cancel();
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledOnce();
  });

  test("follows a signal, and a signal follows it", () => {
    const controller = new AbortController();
    const called = vi.fn();
    const removed = vi.fn();
    const made = cancellationOf(controller.signal);
    const signal = signalOf(made);
    made.onCancel(called);
    made.onCancel(removed)();
    controller.abort();
    expect(made.isCancelled()).toBe(true);
    expect(called).toHaveBeenCalledOnce();
    expect(removed).not.toHaveBeenCalled();
    expect(signal.aborted).toBe(true);
    expect(signalOf(made).aborted).toBe(true);
  });
});
