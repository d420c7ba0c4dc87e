import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import type { Citation, CitedSource, Span } from "#lib/translation/citation";

const textIn = (value: unknown): string => (typeof value === "string" ? value : "");
const titleIn = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
const placeIn = (value: unknown): number => (typeof value === "number" ? value : 0);

/** Reads a citation (platform.claude.com/docs/en/build-with-claude/citations); null for one of another kind. */
export function citationIn(value: unknown, span: Span): Citation | null {
  if (!isObject(value)) return null;
  const source = sourceIn(value);
  return source === null ? null : { span, source, quote: textIn(value.cited_text) };
}

function sourceIn(value: JsonObject): CitedSource | null {
  const document = { kind: "document", index: placeIn(value.document_index) } as const;
  const title = titleIn(value.document_title);
  const blocks = { start: placeIn(value.start_block_index), end: placeIn(value.end_block_index) };
  switch (value.type) {
    case "char_location": {
      const at = { start: placeIn(value.start_char_index), end: placeIn(value.end_char_index) };
      return { ...document, title, by: "chars", at };
    }
    case "page_location": {
      const at = { start: placeIn(value.start_page_number), end: placeIn(value.end_page_number) };
      return { ...document, title, by: "pages", at };
    }
    case "content_block_location":
      return { ...document, title, by: "blocks", at: blocks };
    case "web_search_result_location":
      return { kind: "web", url: textIn(value.url), title: titleIn(value.title) };
    case "search_result_location":
      return {
        kind: "search_result",
        index: placeIn(value.search_result_index),
        source: textIn(value.source),
        title: titleIn(value.title),
        at: blocks,
      };
    default:
      return null;
  }
}
