import type { JsonObject } from "#lib/dialects/text/json-fields";
import type { Citation } from "#lib/translation/citation";
import { sealedEnvelope, UNPROVED } from "#lib/translation/envelope";

/**
 * A citation as Anthropic has it. What a search of Anthropic's own has found has a token; in place of one is an envelope, by
 * which it is left out where Anthropic would check it.
 */
export function citationOf({ source, quote: cited_text }: Citation): JsonObject {
  switch (source.kind) {
    case "web": {
      const { url, title } = source;
      const encrypted_index = sealedEnvelope(UNPROVED);
      return { type: "web_search_result_location", url, title, encrypted_index, cited_text };
    }
    case "search_result":
      return {
        type: "search_result_location",
        source: source.source,
        title: source.title,
        search_result_index: source.index,
        start_block_index: source.at.start,
        end_block_index: source.at.end,
        cited_text,
      };
    case "document": {
      const { start, end } = source.at;
      const cited = { cited_text, document_index: source.index, document_title: source.title };
      if (source.by === "chars")
        return { type: "char_location", ...cited, start_char_index: start, end_char_index: end };
      if (source.by === "pages")
        return { type: "page_location", ...cited, start_page_number: start, end_page_number: end };
      return { type: "content_block_location", ...cited, start_block_index: start, end_block_index: end };
    }
  }
}
