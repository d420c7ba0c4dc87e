import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import type { Citation, Span } from "#lib/translation/citation";

/** More are left out. */
const MOST_CITATIONS = 1_000;

/** What an answer has been grounded on so far, as the last report says, and what it repeats, of which each has its own. */
export type Grounds = { grounding: JsonObject | null; repeated: Map<string, unknown> };

/** Notes what a part of an answer refers to. */
export function noteGrounds({ groundingMetadata, citationMetadata }: JsonObject, grounds: Grounds): void {
  if (isObject(groundingMetadata)) grounds.grounding = groundingMetadata;
  if (!isObject(citationMetadata)) return;
  // Google AI and Vertex AI have different names for it.
  for (const source of listOf(citationMetadata.citationSources ?? citationMetadata.citations)) {
    if (isObject(source) && grounds.repeated.size < MOST_CITATIONS)
      grounds.repeated.set(`${source.startIndex}-${source.endIndex} ${source.uri}`, source);
  }
}

/**
 * The pages that an answer refers to (ai.google.dev/api/generate-content#GroundingMetadata, #CitationMetadata), in the order
 * of the text. Places are in bytes.
 */
export function citationsOf({ grounding, repeated }: Grounds, text: string): readonly Citation[] {
  const found = [...groundedSpans(grounding), ...[...repeated.values()].flatMap(repeatedSpan)];
  if (found.length === 0) return [];
  const bytes = Buffer.from(text);
  const places = characterPlaces(bytes);
  const at = (byte: number) => places[Math.min(byte, bytes.length)] ?? 0;
  return found
    .slice(0, MOST_CITATIONS)
    .map(({ span, url, title }): Citation => {
      const { start, end } = span ?? { start: 0, end: bytes.length };
      return { span: { start: at(start), end: at(end) }, source: { kind: "web", url, title }, quote: "" };
    })
    .toSorted((one, other) => one.span.start - other.span.start);
}

type Found = { span: Span | null; url: string; title: string | null };

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const titleIn = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

function groundedSpans(grounding: JsonObject | null): readonly Found[] {
  const pages = listOf(grounding?.groundingChunks).map(pageIn);
  const supports = listOf(grounding?.groundingSupports).filter(isObject);
  if (supports.length === 0) return pages.flatMap((page) => (page === null ? [] : [{ ...page, span: null }]));
  return supports.flatMap(({ segment, groundingChunkIndices: indices }) => {
    const span = isObject(segment) ? spanIn(segment) : null;
    return listOf(indices).flatMap((index): Found[] => {
      const page = typeof index === "number" ? (pages[index] ?? null) : null;
      return page === null ? [] : [{ ...page, span }];
    });
  });
}

function pageIn(chunk: unknown): { url: string; title: string | null } | null {
  const page = isObject(chunk) ? (chunk.web ?? chunk.maps) : null;
  return isObject(page) && typeof page.uri === "string"
    ? { url: page.uri, title: titleIn(page.title) }
    : null;
}

function repeatedSpan(citation: unknown): Found[] {
  if (!isObject(citation) || typeof citation.uri !== "string" || citation.uri === "") return [];
  return [{ span: spanIn(citation), url: citation.uri, title: titleIn(citation.title) }];
}

/** A place of zero is left out. */
function spanIn({ startIndex: start = 0, endIndex: end }: JsonObject): Span | null {
  const isSpan = typeof start === "number" && typeof end === "number" && start >= 0 && start <= end;
  return isSpan ? { start: Math.trunc(start), end: Math.trunc(end) } : null;
}

/** The number of characters before each byte. */
function characterPlaces(bytes: Buffer): Uint32Array {
  const places = new Uint32Array(bytes.length + 1);
  let count = 0;
  for (let at = 0; at < bytes.length; at++) {
    places[at] = count;
    // The last byte of a character is followed by one that begins the next.
    if (((bytes[at + 1] ?? 0) & 0xc0) !== 0x80) count++;
  }
  places[bytes.length] = count;
  return places;
}
