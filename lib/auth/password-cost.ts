/** RFC 7914 with OWASP's minimum of memory: 128·N·r = 32 MiB and some 100 ms per attempt. */
export const COST = { N: 2 ** 15, r: 8, p: 1 } as const;
