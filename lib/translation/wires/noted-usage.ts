import { laterUsage, type ReportedUsage } from "#lib/dialects/usage";
import type { Delta, Reported } from "#lib/translation/delta";

/** What an answer has reported so far. */
export type NotedUsage = {
  /** Notes a usage that counts all until now; null for none. */
  note: (usage: ReportedUsage | null) => void;
  /** What follows is not in what was reported. */
  outdate: () => void;
  reported: () => Reported | null;
};

export function notedUsage(): NotedUsage {
  let usage: ReportedUsage | null = null;
  let isOfAll = false;
  return {
    note(reported) {
      if (reported === null) return;
      usage = laterUsage(usage, reported);
      isOfAll = true;
    },
    outdate() {
      isOfAll = false;
    },
    reported: () => (usage === null ? null : { usage, isOfAll }),
  };
}

/** Whether something was generated: what was reported before it does not count it. */
const isGenerated = ({ kind }: Delta): boolean =>
  kind === "text" || kind === "think" || kind === "image" || kind === "call" || kind === "args";

/** Whether one of the deltas from a place on was generated. */
export function hasGenerated(deltas: readonly Delta[], from: number): boolean {
  for (let at = deltas.length - 1; at >= from; at--) {
    const delta = deltas[at];
    if (delta !== undefined && isGenerated(delta)) return true;
  }
  return false;
}
