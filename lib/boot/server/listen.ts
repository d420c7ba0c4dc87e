import type { Server } from "node:http";
import { StartUpError } from "#lib/config/start-up-error";

/**
 * Binds the port before anything slow happens, so that a port in use is reported at once.
 * @returns the port; for 0 the system chooses one
 * @throws StartUpError with the reason and what to do
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
      return `Port ${port} is in use: stop the program that uses it, or set PORT to another port.`;
    case "EACCES":
      return `This user may not listen on port ${port}: set PORT to a port above 1023.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `HOST ${host} is not an address of this machine: correct it, or unset it to listen on all addresses.`;
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
