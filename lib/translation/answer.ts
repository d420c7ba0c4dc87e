import type { Dialect } from "#lib/dialects/dialect";
import {
  eventLines,
  HEARTBEAT,
  lastEvent,
  nextEvent,
  type StreamEvent,
  takeBytes,
} from "#lib/dialects/events/event-lines";
import { eventPayloads } from "#lib/dialects/events/event-payloads";
import { parsedValue } from "#lib/dialects/text/parsed-object";
import { decodedBody } from "#lib/providers/decode-body";
import type { Room, UpstreamBody } from "#lib/providers/upstream-body";
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
): { answer: UpstreamAnswer; dialect: Dialect } {
  const dialect = readingDialect(answering.dialect, answering.reader.reported);
  if (answer.status < 200 || answer.status >= 300) return { answer, dialect };
  const source = decodedBody(answer);
  const body = stream ? streamedBody(source, answering) : wholeBody(source, answering);
  return { answer: { status: answer.status, headers: withoutForm(answer.headers), body }, dialect };
}

/** What describes the provider's bytes. */
function withoutForm({ "content-encoding": _, "content-length": __, ...headers }: UpstreamAnswer["headers"]) {
  return headers;
}

function wholeBody(source: UpstreamBody, answering: Answering): UpstreamBody {
  const whole = async (maxBytes: number, room?: Room) =>
    translatedWhole(await source.whole(maxBytes, room), answering);
  return {
    whole,
    async *chunks() {
      yield await whole(MOST_BODY_BYTES);
    },
    cut: source.cut,
  };
}

/** The whole answer that a body says; the body itself if it is none, which the pipeline judges. */
function translatedWhole(bytes: Buffer, answering: Answering): Buffer {
  const events = eventsOfWhole(bytes, answering);
  if (events === null) return bytes;
  const assembler = answering.dialect.assembler();
  for (const payload of eventPayloads(events)) assembler.add(payload);
  return assembler.whole() ?? bytes;
}

/** The client's events for a whole body; null if it is no answer. */
function eventsOfWhole(bytes: Buffer, { reader, writer, customTools }: Answering): string | null {
  const body = parsedValue(bytes.toString("utf8"), EXACT_FIELDS);
  const deltas: Delta[] = [];
  if (body === undefined || !reader.whole(body, deltas)) return null;
  const unwrap = customArguments(customTools);
  let events = "";
  for (const delta of deltas) for (const said of unwrap(delta)) events += writer.write(said);
  return events + writer.end(reader.reported());
}

const NO_NAMES: ReadonlySet<string> = new Set();

function streamedBody(source: UpstreamBody, answering: Answering): UpstreamBody {
  return {
    chunks: () => translatedChunks(source, answering),
    async whole(maxBytes) {
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of translatedChunks(source, answering)) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw new AnswerTooLarge(`The answer is larger than ${maxBytes} bytes`);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
    cut: source.cut,
  };
}

/** The client's events as the provider's arrive. A body without events is read as a whole. */
async function* translatedChunks(
  source: UpstreamBody,
  answering: Answering,
): AsyncGenerator<Buffer, undefined> {
  const { reader, writer, customTools } = answering;
  const lines = eventLines(NO_NAMES);
  const unwrap = customArguments(customTools);
  const deltas: Delta[] = [];
  /** What has arrived of a body that is no stream, or whose first character has not arrived; null for a stream. */
  let body: Buffer[] | null = [];
  let bodyBytes = 0;
  let first = "";

  function written(): string {
    let text = "";
    for (const delta of deltas) for (const said of unwrap(delta)) text += writer.write(said);
    deltas.length = 0;
    return text;
  }
  function read({ payload, name }: StreamEvent): void {
    const text = payload?.toString("utf8").trim();
    if (text) reader.event(text, name, deltas);
  }

  for await (const chunk of source.chunks()) {
    let bytes: Buffer = chunk;
    if (body !== null) {
      body.push(chunk);
      bodyBytes += chunk.length;
      if (bodyBytes > MOST_BODY_BYTES)
        throw new AnswerTooLarge(`The provider's answer is larger than ${MOST_BODY_BYTES} bytes`);
      first = first === "" ? chunk.toString("latin1").trimStart().charAt(0) : first;
      if (first === "" || isBodyStart(first)) continue;
      bytes = body.length === 1 ? chunk : Buffer.concat(body);
      body = null;
    }
    takeBytes(lines, bytes);
    for (let event = nextEvent(lines); event !== null; event = nextEvent(lines)) read(event);
    // An event that cannot be read is broken for the pipeline, too.
    if (lines.isTooLarge) throw new Error("an event of the provider is too large");
    const text = written();
    yield text === "" ? HEARTBEAT : Buffer.from(text);
  }
  if (body !== null) {
    const bytes = Buffer.concat(body);
    const events = eventsOfWhole(bytes, answering);
    yield events === null ? bytes : Buffer.from(events);
    return;
  }
  const last = lastEvent(lines);
  if (last !== null) read(last);
  reader.end(deltas);
  const text = written() + writer.end(reader.reported());
  if (text !== "") yield Buffer.from(text);
}

/** JSON or a page. */
const isBodyStart = (character: string) => character === "{" || character === "[" || character === "<";
