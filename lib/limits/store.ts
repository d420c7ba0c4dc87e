import type { RateWindow, Take, WindowState } from "./window";

/** Where windows are counted: one interface, and one suite of tests, for every kind of store. */
export type RateStore = {
  /**
   * Takes from every window, or, where one of them refuses, from none; in one round trip.
   * @returns how each stands after it, in the order of `takes`
   */
  take: (takes: readonly Take[]) => Promise<WindowState[]>;
  /**
   * Takes tokens that were used already, or gives some back (negative amounts). Nothing is refused: a
   * bucket may go below zero, and what flows in fills that first.
   */
  correct: (takes: readonly Take[]) => Promise<WindowState[]>;
  /** How windows stand, in their order; in one round trip, and without taking from any. */
  peek: (windows: readonly RateWindow[]) => Promise<WindowState[]>;
  /** Resolves when the store can count: one that answers and takes nothing in (a read-only replica, a full one) cannot. */
  ping: () => Promise<void>;
  close: () => Promise<void>;
};

/** The store does not answer, or not in time. What was asked of it may have been counted all the same. */
export class RateStoreUnavailable extends Error {
  override name = "RateStoreUnavailable";
}
