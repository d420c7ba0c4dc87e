import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import type { Citation, CitedSource, Span } from "#lib/translation/citation";
import { citedPlace, citedText, citedTitle } from "#lib/translation/wires/cited-values";

const spanIn = ({ start, end }: JsonObject): Span => ({ start: citedPlace(start), end: citedPlace(end) });

/**
 * Reads a citation (docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Citation.html,
 * …/API_runtime_CitationLocation.html); null without a place.
 */
export function citationIn(value: unknown, span: Span): Citation | null {
  if (!isObject(value) || !isObject(value.location)) return null;
  const source = sourceIn(value, value.location);
  if (source === null) return null;
  const words: readonly unknown[] = Array.isArray(value.sourceContent) ? value.sourceContent : [];
  return { span, source, quote: words.map((part) => (isObject(part) ? citedText(part.text) : "")).join("") };
}

const UNITS = { documentChar: "chars", documentPage: "pages", documentChunk: "blocks" } as const;

function sourceIn(value: JsonObject, location: JsonObject): CitedSource | null {
  const title = citedTitle(value.title);
  const { web, searchResultLocation: result } = location;
  if (isObject(web)) return { kind: "web", url: citedText(web.url), title };
  if (isObject(result)) {
    const index = citedPlace(result.searchResultIndex);
    return { kind: "search_result", index, source: citedText(value.source), title, at: spanIn(result) };
  }
  for (const [name, by] of Object.entries(UNITS)) {
    const place = location[name];
    if (isObject(place))
      return { kind: "document", index: citedPlace(place.documentIndex), title, by, at: spanIn(place) };
  }
  return null;
}
