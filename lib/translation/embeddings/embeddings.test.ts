import { describe, expect, test } from "vitest";
import { embeddings } from "#lib/dialects/embeddings/dialect";
import { newCancellation } from "#lib/providers/cancellation";
import type { Room } from "#lib/providers/upstream-body";
import { AnswerTooLarge } from "#lib/providers/upstream-error";
import { answerOf, MAX_BYTES, SENT } from "#lib/translation/testing/translate";
import { EMBEDDING_FORMATS } from "./formats";
import { embeddingTranslation } from "./translation";
import { MOST_LIST_BYTES, mostListBytes, writtenList } from "./written-list";

const MODEL = "gemini-embedding-001";

function formatNamed(name: string) {
  const format = EMBEDDING_FORMATS.find((one) => one.name === name);
  if (format === undefined) throw new Error("no such format");
  return format;
}

const lane = embeddingTranslation(formatNamed("gemini-embeddings"), MODEL);
const asking = (count: number, fields: object = {}) =>
  embeddings.parse(
    JSON.stringify({ model: "m", input: Array.from({ length: count }, () => "a"), ...fields }),
  );

/** Counts what is taken, up to a limit. */
function countingRoom(mostBytes = Number.POSITIVE_INFINITY): Room & { takenBytes: number } {
  const room = {
    takenBytes: 0,
    take(bytes: number) {
      room.takenBytes += bytes;
      return room.takenBytes > mostBytes ? new Error("no room") : null;
    },
    isFree: () => true,
  };
  return room;
}

const VECTOR = Array.from({ length: 1_000 }, (_, at) => Math.sin(at) / 50);
const VALUES = JSON.stringify({ values: VECTOR });

/** What is answered to so many texts, with vectors of 1 000 numbers. */
async function answered(count: number, room: Room) {
  const { sendAll } = lane.begin(asking(count), SENT);
  if (sendAll === undefined) throw new Error("it is sent in parts");
  const post = (body: string) => {
    const texts = body.split('"model"').length - 1;
    return Promise.resolve(answerOf([`{"embeddings":[${Array(texts).fill(VALUES).join(",")}]}`]));
  };
  const { body } = await sendAll(post, newCancellation(), room);
  return body.whole(MAX_BYTES);
}

describe("a list of vectors", () => {
  const refusal = (count: number, fields: object) =>
    lane.plan(asking(count, fields)).refused.map(({ at }) => at);

  test.each([
    [2_048, { encoding_format: "base64" }, []],
    [2_048, { dimensions: 768 }, []],
    [800, {}, []],
    [2_048, {}, ["input"]],
    [2_048, { dimensions: 0 }, ["input"]],
    [2_048, { dimensions: 2_400 }, ["input"]],
    [2_048, { dimensions: 100_000, encoding_format: "base64" }, ["input"]],
  ])("of %s texts with %j is refused if it may be too large: %j", (count, fields, refused) => {
    expect(refusal(count, fields)).toEqual(refused);
  });

  test.each(["float", "base64"] as const)("has no more bytes than were foreseen: %s", async (encoding) => {
    const vector = Array.from({ length: 500 }, () => -1.2345678901234567e-100);
    const list = writtenList(encoding, null);
    await list.add([vector, vector, vector]);
    const bytes = list.end("m", 1);
    expect(JSON.parse(bytes.toString()).data).toHaveLength(3);
    expect(bytes.length).toBeLessThan(mostListBytes(3, 500, encoding) + 200);
  });

  test("ends when it is too large all the same", async () => {
    const text = [["x".repeat(MOST_LIST_BYTES)]];
    await expect(writtenList("float", null).add(text)).rejects.toThrow(AnswerTooLarge);
  });

  test("is counted while it is gathered, with one of the provider's answers at a time", async () => {
    const room = countingRoom();
    const bytes = await answered(400, room);
    const batchBytes = 100 * VALUES.length;
    expect(room.takenBytes).toBeGreaterThan(bytes.length - 1_000);
    expect(room.takenBytes).toBeLessThan(bytes.length + 2 * batchBytes);
  });

  test("ends where there is no room for it", async () => {
    await expect(answered(400, countingRoom(4_000_000))).rejects.toThrow("no room");
  });

  test("waits until there is room", async () => {
    const waiting: (() => void)[] = [];
    const room = {
      take: () => null,
      isFree(resume: () => void) {
        waiting.push(resume);
        return false;
      },
    };
    let isThere = false;
    const whole = answered(100, room).then(() => {
      isThere = true;
    });
    await expect.poll(() => waiting.length).toBe(1);
    expect(isThere).toBe(false);
    const resuming = setInterval(() => waiting.splice(0).forEach((resume) => void resume()), 1);
    await whole;
    clearInterval(resuming);
  });

  test("is written while others are served", async () => {
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    await answered(400, countingRoom());
    isDone = true;
    // One for each 20 000 of its 400 000 numbers.
    expect(turns).toBeGreaterThan(15);
  });
});

describe("Vertex's vectors", () => {
  const body = {
    predictions: [2, 3].map((token_count) => ({ embeddings: { values: [1], statistics: { token_count } } })),
    metadata: { billableCharacterCount: 101 },
  };

  test.each([
    ["text-embedding-005", 26],
    ["text-multilingual-embedding-002", 26],
    ["gemini-embedding-001", 5],
  ])("of %s are charged by what Google bills, characters or tokens", (model, tokens) => {
    const read = (answer: object) =>
      formatNamed("vertex-embeddings").read({ body: answer, headerTokens: null }, model);
    expect(read(body)?.tokens).toBe(tokens);
    expect(read({ ...body, metadata: { billableCharacterCount: 8 } })?.tokens).toBe(5);
    expect(read({ predictions: body.predictions })?.tokens).toBe(5);
  });
});
