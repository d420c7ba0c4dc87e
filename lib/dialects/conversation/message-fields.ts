/**
 * What messages and their parts may have: the names that OpenAI, the providers of its dialect and their clients
 * document. Whatever else is in a message may make a server read more than was sent (a medium from its cache, the
 * definition of a tool, a picture at another resolution), so nothing but the context window bounds it.
 */

/** Text for the model, whatever it looks like. */
const TEXTS = [
  "text",
  "content",
  "refusal",
  "thinking",
  "reasoning",
  "reasoning_content",
  "name",
  "title",
  "description",
  "context",
  "cited_text",
  // Cohere
  "tool_plan",
] as const;

/** Strings, numbers and switches that say something about another field, or about the message. */
const LABELS = [
  "role",
  "type",
  "id",
  "index",
  "status",
  "detail",
  "format",
  "filename",
  "file_name",
  "document_name",
  "media_type",
  "mime_type",
  "tool_call_id",
  "tool_use_id",
  "call_id",
  "is_error",
  // OpenAI's fine-tuning data and commentary; DeepSeek's and Mistral's prefix; Moonshot's and Qwen's partial
  "weight",
  "phase",
  "prefix",
  "partial",
  // Anthropic's, Google's and xAI's state of the reasoning
  "signature",
  "thought_signature",
  "encrypted_content",
  "thought",
  "closed",
  // What clients keep with a message
  "timestamp",
  "created_at",
  "createdAt",
] as const;

/** What a part with a medium calls itself, and the field that has it. */
const MEDIA_PARTS = [
  "image",
  "image_url",
  "input_image",
  "audio",
  "audio_url",
  "input_audio",
  "video",
  "video_url",
  "input_video",
  "document",
  "document_url",
  "file",
  "file_url",
  "input_file",
] as const;

/** A URL or data, whatever it looks like, or an object or a list that has them. */
const MEDIA = [
  ...MEDIA_PARTS,
  "url",
  "uri",
  "data",
  "b64_json",
  "images",
  "file_uri",
  "file_data",
  "source",
] as const;

/** Holds what a model said before, or marks: texts and labels, but no media. */
const ANSWERS = [
  "tool_calls",
  "function_call",
  "annotations",
  "citations",
  "reasoning_details",
  "cache_control",
  // LiteLLM
  "thinking_blocks",
  "provider_specific_fields",
  // Google
  "extra_content",
] as const;

/** Encrypted reasoning, or a proof of it that has it whole: what is in there is fewer tokens than the text. */
const SEALED = ["signature", "thought_signature", "thought_signatures", "encrypted_content"] as const;
const SEALED_PARTS: ReadonlySet<unknown> = new Set(["redacted_thinking", "reasoning.encrypted"]);

/** What is in an answer besides texts and labels. */
const IN_ANSWERS = [
  ...ANSWERS,
  "function",
  "custom",
  "summary",
  "data",
  "ttl",
  "google",
  "thought_signatures",
  "url",
  "source",
  "url_citation",
  "start_index",
  "end_index",
  "document_index",
  "document_title",
  "start_char_index",
  "end_char_index",
  "start_page_number",
  "end_page_number",
  "start_block_index",
  "end_block_index",
  "search_result_index",
  "encrypted_index",
] as const;

const sealedFields: ReadonlySet<string> = new Set(SEALED);

/** Whether a field of a part in an answer has encrypted reasoning. */
export const isSealed = (key: string, type: unknown): boolean =>
  sealedFields.has(key) || (key === "data" && SEALED_PARTS.has(type));

export const textFields: ReadonlySet<string> = new Set(TEXTS);
export const labelFields: ReadonlySet<string> = new Set(LABELS);
export const mediaFields: ReadonlySet<string> = new Set(MEDIA);
export const answerFields: ReadonlySet<string> = new Set(ANSWERS);
export const fieldsInAnswers: ReadonlySet<string> = new Set([...TEXTS, ...LABELS, ...IN_ANSWERS]);

/**
 * JSON with any names: a call's arguments, which the model reads as text, a client's notes, and the probabilities of what a
 * model said.
 */
export const jsonFields: ReadonlySet<string> = new Set(["metadata", "parsed", "logprobs"]);
export const jsonInAnswers: ReadonlySet<string> = new Set(["arguments", "input", "parsed_arguments"]);

/** Anthropic's part for what a client's own search has found: a source, a title and texts. */
export const SEARCH_RESULT = "search_result";

/** What a message, a part or something in one may call itself. */
export const partTypes: ReadonlySet<string> = new Set([
  "message",
  "text",
  "input_text",
  "output_text",
  "refusal",
  ...MEDIA_PARTS,
  SEARCH_RESULT,
  "tool_use",
  "tool_result",
  // Anthropic's sources of media
  "base64",
  "url",
  "content",
]);

/** Parts that hold what a model said before. */
export const answerParts: ReadonlySet<string> = new Set([
  "thinking",
  "redacted_thinking",
  "reasoning",
  "reasoning.text",
  "reasoning.summary",
  "reasoning.encrypted",
]);

export const typesInAnswers: ReadonlySet<string> = new Set([
  ...answerParts,
  "function",
  "custom",
  "text",
  "summary_text",
  "reasoning_text",
  "ephemeral",
  "url_citation",
  "char_location",
  "page_location",
  "content_block_location",
  "search_result_location",
  "web_search_result_location",
]);

/** A part whose type names a medium. */
export const namesMedium = (type: string): boolean =>
  /image|audio|video|file|document|media|embeds/i.test(type);
