/** An HTTP/1.1 answer with what the load generator checks. */
export type ReceivedAnswer = {
  status: number;
  head: string;
  /** The body's pieces without chunk framing. */
  pieces: Buffer[];
  bodyBytes: number;
};

type State = "head" | "whole" | "chunk_size" | "chunk_data" | "chunk_end" | "trailer";

const HEAD_END = Buffer.from("\r\n\r\n");
const LINE_END = Buffer.from("\r\n");

/**
 * Creates a reader for one connection's answers. It calls `onAnswer` with each complete answer, and throws for bytes that
 * it cannot parse.
 */
export function responseReader(onAnswer: (answer: ReceivedAnswer) => void): (bytes: Buffer) => void {
  let state: State = "head";
  let kept: Buffer = Buffer.alloc(0);
  let answer: ReceivedAnswer = { status: 0, head: "", pieces: [], bodyBytes: 0 };
  let missingBytes = 0;

  function take(bytes: Buffer, from: number): number {
    const to = Math.min(bytes.length, from + missingBytes);
    if (to > from) {
      answer.pieces.push(bytes.subarray(from, to));
      answer.bodyBytes += to - from;
      missingBytes -= to - from;
    }
    return to;
  }

  function readHead(bytes: Buffer, end: number): void {
    const head = bytes.toString("latin1", 0, end).toLowerCase();
    answer = { status: Number(head.slice(9, 12)), head, pieces: [], bodyBytes: 0 };
    const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
    if (/\r\ntransfer-encoding: *chunked/.test(head)) {
      state = "chunk_size";
    } else if (length !== undefined) {
      missingBytes = Number(length);
      state = "whole";
    } else throw new Error(`An answer without a length: ${head}`);
  }

  function finish(): void {
    state = "head";
    onAnswer(answer);
  }

  /** Reads one step from `at`. @returns where it stopped, or -1 if it needs more bytes */
  function step(bytes: Buffer, at: number): number {
    if (state === "whole" || state === "chunk_data") {
      const to = take(bytes, at);
      if (missingBytes > 0) return to;
      if (state === "whole") finish();
      else state = "chunk_end";
      return to;
    }
    const wanted = state === "head" ? HEAD_END : LINE_END;
    const end = bytes.indexOf(wanted, at);
    if (end < 0) return -1;
    const next = end + wanted.length;
    if (state === "head") readHead(bytes.subarray(at), end - at);
    else if (state === "chunk_size") {
      missingBytes = Number.parseInt(bytes.toString("latin1", at, end), 16);
      if (Number.isNaN(missingBytes)) throw new Error("A chunk without a size.");
      state = missingBytes === 0 ? "trailer" : "chunk_data";
    } else if (state === "chunk_end") state = "chunk_size";
    else if (end === at) finish();
    return next;
  }

  return (received) => {
    const bytes = kept.length > 0 ? Buffer.concat([kept, received]) : received;
    let at = 0;
    while (at < bytes.length || (state === "whole" && missingBytes === 0)) {
      const next = step(bytes, at);
      if (next < 0) break;
      at = next;
    }
    kept = at < bytes.length ? Buffer.from(bytes.subarray(at)) : Buffer.alloc(0);
  };
}
