/** What a part of an answer relies on. */
export type Citation = {
  /** Of the answer's text. */
  span: Span;
  source: CitedSource;
  /** The words of the source; empty if they are not given. */
  quote: string;
};

/** In Unicode characters, from the first to the one after the last. */
export type Span = { start: number; end: number };

/** A page of the web, or a document or a search result of the request, by its place among them. */
export type CitedSource =
  | { kind: "web"; url: string; title: string | null }
  | { kind: "document"; index: number; title: string | null; by: "chars" | "pages" | "blocks"; at: Span }
  | { kind: "search_result"; index: number; source: string; title: string | null; at: Span };

/** The address of a source on the web, which is all that OpenAI's dialects cite; null for any other. */
export function citedUrl(source: CitedSource): { url: string; title: string | null } | null {
  if (source.kind === "web") return source;
  if (source.kind === "document" || !/^https?:\/\//i.test(source.source)) return null;
  return { url: source.source, title: source.title };
}

/** Counts the characters of a text that arrives in parts. */
export function characterCount(): { add: (text: string) => void; count: () => number } {
  let rest = "";
  let counted = 0;
  return {
    add(text) {
      rest += text;
    },
    count() {
      counted += charactersIn(rest);
      rest = "";
      return counted;
    },
  };
}

/** Characters beyond U+FFFF take two units of a string. */
const charactersIn = (text: string): number => text.length - (text.match(/[\ud800-\udbff]/g)?.length ?? 0);
