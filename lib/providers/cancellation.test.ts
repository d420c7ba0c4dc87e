import { describe, expect, test, vi } from "vitest";
import { cancellation, cancellationOf, signalOf } from "./cancellation";

describe("a cancellation", () => {
  test("tells everybody once, and who asks later at once", () => {
    const [early, late] = [vi.fn(), vi.fn()];
    const made = cancellation();
    made.onCancel(early);
    expect(made.isCancelled()).toBe(false);
    made.cancel();
    made.cancel();
    expect(made.isCancelled()).toBe(true);
    expect(early).toHaveBeenCalledOnce();
    made.onCancel(late);
    expect(late).toHaveBeenCalledOnce();
  });

  test("tells nobody who has stopped listening", () => {
    const [first, second] = [vi.fn(), vi.fn()];
    const made = cancellation();
    const stop = made.onCancel(first);
    stop();
    stop();
    made.onCancel(second);
    made.cancel();
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledOnce();
  });

  test("is a signal's, and a signal is its", () => {
    const controller = new AbortController();
    const heard = vi.fn();
    const unheard = vi.fn();
    const made = cancellationOf(controller.signal);
    const signal = signalOf(made);
    made.onCancel(heard);
    made.onCancel(unheard)();
    controller.abort();
    expect(made.isCancelled()).toBe(true);
    expect(heard).toHaveBeenCalledOnce();
    expect(unheard).not.toHaveBeenCalled();
    expect(signal.aborted).toBe(true);
    expect(signalOf(made).aborted).toBe(true);
  });
});
