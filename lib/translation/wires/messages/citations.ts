import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import type { Citation, CitedSource, Span } from "#lib/translation/citation";
import { citedPlace, citedText, citedTitle } from "#lib/translation/wires/cited-values";

/** Reads a citation (platform.claude.com/docs/en/build-with-claude/citations); null for one of another kind. */
export function citationIn(value: unknown, span: Span): Citation | null {
  if (!isObject(value)) return null;
  const source = sourceIn(value);
  return source === null ? null : { span, source, quote: citedText(value.cited_text) };
}

function sourceIn(value: JsonObject): CitedSource | null {
  const document = { kind: "document", index: citedPlace(value.document_index) } as const;
  const title = citedTitle(value.document_title);
  const blocks = { start: citedPlace(value.start_block_index), end: citedPlace(value.end_block_index) };
  switch (value.type) {
    case "char_location": {
      const at = { start: citedPlace(value.start_char_index), end: citedPlace(value.end_char_index) };
      return { ...document, title, by: "chars", at };
    }
    case "page_location": {
      const at = { start: citedPlace(value.start_page_number), end: citedPlace(value.end_page_number) };
      return { ...document, title, by: "pages", at };
    }
    case "content_block_location":
      return { ...document, title, by: "blocks", at: blocks };
    case "web_search_result_location":
      return { kind: "web", url: citedText(value.url), title: citedTitle(value.title) };
    case "search_result_location":
      return {
        kind: "search_result",
        index: citedPlace(value.search_result_index),
        source: citedText(value.source),
        title: citedTitle(value.title),
        at: blocks,
      };
    default:
      return null;
  }
}
