/** Chat templates write schemas out: brackets, quotes, separators and indentation around what they contain. */
const TOKENS_PER_CONTAINER = 4;
const TOKENS_PER_ELEMENT = 4;
const TOKENS_PER_FIELD = 2;

/** What there is to count in a body: its texts as the model reads them, and tokens for all that is around them. */
export type PromptWeight = { texts: string[]; structureTokens: number; characters: number };

/**
 * Takes a parsed body apart. Texts are weighed one by one and unescaped: in JSON, a line break and a word
 * are at times fewer tokens (`\nothing`) than in the model. Left out are the bytes of the messages' images,
 * which are no text.
 */
export function promptWeight({ messages, ...others }: Readonly<Record<string, unknown>>): PromptWeight {
  const weight: PromptWeight = { texts: [], structureTokens: 0, characters: 0 };
  weigh(weight, others, TOKENS_PER_FIELD, false);
  weigh(weight, messages, TOKENS_PER_FIELD, true);
  return weight;
}

function weigh(weight: PromptWeight, value: unknown, scalarTokens: number, imagesApart: boolean): void {
  if (typeof value !== "object" || value === null) {
    weight.structureTokens += scalarTokens;
    addText(weight, String(value));
    return;
  }
  weight.structureTokens += TOKENS_PER_CONTAINER;
  if (Array.isArray(value)) {
    for (const element of value) weigh(weight, element, TOKENS_PER_ELEMENT, imagesApart);
    return;
  }
  for (const [name, field] of Object.entries(value)) {
    addText(weight, name);
    const isImage = imagesApart && name === "image_url" && "type" in value && value.type === "image_url";
    if (!isImage || !isData(field)) weigh(weight, field, TOKENS_PER_FIELD, imagesApart);
  }
}

/** `{"url": "data:image/…"}`; an address is a text as any other. */
function isData(image: unknown): boolean {
  if (typeof image !== "object" || image === null || !("url" in image)) return false;
  return typeof image.url === "string" && image.url.startsWith("data:image/");
}

function addText(weight: PromptWeight, text: string): void {
  weight.texts.push(text);
  weight.characters += text.length;
}
