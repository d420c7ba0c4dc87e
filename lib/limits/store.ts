import type { RateWindow, Take, WindowState } from "./window";

/** Where windows are counted: one interface and one test suite for every kind of store. */
export type RateStore = {
  /**
   * Takes from every window or, if one of them is full, from none, in one round trip.
   * @returns the state of each window afterwards, in the order of `takes`
   */
  take: (takes: readonly Take[]) => Promise<WindowState[]>;
  /**
   * Takes tokens that have been used already, or gives some back (negative amounts). Never rejects: a bucket
   * may go below zero, and refills pay that first.
   */
  correct: (takes: readonly Take[]) => Promise<WindowState[]>;
  /** The state of windows, in their order, without taking from any; one round trip. */
  peek: (windows: readonly RateWindow[]) => Promise<WindowState[]>;
  /** Resolves if the store can count. One that answers but rejects writes (read-only, out of memory) cannot. */
  ping: () => Promise<void>;
  close: () => Promise<void>;
};

/** The store did not answer in time. The call may have been counted nevertheless. */
export class RateStoreUnavailable extends Error {
  override name = "RateStoreUnavailable";
}
