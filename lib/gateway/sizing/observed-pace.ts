/** How fast an answer was generated. */
export type PaceSample = { outputTokens: number; latencyMs: number };

/** Reads the latest answers of a provider's model that the ledger has. */
export type ReadPace = (providerName: string, upstreamModel: string) => Promise<readonly PaceSample[]>;

type TargetName = { providerName: string; upstreamModel: string };

/** How fast the models behind targets generate, as this process has seen it. */
export type ObservedPace = {
  /** Begins to observe a target; its history is read in the background, once. */
  watch: (target: TargetName) => void;
  /** Notes an answer that its provider has counted. */
  note: (target: TargetName, sample: PaceSample) => void;
  /**
   * Output tokens per second that 99 of 100 answers of a target do not exceed: the latest, or as many in a row
   * within a day; 0 if none is known.
   */
  tokensPerSecond: (target: TargetName) => number;
};

/** `earlier`: the pace of each window that was full. */
type Window = { paces: number[]; next: number; p99: number | null; earlier: { p99: number; atMs: number }[] };

/** The latest answers of each target. */
const WINDOW_ANSWERS = 512;
/** A client that sends many slow requests does not lower the pace of a target for as long. */
const REMEMBERED_MS = 24 * 60 * 60 * 1_000;
/** The fastest of more are kept. */
const MOST_EARLIER = 32;
/** An answer of a few tokens says more about the network. */
const LEAST_TOKENS = 16;
/** Far more than anybody configures. */
const MOST_TARGETS = 2_000;

/**
 * @param onError called if the history cannot be read: then only this process's answers count
 * @param nowMs the clock
 */
export function observedPace(
  readPace: ReadPace,
  onError: (error: unknown) => void,
  nowMs: () => number = Date.now,
): ObservedPace {
  /** By provider and model: a key of both would be made several times a request. */
  const providers = new Map<string, Map<string, Window>>();
  let targets = 0;

  function windowOf({ providerName, upstreamModel }: TargetName): Window {
    const known = providers.get(providerName)?.get(upstreamModel);
    if (known !== undefined) return known;
    if (targets >= MOST_TARGETS) {
      providers.clear();
      targets = 0;
    }
    const window: Window = { paces: [], next: 0, p99: null, earlier: [] };
    const ofProvider = providers.get(providerName) ?? new Map<string, Window>();
    providers.set(providerName, ofProvider.set(upstreamModel, window));
    targets += 1;
    readPace(providerName, upstreamModel).then((samples) => {
      for (const sample of samples) add(window, sample, nowMs());
    }, onError);
    return window;
  }

  return {
    watch: windowOf,
    note: (target, sample) => add(windowOf(target), sample, nowMs()),
    tokensPerSecond: (target) => {
      const window = windowOf(target);
      window.p99 ??= p99Of(window.paces);
      const since = nowMs() - REMEMBERED_MS;
      return window.earlier.reduce(
        (most, { p99, atMs }) => (atMs < since ? most : Math.max(most, p99)),
        window.p99,
      );
    },
  };
}

function add(window: Window, { outputTokens, latencyMs }: PaceSample, nowMs: number): void {
  if (outputTokens < LEAST_TOKENS) return;
  window.paces[window.next] = (outputTokens * 1000) / Math.max(1, latencyMs);
  window.next = (window.next + 1) % WINDOW_ANSWERS;
  window.p99 = null;
  if (window.next !== 0) return;
  const known = window.earlier.filter(({ atMs }) => atMs >= nowMs - REMEMBERED_MS);
  known.push({ p99: p99Of(window.paces), atMs: nowMs });
  window.earlier = known.sort((one, other) => other.p99 - one.p99).slice(0, MOST_EARLIER);
}

/** Without sorting all of them: it is asked for after nearly every answer. */
function p99Of(paces: readonly number[]): number {
  const count = paces.length - Math.ceil(paces.length * 0.99) + 1;
  /** The largest, ascending. */
  const largest: number[] = [];
  for (const pace of paces) {
    if (largest.length === count && pace <= (largest[0] ?? 0)) continue;
    let at = largest.length;
    while (at > 0 && (largest[at - 1] ?? 0) > pace) at -= 1;
    largest.splice(at, 0, pace);
    if (largest.length > count) largest.shift();
  }
  return largest[0] ?? 0;
}
