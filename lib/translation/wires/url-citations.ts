import { isObject } from "#lib/dialects/text/json-fields";
import type { Citation } from "#lib/translation/citation";
import type { Delta } from "#lib/translation/delta";

/**
 * Reads annotations of OpenAI's dialects, of which those to pages of the web mean something elsewhere: flat, as responses
 * have them, or in a field of their own, as chat completions do.
 * @param saidBefore the characters of the answer before the text that they are on
 * @param saidUntil the same with it, for servers that do not say which part of it they are on
 */
export function urlCitations(annotations: unknown, saidBefore: number, saidUntil: () => number): Delta[] {
  if (!Array.isArray(annotations)) return [];
  return annotations.flatMap((annotation: unknown): Delta[] => {
    const citation = urlCitation(annotation, saidBefore, saidUntil);
    return citation === null ? [] : [{ kind: "cite", citation }];
  });
}

function urlCitation(annotation: unknown, saidBefore: number, saidUntil: () => number): Citation | null {
  if (!isObject(annotation) || annotation.type !== "url_citation") return null;
  const {
    url,
    title,
    content,
    start_index: start,
    end_index: end,
  } = isObject(annotation.url_citation) ? annotation.url_citation : annotation;
  if (typeof url !== "string" || url === "") return null;
  return {
    span:
      isPlace(start) && isPlace(end) && start <= end
        ? { start: saidBefore + start, end: saidBefore + end }
        : { start: saidBefore, end: saidUntil() },
    source: { kind: "web", url, title: typeof title === "string" && title !== "" ? title : null },
    quote: typeof content === "string" ? content : "",
  };
}

const isPlace = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
