import type { Citation, Span } from "#lib/translation/citation";
import type { Delta } from "#lib/translation/delta";

export const citedText = (value: unknown): string => (typeof value === "string" ? value : "");
export const citedTitle = (value: unknown): string | null => citedText(value) || null;
export const citedPlace = (value: unknown): number => (typeof value === "number" ? value : 0);

/** What a block cites: its citations may come before its text. */
export function citesOf(
  cited: readonly unknown[],
  span: Span,
  read: (value: unknown, span: Span) => Citation | null,
): Delta[] {
  return cited.flatMap((one): Delta[] => {
    const citation = read(one, span);
    return citation === null ? [] : [{ kind: "cite", citation }];
  });
}
