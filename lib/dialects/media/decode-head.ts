/** The first bytes of a file in base64. */
export const decodeHead = (base64: string, bytes: number): Buffer =>
  Buffer.from(base64.slice(0, Math.ceil(bytes / 3) * 4), "base64");
