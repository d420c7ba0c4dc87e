import type { Media } from "#lib/dialects/media/media";

/**
 * The texts that a model reads of a body: all of its own, those of its documents, and none that is encrypted. A text may be
 * equal to an encrypted one and be read all the same, so each of those leaves out one.
 */
export function readTexts(
  texts: readonly string[],
  { plainTexts, sealedTexts }: Pick<Media, "plainTexts" | "sealedTexts">,
): string[] {
  const sealed = new Map<string, number>();
  for (const text of sealedTexts) sealed.set(text, (sealed.get(text) ?? 0) + 1);
  const read = texts.filter((text) => {
    const left = sealed.get(text) ?? 0;
    if (left > 0) sealed.set(text, left - 1);
    return left === 0;
  });
  return [...read, ...plainTexts];
}
