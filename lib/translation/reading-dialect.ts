import type { Dialect } from "#lib/dialects/dialect";
import { contentOf } from "#lib/dialects/events/noted-usage";
import { parsedObject } from "#lib/dialects/text/parsed-object";
import { isPartial } from "#lib/dialects/usage";
import { clientError } from "./client-errors";
import type { Reported } from "./delta";

/**
 * A client's dialect in which a translated answer is read. It takes the usage of an answer from what the provider has reported in its own form: the client's
 * may have no place for all of it. Errors are of the client's types.
 */
export function readingDialect(dialect: Dialect, reported: () => Reported | null): Dialect {
  const { events } = dialect;
  return {
    ...dialect,
    events: {
      ...events,
      failed: (error, meter) => events.failed(clientError(dialect.name, error), meter),
      read(meter, payload, name) {
        const verdict = events.read(meter, payload, name);
        const report = reported();
        meter.usage = report?.usage ?? null;
        meter.usageContent = report?.isOfAll ? contentOf(meter) : -1;
        return verdict;
      },
    },
    async readWhole(bytes) {
      const read = await dialect.readWhole(bytes);
      const usage = reported()?.usage ?? null;
      if (read.said !== "content") return { ...read, usage: usage ?? read.usage };
      if (usage !== null && !isPartial(usage)) return { ...read, usage };
      const { outputTokens } = await dialect.readWhole(withoutUsage(bytes));
      return { ...read, usage, outputTokens };
    },
  };
}

/** An answer as one that is not counted: where a dialect requires a usage, it has zeros if nothing was reported. */
function withoutUsage(bytes: Buffer): Buffer {
  const body = parsedObject(bytes.toString("utf8"));
  if (body === null) return bytes;
  const { usage: _, ...answer } = body;
  return Buffer.from(JSON.stringify(answer));
}
