import { answerBody, breakableBody, sendHead } from "./endless-body";
import { socketAnswer } from "./socket-answer";
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

function overNode(gate: TestGateway, framing: Readonly<Record<string, string>>): HeadOnly {
  const socket = sendHead(gate, { authorization: `Bearer ${gate.seeded.apiKey}`, ...framing });
  return { answered: socketAnswer(socket), isBodyRead: () => null, hangUp: () => socket.destroy() };
}

function overWeb(gate: TestGateway, framing: Readonly<Record<string, string>>): HeadOnly {
  let isRead = false;
  const { body, hangUp } = breakableBody(
    () => {
      isRead = true;
      return new Promise(() => {});
    },
    { highWaterMark: 0 },
  );
  const headers = { authorization: `Bearer ${gate.seeded.apiKey}`, ...framing };
  const answered = answerBody(gate, headers, body).then(async (answer) => ({
    status: answer.status,
    text: await answer.text(),
  }));
  return { answered, isBodyRead: () => isRead, hangUp };
}
