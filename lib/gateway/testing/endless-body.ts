import { connect, type Socket } from "node:net";
import { answerWeb } from "#lib/gateway/mounts/web";
import type { TestGateway } from "./test-gateway";

/** Opens a connection to the gateway and sends the head of a chat completion. */
export function sendHead({ url }: TestGateway, headers: Readonly<Record<string, string>>): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = Object.entries({ host: "x", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST /v1/chat/completions HTTP/1.1\r\n${lines.join("")}\r\n`);
  socket.on("error", () => {});
  return socket;
}

/** A body whose connection a test can break. @param pull sends the next part */
export function breakableBody(
  pull: UnderlyingDefaultSource<Uint8Array>["pull"],
  strategy?: QueuingStrategy<Uint8Array>,
): { body: ReadableStream<Uint8Array>; hangUp: () => void } {
  let hangUp = () => {};
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        hangUp = () => controller.error(new Error("the connection broke"));
      },
      pull,
    },
    strategy,
  );
  return { body, hangUp };
}

/** Passes a chat completion to the web mount, whose body a test writes. */
export const answerBody = (
  { gateway }: TestGateway,
  headers: Readonly<Record<string, string>>,
  body: ReadableStream<Uint8Array>,
): Promise<Response> => {
  const init = { method: "POST", headers, body, duplex: "half" };
  return answerWeb(gateway, new Request("http://tollgate/v1/chat/completions", init));
};
