// @own-process: whom a process trusts and what it stamps is set once.

import { createServer, get, type IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { addressReader } from "./client-address";
import { PEER_HEADER, stampEveryPeer, stampedPeer } from "./peer-stamp";

const proxies = ["10.0.0.0/8", "127.0.0.0/8"];
const read = (remoteAddress: string | undefined, forwarded?: string, TRUSTED_PROXIES = proxies) =>
  addressReader({ TRUSTED_PROXIES, VERCEL: undefined })({
    socket: { remoteAddress },
    header: (name) => (name === "x-forwarded-for" ? (forwarded ?? null) : null),
  });

describe("the client's address", () => {
  test("is the connection's, whatever a header claims, if no proxy is trusted", () => {
    expect(read("203.0.113.7")).toBe("203.0.113.7");
    expect(read("203.0.113.7", "198.51.100.1")).toBe("203.0.113.7");
    expect(read("10.0.0.1", "198.51.100.1", [])).toBe("10.0.0.1");
  });

  test("behind trusted proxies is the last one that is not a proxy", () => {
    expect(read("10.0.0.1", "203.0.113.7")).toBe("203.0.113.7");
    expect(read("10.0.0.1", "203.0.113.7, 10.9.9.9,10.0.0.2")).toBe("203.0.113.7");
    expect(read("::ffff:10.0.0.1", "2001:DB8::1")).toBe("2001:db8::1");
    expect(read("10.0.0.1", "203.0.113.7:51000")).toBe("203.0.113.7");
  });

  test("is never an entry that the client added", () => {
    expect(read("10.0.0.1", "192.0.2.1, 203.0.113.7")).toBe("203.0.113.7");
    expect(read("10.0.0.1", "10.0.0.5, 203.0.113.7, 10.0.0.2")).toBe("203.0.113.7");
  });

  test("is the proxy's own for its own requests, and a client's within the trusted ranges", () => {
    expect(read("10.0.0.1")).toBe("10.0.0.1");
    expect(read("10.0.0.1", "")).toBe("10.0.0.1");
    expect(read("10.0.0.1", "10.7.7.7, 10.0.0.2")).toBe("10.7.7.7");
  });

  test("is unknown if a proxy hides it or the connection is closed", () => {
    expect(read("10.0.0.1", "203.0.113.7, unknown")).toBeNull();
    expect(read("10.0.0.1", "203.0.113.7,")).toBeNull();
    expect(read(undefined, "203.0.113.7")).toBeNull();
  });

  test("on Vercel is the one that Vercel wrote", () => {
    const onVercel = (forwarded: string, TRUSTED_PROXIES: string[] = []) =>
      addressReader({ TRUSTED_PROXIES, VERCEL: "1" })({
        socket: null,
        header: (name) => (name === "x-forwarded-for" ? forwarded : null),
      });
    expect(onVercel("203.0.113.7")).toBe("203.0.113.7");
    expect(onVercel("192.0.2.1, 203.0.113.7")).toBe("203.0.113.7");
    expect(onVercel("203.0.113.7, 10.0.0.1", proxies)).toBe("203.0.113.7");
  });
});

describe("under Next, which passes headers only", () => {
  const underNext = (headers: IncomingMessage["headers"]) =>
    addressReader({ TRUSTED_PROXIES: [], VERCEL: undefined })({
      socket: null,
      header: (name) => {
        const value = headers[name];
        return typeof value === "string" ? value : null;
      },
    });

  test("the server's stamp counts; forged headers do not", async () => {
    stampEveryPeer();
    const headers = await new Promise<IncomingMessage["headers"]>((resolve, reject) => {
      const server = createServer((request, response) => {
        response.end();
        server.close();
        resolve(request.headers);
      });
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        const port = address !== null && typeof address === "object" ? address.port : 0;
        const forged = { "x-forwarded-for": "192.0.2.1", [PEER_HEADER]: "guess 192.0.2.1" };
        get({ host: "127.0.0.1", port, headers: forged }).on("error", reject);
      });
    });
    expect(stampedPeer(String(headers[PEER_HEADER]))).toBe("127.0.0.1");
    expect(underNext(headers)).toBe("127.0.0.1");
  });

  test("without a stamp the address is unknown, whatever the headers", () => {
    expect(underNext({})).toBeNull();
    expect(underNext({ "x-forwarded-for": "192.0.2.1" })).toBeNull();
    expect(underNext({ [PEER_HEADER]: "guess 192.0.2.1" })).toBeNull();
  });
});
