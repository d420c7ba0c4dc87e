import { setImmediate as nextTurn } from "node:timers/promises";
import { LEAST_ROOM_BYTES, type Room, untilFree } from "#lib/providers/upstream-body";
import { AnswerTooLarge } from "#lib/providers/upstream-error";

/** The most that a list may have. */
export const MOST_LIST_BYTES = 64 * 1024 * 1024;
/** A number of 64 bits as text, with its comma, and one of 32 bits in Base64. */
const NUMBER_BYTES = { float: 25, base64: 16 / 3 };
/** What is around a vector. */
const ITEM_BYTES = 64;
/** Written in milliseconds. */
const NUMBERS_PER_TURN = 20_000;

type Encoding = keyof typeof NUMBER_BYTES;

/** OpenAI's list of embeddings, of which each vector is written as soon as it is there. */
export type WrittenList = {
  /** @throws AnswerTooLarge, or what the room returns */
  add: (vectors: readonly (readonly unknown[])[]) => Promise<void>;
  /** How many vectors it has. */
  count: () => number;
  end: (model: string, tokens: number) => Buffer;
};

/** The most bytes of a list of so many vectors. */
export const mostListBytes = (vectors: number, dimensions: number, encoding: Encoding): number =>
  vectors * (dimensions * NUMBER_BYTES[encoding] + ITEM_BYTES);

/** @param room counts what is written; null: nothing does */
export function writtenList(encoding: Encoding, room: Room | null): WrittenList {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let countedBytes = 0;

  async function restAfter(): Promise<void> {
    if (bytes > MOST_LIST_BYTES)
      throw new AnswerTooLarge(`The list of vectors is larger than ${MOST_LIST_BYTES} bytes`);
    if (room !== null && bytes >= LEAST_ROOM_BYTES) {
      const failed = room.take(bytes - countedBytes);
      if (failed !== null) throw failed;
      countedBytes = bytes;
      await untilFree(room);
    }
    await nextTurn();
  }

  return {
    async add(vectors) {
      let numbers = 0;
      for (const vector of vectors) {
        const embedding = encoding === "base64" ? `"${base64Of(vector)}"` : JSON.stringify(vector);
        const index = pieces.length;
        const item = `{"object":"embedding","index":${index},"embedding":${embedding}}`;
        const piece = Buffer.from(index === 0 ? item : `,${item}`);
        pieces.push(piece);
        bytes += piece.length;
        numbers += vector.length;
        if (numbers < NUMBERS_PER_TURN) continue;
        numbers = 0;
        await restAfter();
      }
      await restAfter();
    },
    count: () => pieces.length,
    end: (model, tokens) =>
      Buffer.concat([
        Buffer.from('{"object":"list","data":['),
        ...pieces,
        Buffer.from(
          `],"model":${JSON.stringify(model)},"usage":{"prompt_tokens":${tokens},"total_tokens":${tokens}}}`,
        ),
      ]),
  };
}

/** Numbers of 32 bits, as OpenAI's clients read them. */
const base64Of = (vector: readonly unknown[]): string =>
  Buffer.from(Float32Array.from(vector, Number).buffer).toString("base64");

/** A room for one answer after the other, of which only one is in memory. */
export function reusedRoom(room: Room): Room & { empty: () => void } {
  let bytes = 0;
  let takenBytes = 0;
  return {
    empty: () => {
      bytes = 0;
    },
    take: (more) => {
      bytes += more;
      if (bytes <= takenBytes) return null;
      const failed = room.take(bytes - takenBytes);
      takenBytes = bytes;
      return failed;
    },
    isFree: room.isFree,
  };
}
