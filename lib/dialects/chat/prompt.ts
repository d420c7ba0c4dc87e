import type { Call } from "#lib/dialects/call";
import type { PromptWeight } from "#lib/dialects/dialect";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";

/** Chat templates write schemas with brackets, quotes, separators and indentation. */
const TOKENS_PER_CONTAINER = 4;
const TOKENS_PER_ELEMENT = 4;
const TOKENS_PER_FIELD = 2;

/**
 * Weighs a body. Texts are weighed one by one and unescaped: in JSON, a line break and a word can be fewer
 * tokens (`\nothing`) than in the model. The bytes of images are not text and do not count.
 */
export function chatPrompt({ json }: Call): PromptWeight {
  const { messages, ...others } = bodyOf(json);
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

/** The texts of the messages. */
export function chatPromptTexts({ json }: Call): readonly string[] {
  const { messages } = bodyOf(json);
  return Array.isArray(messages) ? messages.flatMap(textsOf) : [];
}

function textsOf(message: unknown): string[] {
  const content = isObject(message) ? message.content : null;
  if (typeof content === "string") return [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part: unknown) =>
    isObject(part) && typeof part.text === "string" ? [part.text] : [],
  );
}

function bodyOf(json: string): JsonObject {
  const body: unknown = JSON.parse(json);
  return isObject(body) ? body : {};
}

/** `{"url": "data:image/…"}`; a URL counts as text. */
function isData(image: unknown): boolean {
  if (typeof image !== "object" || image === null || !("url" in image)) return false;
  return typeof image.url === "string" && image.url.startsWith("data:image/");
}

function addText(weight: PromptWeight, text: string): void {
  weight.texts.push(text);
  weight.characters += text.length;
}
