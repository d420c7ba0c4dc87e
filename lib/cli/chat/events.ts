/**
 * The `data:` of each event of an SSE stream as it arrives, up to `[DONE]`.
 * @returns whether the stream ended with `[DONE]`
 */
export async function* eventData(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<string, { complete: boolean }> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r?\n/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("data:")) continue;
      const data = line.slice("data:".length).trimStart();
      if (data === "[DONE]") return { complete: true };
      yield data;
    }
  }
  return { complete: false };
}
