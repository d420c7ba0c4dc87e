const ZERO_WIDTH = /^(?:\p{Mark}|[\u200b-\u200d])$/u;
const WIDE =
  /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60]$/u;
/** A name must not move the cursor or colour the screen. */
const CONTROL = /\p{Cc}/gu;

/** How many columns a terminal needs for `text`, which has no control characters. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

/** `text` on one line, without control characters. */
export const oneLine = (text: string) => text.replace(/\s*\n\s*/g, " ").replace(CONTROL, "\ufffd");

/** `text` cut to `width` columns, with an ellipsis if anything was cut. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = "";
  let used = 1;
  for (const character of text) {
    used += widthOf(character);
    if (used > width) break;
    kept += character;
  }
  return `${kept}…`;
}

export const padEnd = (text: string, width: number) =>
  text + " ".repeat(Math.max(0, width - textWidth(text)));
export const padStart = (text: string, width: number) =>
  " ".repeat(Math.max(0, width - textWidth(text))) + text;

function widthOf(character: string): number {
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
