import { type Limits, NO_OUTPUT_BOUNDS } from "#lib/dialects/bounds/read-limits";
import { NOTHING_ASKED } from "#lib/dialects/bounds/reasoning-settings";
import type { FieldSpan } from "#lib/dialects/text/json-fields";

export * from "#lib/dialects/bounds/read-limits";

/** Without the defence: reads one of OpenAI's two names for the bound, and leaves everything else to the provider. */
export function readLimits(json: string, fields: ReadonlyMap<string, FieldSpan>): Limits {
  const tokensIn = (name: string): number | null => {
    const span = fields.get(name);
    return span === undefined ? null : Number(json.slice(span.start, span.end)) || null;
  };
  return {
    outputBounds: NO_OUTPUT_BOUNDS,
    maxOutputTokens: tokensIn("max_completion_tokens") ?? tokensIn("max_tokens"),
    isZero: false,
    predictedTexts: [],
    reasoning: NOTHING_ASKED,
    unknown: { fields: [], param: null, scalarBytes: 0 },
  };
}
