import type { Standing, Take } from "./window";

/** Where windows are counted: one interface, and one suite of tests, for every kind of store. */
export type RateStore = {
  /**
   * Takes from every window, or, where one of them refuses, from none; in one round trip.
   * @returns how each stands after it, in the order of `takes`
   */
  take: (takes: readonly Take[]) => Promise<Standing[]>;
  /**
   * Takes tokens that were used already, or gives some back (negative amounts). Nothing is refused: a
   * bucket may go below zero, and what flows in fills that first.
   */
  correct: (takes: readonly Take[]) => Promise<Standing[]>;
  /** Resolves when the store answers. */
  ping: () => Promise<void>;
  close: () => Promise<void>;
};

/** The store does not answer, or not in time. What was asked of it may have been counted all the same. */
export class RateStoreAway extends Error {
  override name = "RateStoreAway";
}
