/**
 * What servers split a prompt at, to put a picture in place of each, also where a client wrote it: Ollama's
 * `[img-0]` (runner/ollamarunner), Mistral's `[IMG]`, llama.cpp's `<__media__>` (tools/mtmd), and the tokens of Gemma,
 * Qwen, Llama, LLaVA, Phi and InternVL in the processors of Transformers.
 */
const TAG =
  /\[img(?:-\d+)?\]|<__(?:media|image)__>|<\|?(?:image|img|image_\d+|image_pad|image_soft_token|start_of_image|vision_start|media_pad|image_placeholder|reserved_special_token_\d+)\|?>|<img_context>/gi;
/** Anything with a tag has one of these. */
const MAY_BE_TAG = /\[img|<(?:__|\|?(?:im|st|vi|me|re))/i;
/** The form of NVIDIA's vision endpoints (build.nvidia.com) and text-generation-webui: a picture by itself. */
const IMG_WITH_DATA = /<img\b[^<>]{0,200}?\bsrc\s{0,8}=\s{0,8}["'\\]{0,2}\s{0,8}data:/gi;
const ASCII_ESCAPE = /\\u00([2-7][0-9a-f])/gi;
/** More than fit any context window: counting stops there. */
const MOST_TAGS = 10_000;
/** A text with more of them is not decoded: it may be any number of tags. */
const MOST_ESCAPES = 50_000;

/** Tags in a text that are pictures if the body has one; `pictures` are such by themselves. */
export type PictureTags = { tags: number; pictures: number };

/** Counts the tags in a text, also where a template decodes JSON within it, as a call's arguments are. */
export function pictureTagsIn(text: string): PictureTags {
  const found = tagsIn(text);
  const escapes = text.includes("\\u00") ? matchesOf(ASCII_ESCAPE, text, MOST_ESCAPES) : 0;
  if (escapes === 0) return found;
  if (escapes === MOST_ESCAPES) return { tags: MOST_TAGS, pictures: MOST_TAGS };
  const decoded = tagsIn(
    text.replace(ASCII_ESCAPE, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))),
  );
  return {
    tags: Math.max(found.tags, decoded.tags),
    pictures: Math.max(found.pictures, decoded.pictures),
  };
}

/** A search for one sign costs a fraction of one for any of the tags, and few texts have these. */
const mayHaveTag = (text: string): boolean =>
  (text.includes("<") || text.includes("[i") || text.includes("[I")) && MAY_BE_TAG.test(text);

const tagsIn = (text: string): PictureTags =>
  mayHaveTag(text)
    ? { tags: matchesOf(TAG, text), pictures: matchesOf(IMG_WITH_DATA, text) }
    : { tags: 0, pictures: 0 };

function matchesOf(pattern: RegExp, text: string, most = MOST_TAGS): number {
  let count = 0;
  for (const _ of text.matchAll(pattern)) {
    count += 1;
    if (count === most) break;
  }
  return count;
}
