import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { bedrockKeys, failAs } from "#lib/providers/testing/fake-bedrock";
import { serverOfFile } from "#lib/testing/server-of-file";

/** A text's vector, which 32 bits can hold, and its tokens: one for each character. */
export const vectorOf = (given: string, dimensions = 3): number[] =>
  Array.from({ length: dimensions }, (_, at) => (given.length + at) / 8);

export type FakeEmbeddings = ReturnType<typeof bedrockKeys> & {
  url: string;
  requests: { path: string; headers: IncomingMessage["headers"]; body: JsonObject }[];
  /** Set by a test: the number of the request that fails. */
  failsAt: number | null;
  /** Set by a test: how many numbers a vector has if the client does not say it. */
  dimensions: number;
  /** Set by a test: whether tokens are reported. */
  isCounted: boolean;
};

class Fault extends Error {}

/** What a request is answered with: a body, and what Bedrock reports in a header. */
type Answer = { body: JsonObject; tokens: number };

const GOOGLE =
  /^\/v1(?:beta)?\/(?:projects\/[\w-]+\/locations\/[\w-]+\/publishers\/google\/)?models\/([\w.-]+):(\w+)$/;
const BEDROCK = /^\/model\/([^/]+)\/invoke$/;

/** Starts the APIs of Google AI, Vertex AI and Bedrock for vectors, as strict as their documentation says. */
export async function fakeEmbeddings(): Promise<FakeEmbeddings> {
  const fake: FakeEmbeddings = {
    ...bedrockKeys(),
    url: "",
    requests: [],
    failsAt: null,
    dimensions: 3,
    isCounted: true,
  };
  fake.url = await serverOfFile((incoming, outgoing) => void answer(fake, incoming, outgoing));
  return fake;
}

async function answer(
  fake: FakeEmbeddings,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { url: path = "", headers } = incoming;
  const sent = await text(incoming);
  const parsed: unknown = JSON.parse(sent);
  const body = isObject(parsed) ? parsed : {};
  fake.requests.push({ path, headers, body });
  const [, id] = BEDROCK.exec(path) ?? [];
  const isBedrock = id !== undefined;
  const fail = (status: number, name: string, message: string) => {
    if (isBedrock) return failAs(outgoing, status, name, message);
    outgoing.writeHead(status, { "content-type": "application/json" });
    outgoing.end(JSON.stringify({ error: { code: status, message, status: name } }));
  };
  if (isBedrock) {
    const rejected = await fake.keyFault(incoming, `http://${headers.host}${path}`, sent);
    if (rejected !== null) return failAs(outgoing, 403, ...rejected);
    if (headers.accept !== "application/json")
      return fail(400, "ValidationException", "accept is not supported");
  }
  if (fake.requests.length === fake.failsAt) return fail(429, "RESOURCE_EXHAUSTED", "Slow down.");
  try {
    const { body: said, tokens } = isBedrock
      ? invoked(decodeURIComponent(id), body, fake)
      : google(path, body, fake);
    const header = isBedrock && fake.isCounted ? { "x-amzn-bedrock-input-token-count": String(tokens) } : {};
    outgoing.writeHead(200, { "content-type": "application/json", ...header });
    outgoing.end(JSON.stringify(said));
  } catch (error) {
    fail(400, isBedrock ? "ValidationException" : "INVALID_ARGUMENT", String(error));
  }
}

/** ai.google.dev/api/embeddings, docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api */
function google(path: string, body: JsonObject, { isCounted, dimensions: usual }: FakeEmbeddings): Answer {
  const [, model = "", method] = GOOGLE.exec(path) ?? [];
  switch (method) {
    case "batchEmbedContents": {
      onlyFields(body, ["requests"]);
      const requests = list(body.requests, 100);
      for (const request of requests) {
        onlyFields(request, ["model", "content", "outputDimensionality"]);
        if (request.model !== `models/${model}`) throw new Fault("model does not match");
      }
      const texts = requests.map(({ content }) => partText(content));
      const size = dimensionsIn(requests[0]?.outputDimensionality, usual);
      const usage = isCounted ? { usageMetadata: { promptTokenCount: lengthOf(texts) } } : {};
      return {
        body: { embeddings: texts.map((one) => ({ values: vectorOf(one, size) })), ...usage },
        tokens: 0,
      };
    }
    case "embedContent": {
      if (!path.startsWith("/v1/projects/") || model === "gemini-embedding-001")
        throw new Fault("not served here");
      onlyFields(body, ["content", "outputDimensionality", "autoTruncate"]);
      const values = vectorOf(partText(body.content), dimensionsIn(body.outputDimensionality, usual));
      const usage = isCounted ? { usageMetadata: { promptTokenCount: partText(body.content).length } } : {};
      return { body: { embedding: { values }, truncated: false, ...usage }, tokens: 0 };
    }
    case "predict": {
      if (/gemini-embedding-2/.test(model)) throw new Fault("Precondition check failed.");
      onlyFields(body, ["instances", "parameters"]);
      const instances = list(body.instances, /gemini/.test(model) ? 1 : 250);
      for (const instance of instances) onlyFields(instance, ["content", "title", "task_type"]);
      const parameters = isObject(body.parameters) ? body.parameters : {};
      onlyFields(parameters, ["autoTruncate", "outputDimensionality"]);
      const texts = instances.map(({ content }) => String(content));
      const size = dimensionsIn(parameters.outputDimensionality, usual);
      return {
        body: {
          predictions: texts.map((one) => ({
            embeddings: {
              values: vectorOf(one, size),
              ...(isCounted ? { statistics: { token_count: one.length, truncated: false } } : {}),
            },
          })),
        },
        tokens: 0,
      };
    }
    default:
      throw new Fault(`Unknown path ${path}`);
  }
}

/** docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html, …/model-parameters-embed.html */
function invoked(model: string, body: JsonObject, { isCounted, dimensions: usual }: FakeEmbeddings): Answer {
  if (/titan/.test(model)) {
    const isSince2 = /text-v2/.test(model);
    onlyFields(body, isSince2 ? ["inputText", "dimensions", "normalize"] : ["inputText"]);
    const { inputText, dimensions } = body;
    if (typeof inputText !== "string") throw new Fault("inputText is required");
    if (dimensions !== undefined && ![256, 512, 1024].includes(Number(dimensions)))
      throw new Fault("dimensions must be 256, 512 or 1024");
    const embedding = vectorOf(inputText, dimensionsIn(dimensions, usual));
    const counted = isCounted ? { inputTextTokenCount: inputText.length } : {};
    return { body: { embedding, ...counted }, tokens: inputText.length };
  }
  const isSince4 = /embed-v4/.test(model);
  onlyFields(body, [
    "texts",
    "input_type",
    "truncate",
    ...(isSince4 ? ["embedding_types", "output_dimension"] : []),
  ]);
  if (!["search_document", "search_query"].includes(String(body.input_type)))
    throw new Fault("input_type is required");
  const texts = Array.isArray(body.texts) ? body.texts.map(String) : [];
  if (texts.length === 0 || texts.length > 96) throw new Fault("texts must have 1 to 96 texts");
  const float = texts.map((one) => vectorOf(one, dimensionsIn(body.output_dimension, usual)));
  return { body: { id: "1", texts, embeddings: isSince4 ? { float } : float }, tokens: lengthOf(texts) };
}

const lengthOf = (texts: readonly string[]): number => texts.reduce((sum, one) => sum + one.length, 0);
const dimensionsIn = (value: unknown, usual: number): number => (typeof value === "number" ? value : usual);

function partText(content: unknown): string {
  const parts = isObject(content) && Array.isArray(content.parts) ? content.parts : [];
  const [part] = parts;
  if (parts.length !== 1 || !isObject(part) || typeof part.text !== "string")
    throw new Fault("parts must have a text");
  return part.text;
}

function list(value: unknown, most: number): JsonObject[] {
  const items = Array.isArray(value) ? value.filter(isObject) : [];
  if (items.length === 0 || items.length > most) throw new Fault(`must have 1 to ${most} items`);
  return items;
}

function onlyFields(value: JsonObject, known: readonly string[]): void {
  for (const name of Object.keys(value)) if (!known.includes(name)) throw new Fault(`Unknown name "${name}"`);
}
