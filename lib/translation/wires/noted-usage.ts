import { usageIn } from "#lib/dialects/openai-usage";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { laterUsage, type ReportedUsage } from "#lib/dialects/usage";
import type { Reported } from "#lib/translation/delta";

/** What an answer in one of OpenAI's dialects has reported so far. */
export type NotedUsage = {
  /** Notes the usage in a body, if it has one. */
  note: (body: JsonObject) => void;
  /** What follows is not in what was reported. */
  outdate: () => void;
  reported: () => Reported | null;
};

export function notedUsage(): NotedUsage {
  let usage: ReportedUsage | null = null;
  let isOfAll = false;
  return {
    note(body) {
      const reported = usageIn(body);
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
