import { describe, expect, it, vi } from "vitest";
import { cancellation, cancellationOf, signalOf } from "./cancellation";

describe("a cancellation", () => {
  it("tells everybody once, and who asks later at once", () => {
    const [early, late] = [vi.fn(), vi.fn()];
    const it = cancellation();
    it.onCancel(early);
    expect(it.isCancelled()).toBe(false);
    it.cancel();
    it.cancel();
    expect(it.isCancelled()).toBe(true);
    expect(early).toHaveBeenCalledOnce();
    it.onCancel(late);
    expect(late).toHaveBeenCalledOnce();
  });

  it("tells nobody who has stopped listening", () => {
    const [first, second] = [vi.fn(), vi.fn()];
    const it = cancellation();
    const stop = it.onCancel(first);
    stop();
    stop();
    it.onCancel(second);
    it.cancel();
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledOnce();
  });

  it("is a signal's, and a signal is its", () => {
    const controller = new AbortController();
    const heard = vi.fn();
    const unheard = vi.fn();
    const it = cancellationOf(controller.signal);
    const signal = signalOf(it);
    it.onCancel(heard);
    it.onCancel(unheard)();
    controller.abort();
    expect(it.isCancelled()).toBe(true);
    expect(heard).toHaveBeenCalledOnce();
    expect(unheard).not.toHaveBeenCalled();
    expect(signal.aborted).toBe(true);
    expect(signalOf(it).aborted).toBe(true);
  });
});
