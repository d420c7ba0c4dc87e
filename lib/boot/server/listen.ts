import type { Server } from "node:http";
import { StartUpError } from "#lib/config/start-up-error";

/**
 * Binds the port before anything slow happens, so that a taken one is told at once.
 * @returns the port, which the system chooses for 0
 * @throws StartUpError saying why it cannot be bound and what to do
 */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(new StartUpError(listenProblem(error, port, host))));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : port;
}

function listenProblem(error: Error, port: number, host: string): string {
  const code = "code" in error ? error.code : undefined;
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} is in use: stop what runs there, or set PORT to another one.`;
    case "EACCES":
      return `Port ${port} needs more rights than this user has: set PORT to one above 1023.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `HOST ${host} is no address of this machine: correct it, or unset it to listen on all of them.`;
    default:
      return `Cannot listen on ${host}:${port} (${error.message}): set HOST and PORT to an address of this machine.`;
  }
}

/** The address to open on this machine. */
export function localUrl(host: string, port: number): string {
  const everywhere = host === "0.0.0.0" || host === "::";
  const name = everywhere ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
