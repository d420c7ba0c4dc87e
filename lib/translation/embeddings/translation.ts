import type { Call } from "#lib/dialects/call";
import type { AnswerDialect } from "#lib/dialects/dialect";
import { embeddings } from "#lib/dialects/embeddings/dialect";
import { parsedAnswer, parsedBefore } from "#lib/dialects/text/parsed-object";
import { NO_COUNTS, tokenCount, usageOfCounts } from "#lib/dialects/usage";
import type { JsonLimits } from "#lib/http/json-cost";
import type { Cancellation } from "#lib/providers/cancellation";
import { decodedBody } from "#lib/providers/decode-body";
import { upstreamBody } from "#lib/providers/upstream-body";
import { CallCancelled, UpstreamTimeout, UpstreamUnreachable } from "#lib/providers/upstream-error";
import type { UpstreamAnswer } from "#lib/providers/wire";
import { clientError } from "#lib/translation/client-errors";
import type { Reported } from "#lib/translation/delta";
import type { Plan } from "#lib/translation/plans";
import { readingDialect } from "#lib/translation/reading-dialect";
import type { Translation } from "#lib/translation/translation";
import type { Demand } from "#lib/translation/turn";
import type { Answered, Asked, EmbeddingFormat, Vectors } from "./format";
import { sumOf } from "./formats";
import { MOST_LIST_BYTES, mostListBytes, reusedRoom, type WrittenList, writtenList } from "./written-list";

/** Fields that say what is asked; others are left out and named. */
const READ = new Set(["model", "input", "encoding_format", "dimensions", "input_type"]);
/** Where Bedrock reports the tokens of models that do not (docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html). */
const TOKENS_HEADER = "x-amzn-bedrock-input-token-count";
/** The most that is read of one answer: 250 vectors of 4,096 numbers, and more. */
const MOST_BODY_BYTES = 64 * 1024 * 1024;
const MOST_VALUES: JsonLimits = { values: 1_500_000, depth: 20 };
/** OpenAI's own limit (platform.openai.com/docs/api-reference/embeddings/create). */
const MOST_TEXTS = 2_048;

/** Between OpenAI's embeddings and a wire that makes vectors otherwise. One for each route. */
export function embeddingTranslation(format: EmbeddingFormat, upstreamModel: string): Translation {
  return {
    bound: () => null,
    plan: (call) => planOf(call, format, upstreamModel),
    begin(call) {
      const { asked, encoding } = decoded(call);
      const batches = batchesOf(asked, format.most(upstreamModel));
      const encode = (texts: readonly string[]) =>
        JSON.stringify(format.encode({ ...asked, texts }, upstreamModel));
      const read: Vectors[] = [];
      const reported = (): Reported | null => reportOf(read, batches);
      let isWritten = false;
      return {
        body: encode(batches[0] ?? []),
        async sendAll(post, cancellation, room) {
          const list = writtenList(encoding === "base64" ? encoding : "float", room);
          const parts = reusedRoom(room);
          const parse = (answered: Answered) => format.read(answered, upstreamModel);
          const sending = { post, cancellation, parts };
          const failed = await askAll(batches, { encode, parse }, { read, list }, sending);
          if (failed !== null) return failed;
          isWritten = true;
          // Tokens that no one reports are an estimate to the client, and to the bill one of its own.
          const tokens = sumOf(read.map((one) => one.tokens)) ?? call.textTokens;
          return answerOf(200, list.end(call.model, tokens));
        },
        answer: (answer) => ({ answer, dialect: listDialect(reported, () => isWritten) }),
        error: (error) => clientError(embeddings.name, error),
      };
    },
    pastReasoning: { isRefused: () => false, leaveOut: () => null },
  };
}

function planOf(
  call: Call,
  { hasDimensions, usualDimensions }: EmbeddingFormat,
  upstreamModel: string,
): Plan {
  const { asked, encoding, hasTokens, unread } = decoded(call);
  const refused: Demand[] = [];
  if (asked.texts.length > MOST_TEXTS)
    refused.push({ at: "input", why: `at most ${MOST_TEXTS} texts can be asked for at once` });
  else if (sizeOf(asked, encoding, usualDimensions(upstreamModel)) > MOST_LIST_BYTES) {
    const better = encoding === "base64" ? "" : "; base64 as `encoding_format` takes a fifth";
    refused.push({ at: "input", why: `the list of so many vectors may be larger than 64 MB${better}` });
  }
  if (hasTokens) refused.push({ at: "input", why: "its models have other tokens; give texts" });
  if (asked.dimensions !== null && !hasDimensions(upstreamModel))
    refused.push({ at: "dimensions", why: "the vectors of this model have one length" });
  if (encoding !== "float" && encoding !== "base64")
    refused.push({ at: "encoding_format", why: "it must be float or base64" });
  return { dropped: unread, refused, ownBytes: 0 };
}

function sizeOf({ texts, dimensions }: Asked, encoding: unknown, usual: number): number {
  const asked = dimensions?.value ?? 0;
  return mostListBytes(texts.length, asked > 0 ? asked : usual, encoding === "base64" ? encoding : "float");
}

function decoded(call: Call) {
  const { input, dimensions, encoding_format: encoding = "float", ...others } = parsedBefore(call.json);
  const given: readonly unknown[] = Array.isArray(input) ? input : [input];
  const texts = given.filter((text): text is string => typeof text === "string");
  const asked: Asked = {
    texts,
    dimensions: typeof dimensions === "number" ? { value: dimensions, at: "dimensions" } : null,
    inputType: typeof others.input_type === "string" ? others.input_type : null,
  };
  const unread = Object.keys(others).filter((name) => !READ.has(name));
  return { asked, encoding, hasTokens: texts.length < given.length, unread };
}

/** The texts of each request, in their order. */
function batchesOf({ texts }: Asked, most: { texts: number; bytes: number }): readonly string[][] {
  const batches: string[][] = [];
  let bytes = 0;
  for (const text of texts) {
    const last = batches.at(-1);
    const more = Buffer.byteLength(text);
    if (last === undefined || last.length >= most.texts || bytes + more > most.bytes) {
      batches.push([text]);
      bytes = more;
    } else {
      last.push(text);
      bytes += more;
    }
  }
  return batches;
}

type Sending = {
  post: (body: string) => Promise<UpstreamAnswer>;
  cancellation: Cancellation;
  parts: ReturnType<typeof reusedRoom>;
};
type Spoken = {
  encode: (texts: readonly string[]) => string;
  parse: (answered: Answered) => Vectors | null;
};
/** What the answers have until now. */
type Gathered = { read: Omit<Vectors, "vectors">[]; list: WrittenList };

/** Of a request that the provider may bill, but to which it says nothing that can be read. */
const UNREAD = { tokens: null };

/**
 * Sends one request after the other, and gathers what they say.
 * @returns the first answer that fails, while what those before it report is billed; null if none does
 */
async function askAll(
  batches: readonly (readonly string[])[],
  { encode, parse }: Spoken,
  { read, list }: Gathered,
  sending: Sending,
): Promise<UpstreamAnswer | null> {
  let asked = 0;
  for (const texts of batches) {
    const answer = await postedOr(sending, encode(texts), read);
    if (answer.status < 200 || answer.status >= 300) return answer;
    const answered = parse(await answeredOf(answer, sending));
    read.push({ tokens: answered?.tokens ?? null });
    await list.add(answered?.vectors ?? []);
    asked += texts.length;
    // A list without all vectors is none: it is billed as what may have been made.
    if (list.count() !== asked) return whole(200, { object: "list", data: [] });
  }
  return null;
}

/** Once a request was answered, and billed, a later one that gets no answer is an error with a report. */
async function postedOr({ post }: Sending, body: string, read: Gathered["read"]): Promise<UpstreamAnswer> {
  try {
    return await post(body);
  } catch (error) {
    if (read.length === 0) throw error;
    if (error instanceof CallCancelled) throw new CallCancelled();
    const isTimeout = error instanceof UpstreamTimeout;
    if ((isTimeout || error instanceof UpstreamUnreachable) && error.dispatched) read.push(UNREAD);
    return whole(isTimeout ? 504 : 502, { error: { message: "The provider did not answer all inputs." } });
  }
}

async function answeredOf(answer: UpstreamAnswer, { cancellation, parts }: Sending): Promise<Answered> {
  const unwatch = cancellation.onCancel(answer.body.cut);
  parts.empty();
  try {
    const bytes = await decodedBody(answer).whole(MOST_BODY_BYTES, parts);
    const header = tokenCount(answer.headers[TOKENS_HEADER]);
    return { body: parsedAnswer(bytes.toString("utf8"), MOST_VALUES), headerTokens: header };
  } finally {
    unwatch();
  }
}

/**
 * What the provider reports to bill; null for an estimate of all that was asked. Where only a part was answered and that is
 * not reported, it says about how much of the text it was.
 */
function reportOf(read: Gathered["read"], batches: readonly (readonly string[])[]): Reported | null {
  if (read.length === 0) return null;
  const reported = sumOf(read.map(({ tokens }) => tokens));
  if (reported !== null) return reportOfInput({ input: reported, output: 0 });
  if (read.length === batches.length) return null;
  const bytes = batches.map((texts) => Buffer.byteLength(texts.join("")));
  const sum = (sizes: readonly number[]) => sizes.reduce((all, one) => all + one, 0);
  const inputShare = sum(bytes.slice(0, read.length)) / Math.max(1, sum(bytes));
  return { usage: { counts: { ...NO_COUNTS, output: 0 }, inputShare }, isOfAll: true };
}

function reportOfInput(counts: { input: number | null; output: number | null }): Reported | null {
  const usage = usageOfCounts({ ...NO_COUNTS, ...counts });
  return usage === null ? null : { usage, isOfAll: true };
}

/** The list was written here, and need not be read: it may be large. */
function listDialect(reported: () => Reported | null, isWritten: () => boolean): AnswerDialect {
  const dialect = readingDialect(embeddings, reported);
  return {
    ...dialect,
    readWhole: async (bytes) =>
      isWritten()
        ? {
            said: "content",
            error: null,
            usage: reported()?.usage ?? null,
            outputTokens: 0,
            statedCostPicoUsd: null,
          }
        : dialect.readWhole(bytes),
  };
}

const whole = (status: number, body: object): UpstreamAnswer =>
  answerOf(status, Buffer.from(JSON.stringify(body)));

/** An answer of these bytes, which are counted already. */
function answerOf(status: number, bytes: Buffer): UpstreamAnswer {
  const { body, push, end } = upstreamBody({ pause() {}, resume() {}, abort() {} });
  push(bytes);
  end();
  const counted = { ...body, whole: (maxBytes: number) => body.whole(maxBytes) };
  return { status, headers: { "content-type": "application/json" }, body: counted };
}
