import type { AnswerDialect, Dialect } from "#lib/dialects/dialect";
import {
  eventLines,
  HEARTBEAT,
  lastEvent,
  nextEvent,
  type StreamEvent,
  takeBytes,
} from "#lib/dialects/events/event-lines";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import type { PlainRun } from "#lib/dialects/events/stream-meter";
import { parsedObject, parsedValue } from "#lib/dialects/text/parsed-object";
import { noRareCharacters } from "#lib/dialects/text/rare-characters";
import { shownBytes } from "#lib/dialects/text/shown-bytes";
import { decodedBody } from "#lib/providers/decode-body";
import { END_OF_BODY, iterator, type Room, type UpstreamBody } from "#lib/providers/upstream-body";
import { AnswerTooLarge } from "#lib/providers/upstream-error";
import type { UpstreamAnswer } from "#lib/providers/wire";
import { EXACT_FIELDS } from "./arguments-json";
import { customArguments } from "./custom-arguments";
import type { Delta, Reader, Writer } from "./delta";
import { readingDialect } from "./reading-dialect";

/** What turns one answer into the client's dialect. */
export type Answering = {
  dialect: Dialect;
  reader: Reader;
  writer: Writer;
  /** Tools that take a text, by the client's names. */
  customTools: ReadonlySet<string>;
};

/** The most that is read of a body that is no stream of events, where one was asked for. */
const MOST_BODY_BYTES = 64 * 1024 * 1024;

/** A provider's answer in the client's dialect. Errors stay as they are: the pipeline reads them in any form. */
export function translatedAnswer(
  answer: UpstreamAnswer,
  stream: boolean,
  answering: Answering,
): { answer: UpstreamAnswer; dialect: AnswerDialect } {
  const { reader } = answering;
  let isPlain = false;
  const plain: PlainChunk = { chunk: null, run: null };
  const dialect = readingDialect(answering.dialect, reader.reported, {
    plainIn: (chunk) => (chunk === plain.chunk ? plain.run : null),
    isPlainWhole: () => isPlain,
    takeUnshown: reader.takeUnshown,
  });
  if (answer.status < 200 || answer.status >= 300) return { answer, dialect: readingErrors(dialect, reader) };
  const source = decodedBody(answer);
  const body = stream
    ? streamedBody(source, answering, plain)
    : wholeBody(source, (bytes) => {
        const whole = translatedWhole(bytes, answering);
        isPlain = whole.isPlain;
        return whole.bytes;
      });
  return { answer: { status: answer.status, headers: withoutForm(answer.headers), body }, dialect };
}

/** Errors keep the provider's form, and so does what they report to bill. */
const readingErrors = (dialect: AnswerDialect, reader: Reader): AnswerDialect => ({
  ...dialect,
  readWhole(bytes) {
    deltasOfWhole(bytes, reader);
    return dialect.readWhole(bytes);
  },
});

/** What describes the provider's bytes. */
function withoutForm({ "content-encoding": _, "content-length": __, ...headers }: UpstreamAnswer["headers"]) {
  return headers;
}

function wholeBody(source: UpstreamBody, translate: (bytes: Buffer) => Buffer): UpstreamBody {
  const whole = (maxBytes: number, room?: Room) => source.whole(maxBytes, room).then(translate);
  return {
    whole,
    async *chunks() {
      yield await whole(MOST_BODY_BYTES);
    },
    cut: source.cut,
  };
}

/**
 * The whole answer that a body says; the body itself if it is none, which the pipeline judges.
 * @returns also whether it is content as plain as most
 */
function translatedWhole(bytes: Buffer, answering: Answering): { bytes: Buffer; isPlain: boolean } {
  const { reader, writer } = answering;
  const deltas = deltasOfWhole(bytes, reader);
  if (deltas === null) return { bytes, isPlain: false };
  const plain = writer.plainWhole?.(deltas, reader.reported());
  if (plain) return { bytes: Buffer.from(plain), isPlain: true };
  const failure = deltas.find((delta) => delta.kind === "error");
  const whole = failure ? failedWhole(deltas, failure.detail, answering) : assembled(deltas, answering);
  return { bytes: whole ?? bytes, isPlain: false };
}

/** The whole answer of the client's dialect; null if it has none that says all of it. */
function assembled(deltas: readonly Delta[], answering: Answering): Buffer | null {
  const assembler = answering.dialect.assembler();
  for (const payload of eventPayloads(eventsOf(deltas, answering))) assembler.add(payload);
  return assembler.whole();
}

/** An error, and what was generated before it: the pipeline estimates that if the provider has not counted it. */
function failedWhole(deltas: readonly Delta[], detail: unknown, answering: Answering): Buffer {
  const before = deltas.filter(({ kind }) => kind !== "error" && kind !== "finish");
  const whole = assembled([...before, { kind: "finish", reason: "stop", stopSequence: null }], answering);
  const { usage: _, ...answer } = parsedObject(whole?.toString("utf8") ?? "") ?? {};
  return Buffer.from(JSON.stringify({ ...answer, error: detail }));
}

/** What a whole body says; null if it is no answer. */
function deltasOfWhole(bytes: Buffer, reader: Reader): Delta[] | null {
  const body = parsedValue(bytes.toString("utf8"), EXACT_FIELDS);
  const deltas: Delta[] = [];
  return body === undefined || !reader.whole(body, deltas) ? null : deltas;
}

/** The client's events for all of an answer. */
function eventsOf(deltas: readonly Delta[], { reader, writer, customTools }: Answering): string {
  const write = customArguments(customTools, writer.write);
  let events = "";
  for (const delta of deltas) events += write(delta);
  return events + writer.end(reader.reported());
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** The last chunk of a stream, and where it has events of one text each. */
type PlainChunk = { chunk: Buffer | null; run: PlainRun | null };

function streamedBody(source: UpstreamBody, answering: Answering, plain: PlainChunk): UpstreamBody {
  return {
    chunks: () => translatedChunks(source, answering, plain),
    async whole(maxBytes) {
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of translatedChunks(source, answering, plain)) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw new AnswerTooLarge(`The answer is larger than ${maxBytes} bytes`);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
    cut: source.cut,
  };
}

/** The client's events as the provider's arrive. */
function translatedChunks(
  source: UpstreamBody,
  answering: Answering,
  plain: PlainChunk,
): AsyncIterableIterator<Buffer> {
  const { push, end } = chunkTranslation(answering, plain);
  const chunks = source.chunks();
  let isEnded = false;

  /** What the provider's next bytes become; null for nothing. */
  function translated(step: IteratorResult<Buffer>): Buffer | null {
    isEnded = step.done === true;
    try {
      return step.done ? end() : push(step.value);
    } catch (error) {
      isEnded = true;
      source.cut();
      throw error;
    }
  }
  // No generator: its promises cost more than a chunk's translation.
  async function next(): Promise<IteratorResult<Buffer>> {
    while (!isEnded) {
      const value = translated(await chunks.next());
      if (value !== null) return { done: false, value };
    }
    return END_OF_BODY;
  }
  return iterator(next, source.cut);
}

type ChunkTranslation = { push: (chunk: Buffer) => Buffer | null; end: () => Buffer | null };

/** Translates a stream's bytes. A body without events is read as a whole at its end. */
function chunkTranslation(answering: Answering, plain: PlainChunk): ChunkTranslation {
  const { reader, writer, customTools } = answering;
  const lines = eventLines(NO_NAMES);
  const write = customArguments(customTools, writer.write);
  /** Whether what was held may be written before a text. */
  const mayHold = customTools.size > 0;
  const deltas: Delta[] = [];
  /** What has arrived of a body that is no stream, or whose first character has not arrived; null for a stream. */
  let body: Buffer[] | null = [];
  let bodyBytes = 0;
  let first = "";

  function written(): string {
    let text = "";
    for (const delta of deltas) text += write(delta);
    deltas.length = 0;
    return text;
  }
  /** The same as a chunk, whose first plain events in a row are noted. */
  function writtenChunk(): Buffer {
    let [before, run, after] = ["", "", ""];
    const texts = { events: 0, bytes: 0, rare: noRareCharacters() };
    for (const delta of deltas) {
      const events = write(delta);
      const plainText = mayHold ? null : (writer.takePlain?.() ?? null);
      if (plainText !== null && after === "") {
        run += events;
        texts.events += 1;
        texts.bytes += shownBytes(plainText, texts.rare);
      } else if (run === "") before += events;
      else after += events;
    }
    deltas.length = 0;
    const text = before + run + after;
    const chunk = text === "" ? HEARTBEAT : Buffer.from(text);
    plain.chunk = chunk;
    const start = Buffer.byteLength(before);
    plain.run = run === "" ? null : { start, end: chunk.length - Buffer.byteLength(after), ...texts };
    return chunk;
  }
  function read({ payload, name }: StreamEvent): void {
    const text = payload?.toString("utf8").trim();
    if (text) reader.event(text, name, deltas);
  }
  /** The bytes of a stream, with those that came before its first character; null for what is none so far. */
  function streamed(chunk: Buffer): Buffer | null {
    if (body === null) return chunk;
    body.push(chunk);
    bodyBytes += chunk.length;
    if (bodyBytes > MOST_BODY_BYTES)
      throw new AnswerTooLarge(`The provider's answer is larger than ${MOST_BODY_BYTES} bytes`);
    first = first === "" ? chunk.toString("latin1").trimStart().charAt(0) : first;
    if (first === "" || isBodyStart(first)) return null;
    const bytes = body.length === 1 ? chunk : Buffer.concat(body);
    body = null;
    return bytes;
  }

  return {
    push(chunk) {
      const bytes = streamed(chunk);
      if (bytes === null) return null;
      takeBytes(lines, bytes);
      for (let event = nextEvent(lines); event !== null; event = nextEvent(lines)) read(event);
      // An event that cannot be read is broken for the pipeline, too.
      if (lines.isTooLarge) throw new Error("an event of the provider is too large");
      return writtenChunk();
    },
    end() {
      if (body !== null) {
        const bytes = Buffer.concat(body);
        const all = deltasOfWhole(bytes, reader);
        return all === null ? bytes : Buffer.from(eventsOf(all, answering));
      }
      const last = lastEvent(lines);
      if (last !== null) read(last);
      reader.end(deltas);
      const text = written() + writer.end(reader.reported());
      return text === "" ? null : Buffer.from(text);
    },
  };
}

/** JSON or a page. */
const isBodyStart = (character: string) => character === "{" || character === "[" || character === "<";
