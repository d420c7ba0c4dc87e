import { answerBody, breakableBody, sendHead } from "./endless-body";
import type { TestGateway } from "./test-gateway";

/** A request whose body never ends. */
export type Unfinished = {
  /** The answer, if one came before the end: its status, and its head and body as text. */
  answered: Promise<{ status: number; text: string }>;
  /** Breaks the connection. */
  hangUp: () => void;
};

const CHUNK_BYTES = 65_536;

/** Sends `bytes` of a longer chat completion, as fast as the mount reads, and stops when it is answered. */
export type SendUnfinished = (gate: TestGateway, apiKey: string, bytes: number) => Unfinished;

export const UNFINISHED: readonly [mount: string, send: SendUnfinished][] = [
  ["node", overNode],
  ["web", overWeb],
];

const headersOf = (apiKey: string, bytes: number) => ({
  authorization: `Bearer ${apiKey}`,
  "content-length": String(bytes + 1),
});

function overNode(gate: TestGateway, apiKey: string, bytes: number): Unfinished {
  const socket = sendHead(gate, headersOf(apiKey, bytes));
  let text = "";
  let sent = 0;
  const chunk = Buffer.alloc(CHUNK_BYTES, " ");
  const send = () => {
    while (sent < bytes && text === "") {
      sent += CHUNK_BYTES;
      if (!socket.write(sent > bytes ? chunk.subarray(0, bytes + CHUNK_BYTES - sent) : chunk)) return;
    }
  };
  socket.on("drain", send);
  send();
  const answered = new Promise<{ status: number; text: string }>((resolve) => {
    socket.on("data", (heard) => {
      text += heard;
      if (text.endsWith("}")) resolve({ status: Number(text.slice(9, 12)), text });
    });
  });
  return { answered, hangUp: () => socket.destroy() };
}

function overWeb(gate: TestGateway, apiKey: string, bytes: number): Unfinished {
  let sent = 0;
  const { body, hangUp } = breakableBody(async (controller) => {
    await new Promise(setImmediate);
    if (sent >= bytes) return new Promise(() => {});
    const size = Math.min(CHUNK_BYTES, bytes - sent);
    sent += size;
    controller.enqueue(Buffer.alloc(size, " "));
  });
  const answered = answerBody(gate, headersOf(apiKey, bytes), body).then(async (answer) => ({
    status: answer.status,
    text: `${JSON.stringify([...answer.headers])} ${await answer.text()}`,
  }));
  return { answered, hangUp };
}
