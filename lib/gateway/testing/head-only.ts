import { connect } from "node:net";
import { answerWeb } from "#lib/gateway/mounts/web";
import type { TestGateway } from "./test-gateway";

/** A request whose head has arrived, and nothing else. */
export type HeadOnly = {
  /** The answer: its status, and its body as text. */
  answered: Promise<{ status: number; text: string }>;
  /** Whether the gateway has asked for the body; null where that cannot be seen. */
  isBodyRead: () => boolean | null;
  hangUp: () => void;
};

/** Sends the head of a chat completion. @param framing how its body is announced */
export type SendHead = (gate: TestGateway, framing: Readonly<Record<string, string>>) => HeadOnly;

export const HEAD_ONLY: readonly [mount: string, send: SendHead][] = [
  ["node", overNode],
  ["web", overWeb],
];

function overNode({ url, seeded }: TestGateway, framing: Readonly<Record<string, string>>): HeadOnly {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const headers = Object.entries({ host: "x", authorization: `Bearer ${seeded.apiKey}`, ...framing });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST /v1/chat/completions HTTP/1.1\r\n${lines.join("")}\r\n`);
  socket.on("error", () => {});
  const answered = new Promise<{ status: number; text: string }>((resolve) => {
    let text = "";
    socket.on("data", (heard) => {
      text += heard;
      if (!text.endsWith("}")) return;
      resolve({ status: Number(text.slice(9, 12)), text: text.slice(text.indexOf("\r\n\r\n") + 4) });
    });
  });
  return { answered, isBodyRead: () => null, hangUp: () => socket.destroy() };
}

function overWeb({ gateway, seeded }: TestGateway, framing: Readonly<Record<string, string>>): HeadOnly {
  let isRead = false;
  let hangUp = () => {};
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        hangUp = () => controller.error(new Error("the connection broke"));
      },
      pull() {
        isRead = true;
        return new Promise(() => {});
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { authorization: `Bearer ${seeded.apiKey}`, ...framing };
  const init = { method: "POST", headers, body, duplex: "half" };
  const answered = answerWeb(gateway, new Request("http://tollgate/v1/chat/completions", init)).then(
    async (answer) => ({ status: answer.status, text: await answer.text() }),
  );
  return { answered, isBodyRead: () => isRead, hangUp };
}
