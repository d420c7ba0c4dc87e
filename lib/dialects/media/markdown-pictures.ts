import { pictureTagsIn } from "./picture-tags";

/** What may follow `](` for a server to take what is there for a picture. */
const SOURCE = /^\s*<?\s*(?:https?|data):/i;
const SOURCE_CHARACTERS = 40;
/** Signs and letters of such a picture, escaped: a template may decode JSON within a text, as a call's arguments are. */
const ESCAPED = /\\u00(?:21|28|3a|5[bd]|[46][148]|[57][034])/i;
/** More pictures than fit any context window: counting stops there. */
const MOST_PICTURES = 10_000;
/** In a text with more of what may be a picture, all that follows is taken for pictures. */
const MOST_LOOKS = 50_000;
const LEAST_PICTURE_CHARACTERS = 10;

/** Counts pictures in Markdown and HTML, which some servers fetch or decode wherever they are in a prompt. */
export type PictureCounter = {
  /** Adds a text; a picture may begin in one and end in the next, as templates join them. */
  add: (text: string) => void;
  /** Ends a run of texts that belong together. */
  end: () => void;
  count: () => number;
  /** Tags that are pictures where the body has one (picture-tags.ts). */
  tags: () => number;
};

export function pictureCounter(): PictureCounter {
  let texts = "";
  let count = 0;
  let tags = 0;
  return {
    add: (text) => {
      texts += text;
    },
    end: () => {
      const found = pictureTagsIn(texts);
      count += picturesIn(texts) + found.pictures;
      tags += found.tags;
      texts = "";
    },
    count: () => count,
    tags: () => tags,
  };
}

/** Pictures in a text, by URL or as data: with escapes, as many as there are exclamation marks. */
function picturesIn(text: string): number {
  const isEscaped = text.includes("\\u00") && ESCAPED.test(text);
  return isEscaped ? occurrences(text, "!") + occurrences(text, "\\u0021") : markdownPictures(text);
}

function markdownPictures(text: string): number {
  let count = 0;
  let looks = 0;
  for (let at = text.indexOf("!["); at !== -1 && count < MOST_PICTURES; looks++) {
    if (looks > MOST_LOOKS) return count + Math.ceil((text.length - at) / LEAST_PICTURE_CHARACTERS);
    const close = text.indexOf("]", at + 2);
    if (close === -1) break;
    const isPicture =
      text[close + 1] === "(" && SOURCE.test(text.slice(close + 2, close + 2 + SOURCE_CHARACTERS));
    if (isPicture) count += 1;
    at = text.indexOf("![", close + 1);
  }
  return count;
}

function occurrences(text: string, sign: string): number {
  let count = 0;
  for (let at = text.indexOf(sign); at !== -1 && count < MOST_PICTURES; at = text.indexOf(sign, at + 1)) {
    count += 1;
  }
  return count;
}
