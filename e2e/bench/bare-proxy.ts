import { Agent, createServer, request } from "node:http";

// The baseline: what any gateway in Node pays for forwarding a request. It parses and checks nothing.
const [, , port, upstreamPort] = process.argv;
const agent = new Agent({ keepAlive: true });

createServer((incoming, outgoing) => {
  const { method, url: path, headers } = incoming;
  const upstream = request(
    { host: "127.0.0.1", port: upstreamPort, method, path, headers, agent },
    (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    },
  );
  upstream.on("error", () => outgoing.destroy());
  incoming.pipe(upstream);
}).listen(Number(port), "127.0.0.1");
