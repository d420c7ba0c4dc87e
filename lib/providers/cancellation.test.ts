import { describe, expect, test, vi } from "vitest";
import { cancellation, cancellationOf, signalOf } from "./cancellation";

describe("a cancellation", () => {
  test("tells everybody once, and who asks later at once", () => {
    const [early, late] = [vi.fn(), vi.fn()];
    const it = cancellation();
    test.onCancel(early);
    expect(it.isCancelled()).toBe(false);
    test.cancel();
    test.cancel();
    expect(it.isCancelled()).toBe(true);
    expect(early).toHaveBeenCalledOnce();
    test.onCancel(late);
    expect(late).toHaveBeenCalledOnce();
  });

  test("tells nobody who has stopped listening", () => {
    const [first, second] = [vi.fn(), vi.fn()];
    const it = cancellation();
    const stop = it.onCancel(first);
    stop();
    stop();
    test.onCancel(second);
    test.cancel();
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledOnce();
  });

  test("is a signal's, and a signal is its", () => {
    const controller = new AbortController();
    const heard = vi.fn();
    const unheard = vi.fn();
    const it = cancellationOf(controller.signal);
    const signal = signalOf(it);
    test.onCancel(heard);
    test.onCancel(unheard)();
    controller.abort();
    expect(it.isCancelled()).toBe(true);
    expect(heard).toHaveBeenCalledOnce();
    expect(unheard).not.toHaveBeenCalled();
    expect(signal.aborted).toBe(true);
    expect(signalOf(it).aborted).toBe(true);
  });
});
