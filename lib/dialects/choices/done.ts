/** The terminal event of a stream. */
export const DONE = Buffer.from("data: [DONE]\n\n");
