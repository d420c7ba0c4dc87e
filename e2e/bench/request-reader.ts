const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * Creates a reader for one connection's requests. It calls `onRequest` with each complete body and its path, and throws for
 * a request without a length.
 */
export function requestReader(onRequest: (body: string, path: string) => void): (bytes: Buffer) => void {
  let kept: Buffer = Buffer.alloc(0);
  return (received) => {
    const bytes = kept.length > 0 ? Buffer.concat([kept, received]) : received;
    let at = 0;
    for (;;) {
      const headEnd = bytes.indexOf(HEAD_END, at);
      if (headEnd < 0) break;
      const head = bytes.toString("latin1", at, headEnd);
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
      if (length === undefined && !head.startsWith("GET "))
        throw new Error(`A request without a length: ${head}`);
      const from = headEnd + HEAD_END.length;
      const to = from + Number(length ?? 0);
      if (to > bytes.length) break;
      onRequest(bytes.toString("utf8", from, to), head.split(" ", 2)[1] ?? "");
      at = to;
    }
    kept = at < bytes.length ? Buffer.from(bytes.subarray(at)) : Buffer.alloc(0);
  };
}
