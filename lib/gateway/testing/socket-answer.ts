import type { Socket } from "node:net";

/** What a gateway answers on a connection: its status, its head and its body, whose end is that of a JSON object. */
export function socketAnswer(socket: Socket): Promise<{ status: number; head: string; text: string }> {
  return new Promise((resolve) => {
    let heard = "";
    socket.on("data", (part) => {
      heard += part;
      if (!heard.endsWith("}")) return;
      const end = heard.indexOf("\r\n\r\n");
      resolve({ status: Number(heard.slice(9, 12)), head: heard.slice(0, end), text: heard.slice(end + 4) });
    });
  });
}
