/** What a part of a message says that it is. */
export type MediaKind = "image" | "audio" | "document";

/** What a part says of a medium. */
export type Stated = {
  /** Null for a file of any kind. */
  kind: MediaKind | null;
  /** The media types that the part names; the first is that of plain base64. */
  mediaTypes: readonly string[];
  /** The format that the part names besides; null if it names none. */
  format: string | null;
  /** What the part calls the file, under any names. */
  fileNames: readonly string[];
};

/** What a media type says; null if it says nothing. */
export function kindOfType(type: string | null): MediaKind | null {
  if (type === null || !type.includes("/")) return null;
  if (type.startsWith("image/")) return "image";
  return type.startsWith("audio/") ? "audio" : "document";
}

const IMAGE = /^(?:png|jpe?g|jpe|gif|webp|bmp|tiff?|heic|heif|avif)$/;
const AUDIO = /^(?:wav|wave|mp3|mpga|mpeg3?|m4a|aac|flac|ogg|oga|opus|pcm(?:16)?|aiff?|amr|wma)$/;

/** What a format or a file's extension says. */
function kindOfFormat(format: string): MediaKind {
  if (IMAGE.test(format)) return "image";
  return AUDIO.test(format) ? "audio" : "document";
}

/**
 * Whether what a part says of a medium contradicts itself. Servers differ in what they believe: the kind of part, the data
 * URL's type (Gemini), a media type or a format beside it (LiteLLM's `format`), a file's name (OpenAI) or the bytes, which
 * can be a picture to one reader and a document, a recording or a film to another.
 * @param type the data URL's media type
 */
export function isContradictory(stated: Stated, type: string | null): boolean {
  const { kind, mediaTypes, format, fileNames } = stated;
  const said: (MediaKind | null)[] = [kind, kindOfType(type), ...mediaTypes.map(kindOfType)];
  if (format !== null) said.push(kindOfType(format.trim().toLowerCase()) ?? ofFormat(format));
  for (const name of fileNames) said.push(ofName(name));
  return new Set(said.filter((one) => one !== null)).size > 1;
}

const ofFormat = (format: string): MediaKind => kindOfFormat(format.trim().toLowerCase());

/** Null for a name without an extension. */
function ofName(name: string): MediaKind | null {
  const [, extension] = /\.([^./\\]{1,20})$/.exec(name.trim()) ?? [];
  return extension === undefined ? null : ofFormat(extension);
}
